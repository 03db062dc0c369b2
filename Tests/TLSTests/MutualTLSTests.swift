import COpenSSL
import TestSupport
import Testing

@testable import TLS

@Suite("with client authorities")
struct MutualTLSTests {
    private let authority: ServerCertificate
    private let authorities: ClientAuthorities
    private let context: TLSServerContext

    private static let versions: [CInt] = [TLS1_2_VERSION, TLS1_3_VERSION]

    init() throws {
        authority = try IssuedCertificate.make("client CA", .authority)
        authorities = try ClientAuthorities(pem: authority.certificatePEM())
        context = try TestCertificate.shared.context(clientAuthorities: authorities)
    }

    /// A connection's attempt with a client certificate.
    /// - Returns: The connection, and what the client was told: nil when it was served.
    private func attempt(_ version: CInt, _ certificate: ServerCertificate?) throws -> (TLSPair, refusal: String?) {
        let pair = try TLSPair(context: context, client: TestClient(version: version, certificate: certificate))
        do {
            try pair.handshake()
            // In TLS 1.3 the server judges after the client is done.
            _ = try pair.client.read()
            return (pair, nil)
        } catch let failure as TestClient.Failure {
            return (pair, failure.description)
        }
    }

    @Test("a client with a certificate of an authority is served", arguments: versions)
    func served(version: CInt) throws {
        let (pair, refusal) = try attempt(version, IssuedCertificate.make("caller", .client, issuer: authority))
        #expect(refusal == nil)
        #expect(pair.recorder.observations == [.active, .handshakeCompleted(nil)])
        #expect(pair.reports.map(\.result) == [.success])
    }

    @Test(
        "a client without a certificate is told so, and so is the server",
        arguments: [(TLS1_2_VERSION, "handshake failure"), (TLS1_3_VERSION, "certificate required")])
    func none(version: CInt, alert: String) throws {
        let (pair, refusal) = try attempt(version, nil)
        #expect(refusal?.contains("alert \(alert)") == true, "\(refusal ?? "served")")
        #expect(pair.recorder.observations == [.active, .error(.clientCertificateRefused), .inactive])
        #expect(pair.reports.map(\.result) == [.clientCertificate])
        #expect(pair.errors.map(\.description) == ["the client's certificate is refused: it presented none"])
    }

    @Test("a client of another authority is refused, even one of the same name", arguments: versions)
    func otherAuthority(version: CInt) throws {
        let impostor = try IssuedCertificate.make("client CA", .authority)
        let (pair, refusal) = try attempt(version, IssuedCertificate.make("caller", .client, issuer: impostor))
        #expect(refusal?.contains("alert unknown ca") == true || refusal?.contains("alert decrypt error") == true, "\(refusal ?? "served")")
        #expect(pair.recorder.observations == [.active, .error(.clientCertificateRefused), .inactive])
    }

    @Test("a server's certificate of the authority is no client's", arguments: versions)
    func purpose(version: CInt) throws {
        let (pair, refusal) = try attempt(version, IssuedCertificate.make("server", .server, issuer: authority))
        #expect(refusal?.contains("alert unsupported certificate") == true, "\(refusal ?? "served")")
        #expect(pair.errors.map(\.description) == ["the client's certificate is refused: unsuitable certificate purpose"])
    }

    @Test("an expired client is refused", arguments: versions)
    func expired(version: CInt) throws {
        let old = try IssuedCertificate.make("caller", .client, issuer: authority, days: 1, from: .now - 3 * .day)
        let (pair, refusal) = try attempt(version, old)
        #expect(refusal?.contains("alert certificate expired") == true, "\(refusal ?? "served")")
        #expect(pair.errors.map(\.description) == ["the client's certificate is refused: certificate has expired"])
    }

    @Test("an intermediate authority in the bundle is enough")
    func partialChain() throws {
        let intermediate = try IssuedCertificate.make("intermediate", .authority, issuer: authority)
        let context = try TestCertificate.shared.context(clientAuthorities: ClientAuthorities(pem: intermediate.certificatePEM()))
        let served = try TLSPair(
            context: context, client: TestClient(certificate: IssuedCertificate.make("caller", .client, issuer: intermediate)))
        try served.handshake()
        #expect(served.recorder.observations == [.active, .handshakeCompleted(nil)])
        let refused = try TLSPair(
            context: context, client: TestClient(certificate: IssuedCertificate.make("caller", .client, issuer: authority)))
        try refused.handshake()
        #expect(refused.recorder.observations == [.active, .error(.clientCertificateRefused), .inactive])
    }

    // MARK: Tickets

    private func resumes(_ context: TLSServerContext, _ version: CInt, after first: TLSServerContext, _ client: ServerCertificate?) throws
        -> Bool
    {
        let before = try TLSPair.exchanged(context: first, client: TestClient(version: version, certificate: client))
        let after = try TLSPair.exchanged(
            context: context, client: TestClient(version: version, session: before.client.session, certificate: client))
        #expect(after.reports.map(\.isResumed) == [after.client.isResumed])
        return after.client.isResumed
    }

    @Test("a client's session is resumed under the same authorities only", arguments: versions)
    func resumption(version: CInt) throws {
        let client = try IssuedCertificate.make("caller", .client, issuer: authority)
        let keys = try SessionTicketKeys()
        func context(_ authorities: ClientAuthorities?) throws -> TLSServerContext {
            try TestCertificate.shared.context(clientAuthorities: authorities, ticketKeys: keys)
        }
        let mutual = try context(authorities)
        #expect(try resumes(context(authorities), version, after: mutual, client))
        let other = try IssuedCertificate.make("other CA", .authority).certificatePEM()
        let more = try ClientAuthorities(pem: authority.certificatePEM() + other)
        #expect(try !resumes(context(more), version, after: mutual, client))
        #expect(try !resumes(context(nil), version, after: mutual, client))
        #expect(try !resumes(mutual, version, after: context(nil), client))
    }

    @Test("a ticket does not outlive the client's certificate", .timeLimit(.minutes(1)), arguments: versions)
    func expiredSession(version: CInt) async throws {
        let client = try IssuedCertificate.make("caller", .client, issuer: authority, days: 1, from: .now - .day + 3)
        // The pair is not kept: its event loop belongs to this thread, and the test may go on in another one.
        let session = try TLSPair.exchanged(context: context, client: TestClient(version: version, certificate: client)).client.session
        try await poll("the certificate has expired") { Int64.now > client.leaf.notAfter }
        let after = try TLSPair(context: context, client: TestClient(version: version, session: session, certificate: client))
        #expect(throws: TestClient.Failure.self) {
            try after.handshake()
            _ = try after.client.read()
        }
        #expect(after.errors.map(\.code) == [.clientCertificateRefused])
    }
}

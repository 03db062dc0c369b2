import TLS
import Testing

@Suite("an authority that is kept")
struct AuthorityTests {
    private static let now: Int64 = 1_800_000_000

    private func authority() throws -> CertificateAuthority {
        try CertificateAuthority(commonName: "CA", validity: CertificateValidity(seconds: 60, from: Self.now))
    }

    @Test("goes on issuing after it was written and read")
    func roundTrip() throws {
        let made = try authority()
        let read = try CertificateAuthority(
            certificatePEM: made.certificate.pem(), privateKeyPEM: made.privateKeyPEM(), name: "a Secret")
        let certificate = try read.issue(for: [.dnsName("a.example")], validity: CertificateValidity(seconds: 30, from: Self.now))
        #expect(certificate.leaf.isIssued(by: made.certificate))
        #expect(certificate.notAfter == Self.now + 30)
    }

    @Test("is told from another one of the same name, and from its own certificates")
    func issuer() throws {
        let (one, other) = (try authority(), try authority())
        let certificate = try one.issue(for: [.dnsName("a.example")], validity: CertificateValidity(seconds: 30, from: Self.now))
        #expect(one.certificate.subject == other.certificate.subject)
        #expect(certificate.leaf.isIssued(by: one.certificate))
        #expect(!certificate.leaf.isIssued(by: other.certificate))
        #expect(!certificate.leaf.isIssued(by: certificate.leaf))
        #expect(one.certificate.isAuthority && !certificate.leaf.isAuthority)
    }

    @Test("is refused with the key of another one, and as a server's certificate")
    func refused() throws {
        let (one, other) = (try authority(), try authority())
        let server = try one.issue(for: [.dnsName("a.example")], validity: CertificateValidity(seconds: 30, from: Self.now))
        let mismatch = #expect(throws: CertificateError.self) {
            try CertificateAuthority(certificatePEM: one.certificate.pem(), privateKeyPEM: other.privateKeyPEM(), name: "a Secret")
        }
        #expect(mismatch?.code == .keyMismatch)
        let leaf = #expect(throws: CertificateError.self) {
            try CertificateAuthority(certificatePEM: server.chainPEM(), privateKeyPEM: server.privateKeyPEM(), name: "a Secret")
        }
        #expect(leaf?.code == .refused)
    }

    @Test("a validity is of one second to a hundred years", arguments: [0, -1, 36_501 * 86_400, .max])
    func validity(seconds: Int64) {
        #expect(throws: CertificateError.self) { try CertificateValidity(seconds: seconds, from: Self.now) }
    }
}

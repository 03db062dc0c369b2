import COpenSSL
import NIOConcurrencyHelpers
import Testing

@testable import TLS

@Suite("session tickets")
struct SessionTicketTests {
    private static let versions: [CInt] = [TLS1_2_VERSION, TLS1_3_VERSION]

    /// A clock that is put forward by hand.
    private final class HandClock: Sendable {
        private let time = NIOLockedValueBox(ContinuousClock.now)

        var now: ContinuousClock.Instant { time.withLockedValue { $0 } }

        func advance(by duration: Duration) {
            time.withLockedValue { $0 += duration }
        }
    }

    private let clock = HandClock()
    private let keys: SessionTicketKeys
    private let context: TLSServerContext

    init() throws {
        keys = try SessionTicketKeys(rotation: .seconds(3600), lifetime: .seconds(7200)) { [clock] in clock.now }
        context = try TestCertificate.shared.context(ticketKeys: keys)
    }

    private func connect(_ version: CInt, _ session: TestClient.Session? = nil, to context: TLSServerContext? = nil) throws -> TLSPair {
        try TLSPair.exchanged(context: context ?? self.context, client: TestClient(version: version, session: session))
    }

    @Test("a session is resumed, and the report says so", arguments: versions)
    func resumption(version: CInt) throws {
        let first = try connect(version)
        #expect(first.reports.map(\.isResumed) == [false])
        let second = try connect(version, first.client.session)
        #expect(second.client.isResumed)
        #expect(second.reports.map(\.isResumed) == [true])
    }

    @Test("a ticket says how long it is good for, and promises no early data")
    func promises() throws {
        let session = try connect(TLS1_3_VERSION).client.session
        #expect(session?.lifetime == 7200)
        #expect(session?.maximumEarlyData == 0)
    }

    @Test("a session survives a new certificate", arguments: versions)
    func reload(version: CInt) throws {
        let session = try connect(version).client.session
        let renewed = try DevelopmentCertificates(dnsNames: ["renewed"], ipAddresses: [], days: 2, at: .now).serverCertificate
        let after = try TLSServerContext(certificate: renewed, alpn: ["http/1.1"], ticketKeys: keys)
        #expect(try connect(version, session, to: after).client.isResumed)
    }

    @Test("a session is resumed after its key was rotated, and gets a ticket of the new key", arguments: versions)
    func rotation(version: CInt) throws {
        let session = try #require(try connect(version).client.session)
        clock.advance(by: .seconds(3600))
        let other = try #require(try connect(version).client.session)
        #expect(session.ticket.prefix(16) != other.ticket.prefix(16), "the name of the key")
        let second = try connect(version, session)
        #expect(second.client.isResumed)
        #expect(second.client.session?.ticket.prefix(16) == other.ticket.prefix(16))
    }

    @Test("a ticket of the current key is not renewed in TLS 1.2")
    func noRenewal() throws {
        let session = try #require(try connect(TLS1_2_VERSION).client.session)
        clock.advance(by: .seconds(3599))
        #expect(try connect(TLS1_2_VERSION, session).client.session?.ticket == session.ticket)
    }

    @Test("a ticket whose key is forgotten makes a full handshake", arguments: versions)
    func forgotten(version: CInt) throws {
        let session = try connect(version).client.session
        clock.advance(by: .seconds(3600 + 7200))
        let second = try connect(version, session)
        #expect(!second.client.isResumed)
        #expect(second.reports.map(\.result) == [.success])
    }

    @Test("a ticket of another process, or one that was tampered with, makes a full handshake", arguments: versions)
    func foreign(version: CInt) throws {
        let foreign = try connect(version, to: TestCertificate.shared.context()).client.session
        #expect(try !connect(version, foreign).client.isResumed)
    }

    @Test("the ring forgets a key when no ticket of it can be good any more")
    func ring() throws {
        let start = ContinuousClock.now
        let first = try #require(TicketKey())
        let second = try #require(TicketKey())
        weak var forgotten: TicketKey?
        var ring = TicketKeyRing(rotation: .seconds(60), lifetime: .seconds(120), key: first, now: start)
        #expect(ring.current(at: start + .seconds(59)) === first)
        #expect(ring.current(at: start + .seconds(60)) == nil)
        ring.rotate(to: second, now: start + .seconds(60))
        #expect(ring.current(at: start + .seconds(60)) === second)
        #expect(ring.key(named: first, at: start + .seconds(179)) === first)
        #expect(ring.key(named: first, at: start + .seconds(180)) == nil)
        do {
            let third = try #require(TicketKey())
            forgotten = third
            ring.rotate(to: third, now: start + .seconds(120))
        }
        #expect(forgotten != nil)
        ring.rotate(to: try #require(TicketKey()), now: start + .seconds(300))
        #expect(forgotten == nil, "its memory is wiped when the last reference goes")
    }
}

extension TicketKeyRing {
    fileprivate func key(named key: TicketKey, at now: ContinuousClock.Instant) -> TicketKey? {
        var name = [UInt8](repeating: 0, count: 16)
        var iv = name
        guard let cipher = EVP_CIPHER_CTX_new(), let algorithm = EVP_MAC_fetch(nil, "HMAC", nil), let mac = EVP_MAC_CTX_new(algorithm)
        else {
            return nil
        }
        defer {
            EVP_CIPHER_CTX_free(cipher)
            EVP_MAC_CTX_free(mac)
            EVP_MAC_free(algorithm)
        }
        guard key.seal(name: &name, iv: &iv, cipher, mac) else { return nil }
        return self.key(named: name, at: now)
    }
}

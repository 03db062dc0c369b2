import JSON
import NIOCore
import TLS
import TestSupport
import Testing

@testable import ClusterCertificates

@Suite("what the Secret holds")
struct SharedCertificatesTests {
    private static let now: Int64 = 1_800_000_000
    private static let lifetimes = CertificateLifetimes(authority: 900, certificate: 300, settling: .seconds(5))
    private static let names = [SubjectAlternativeName.dnsName("dbmmo-webhook.dbmmo-system.svc")]

    private func first(trusting known: [Certificate] = []) throws -> SharedCertificates {
        try SharedCertificates.first(for: Self.names, trusting: known, Self.lifetimes, at: Self.now)
    }

    private func reread(_ certificates: SharedCertificates) throws -> SharedCertificates {
        let text = try certificates.secret(namespace: "dbmmo-system", name: "certs", resourceVersion: "7")
        return try SharedCertificates(reading: try JSONDocument(parsing: text).root, name: "Secret")
    }

    @Test("is read as it was written")
    func roundTrip() throws {
        let first = try first()
        let rotated = try first.rotated(trustingUntil: Self.now + 300, Self.lifetimes, at: Self.now)
        let renewed = try rotated.renewed(for: Self.names, Self.lifetimes, at: Self.now)
        let waiting = try self.first(trusting: [first.authority.certificate])
        for certificates in [first, rotated, renewed, waiting] {
            let again = try reread(certificates)
            #expect(again == certificates)
            #expect(again.bundle == certificates.bundle)
        }
        #expect(waiting.leaf == nil)
        #expect(rotated.leaf?.leaf.sha256Fingerprint == first.leaf?.leaf.sha256Fingerprint)
        #expect(!rotated.isLeafCurrent && renewed.isLeafCurrent)
    }

    @Test("holds the key of the authority that signs, and of no other")
    func keys() throws {
        let first = try first()
        let rotated = try first.rotated(trustingUntil: Self.now + 300, Self.lifetimes, at: Self.now)
        let text = String(buffer: try rotated.secret(namespace: "a", name: "b", resourceVersion: nil))
        let old = ByteBuffer(bytes: try first.authority.privateKeyPEM())
        #expect(!text.contains(String(buffer: old)))
        #expect(try reread(rotated).authority.privateKeyPEM() == rotated.authority.privateKeyPEM())
    }

    @Test(
        "is refused when its parts do not belong together, and the message shows no key",
        arguments: [
            #""ca.crt":"""#, #""ca.crt":"!""#, #""ca.key":"AAAA""#, #""tls.key":null"#, #""tls.crt":"LS0tLS1CRUdJTiA=""#
        ])
    func broken(change: String) throws {
        let text = String(buffer: try first().secret(namespace: "a", name: "b", resourceVersion: "7"))
        let name = try #require(change.split(separator: ":").first)
        let broken = text.replacing(try Regex("\(name):\"[^\"]*\""), with: change)
        #expect(broken != text)
        #expect {
            _ = try SharedCertificates(reading: try JSONDocument(parsing: ByteBuffer(string: broken)).root, name: "Secret a/b")
        } throws: { error in
            "\(error)".contains("Secret a/b") && !"\(error)".contains("PRIVATE KEY-----\n")
        }
    }

    @Test("a certificate of another authority does not belong to it")
    func foreignLeaf() throws {
        let (one, other) = (try first(), try first())
        #expect(throws: CertificateError.self) {
            try SharedCertificates(authority: one.authority, retired: [], leaf: other.leaf)
        }
    }

    @Test("an authority that somebody edited the end away from is trusted as long as it can be")
    func unknownEnd() throws {
        let rotated = try first().rotated(trustingUntil: Self.now + 300, Self.lifetimes, at: Self.now)
        let text = String(buffer: try rotated.secret(namespace: "a", name: "b", resourceVersion: "7"))
        let edited = text.replacing("trusted-until", with: "something-else")
        let read = try SharedCertificates(reading: try JSONDocument(parsing: ByteBuffer(string: edited)).root, name: "Secret")
        #expect(read.retired.first?.until == rotated.retired.first?.certificate.notAfter)
    }

    @Test("names all authorities that registrations trusted, and serves nothing until the new one is known")
    func knownAuthorities() throws {
        let foreign = try first()
        let certificates = try first(trusting: [foreign.authority.certificate])
        #expect(certificates.leaf == nil)
        #expect(certificates.trusted.map(\.sha256Fingerprint).contains(foreign.authority.certificate.sha256Fingerprint))
    }
}

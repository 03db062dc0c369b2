import Testing

@testable import TLS

@Suite("the authorities of clients")
struct ClientAuthoritiesTests {
    private func expectFailure(
        _ pem: [UInt8], _ code: CertificateError.Code, mentioning text: String = "clients.pem",
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: CertificateError.self, sourceLocation: sourceLocation) {
            try ClientAuthorities(pem: pem, name: "clients.pem")
        }
        #expect(error?.code == code, sourceLocation: sourceLocation)
        #expect(error?.description.contains(text) == true, "\(error?.description ?? "")", sourceLocation: sourceLocation)
    }

    @Test("a bundle is read whole, in order, text between the certificates left aside")
    func bundle() throws {
        let old = try IssuedCertificate.make("old CA", .authority)
        let new = try IssuedCertificate.make("new CA", .authority)
        let pem = try Array("# of 2024\n".utf8) + old.certificatePEM() + Array("# of 2026\n".utf8) + new.certificatePEM()
        #expect(try ClientAuthorities(pem: pem).certificates.map(\.subject) == ["CN=old CA", "CN=new CA"])
    }

    @Test("the digest names the set of authorities, whatever the text and the order")
    func digest() throws {
        let one = try IssuedCertificate.make("one", .authority).certificatePEM()
        let other = try IssuedCertificate.make("other", .authority).certificatePEM()
        let digest = try ClientAuthorities(pem: one + other).digest
        #expect(try ClientAuthorities(pem: Array("# turned round\n".utf8) + other + one + one).digest == digest)
        #expect(try ClientAuthorities(pem: one).digest != digest)
    }

    @Test("an empty file, and one that is not PEM, are refused", arguments: ["", "\n", "not PEM at all"])
    func notPEM(text: String) {
        expectFailure(Array(text.utf8), .notPEM)
    }

    @Test("a key in the place of a certificate is refused")
    func key() throws {
        expectFailure(try IssuedCertificate.make("CA", .authority).privateKeyPEM(), .noCertificate)
    }

    @Test("a bundle cut off in its second certificate is not taken for a shorter one")
    func truncated() throws {
        let pem = try IssuedCertificate.make("CA", .authority).certificatePEM()
        expectFailure(pem + pem.prefix(200), .unparsableCertificate, mentioning: "certificate 2 of clients.pem")
    }

    @Test("a certificate that is not an authority's is refused by its name")
    func leaf() throws {
        let leaf = try IssuedCertificate.make("somebody", .client).certificatePEM()
        expectFailure(leaf, .refused, mentioning: "CN=somebody is not that of a CA")
    }
}

/// The certificate authorities whose clients a server serves, and no others (mutual TLS).
public struct ClientAuthorities: Sendable {
    /// At least one, in the order of the bundle.
    public let certificates: [Certificate]

    /// Names the set, in whatever order.
    let digest: SHA256Digest

    /// Reads a bundle of certificates in PEM.
    ///
    /// An authority that has expired, or is not valid yet, is kept: bundles overlap when an authority is replaced. Its clients are
    /// refused one by one.
    ///
    /// - Parameters:
    ///   - pem: The certificates one after the other.
    ///   - name: What messages call it, its path for one.
    /// - Throws: `CertificateError.Code.notPEM`, `.noCertificate`, `.unparsableCertificate`; `.refused` for a server's or client's own
    ///   certificate in the place of an authority's.
    public init(pem: [UInt8], name: String = "the client CA file") throws(CertificateError) {
        certificates = try Certificate.all(inPEM: pem, name: name)
        for certificate in certificates where !certificate.handle.isAuthority {
            throw CertificateError(.refused, "\(name): the certificate of \(certificate.subject) is not that of a CA")
        }
        let fingerprints = Set(certificates.map(\.sha256Fingerprint)).sorted()
        guard let digest = SHA256Digest(of: Array(fingerprints.joined().utf8)) else {
            throw CertificateError(.refused, "OpenSSL cannot digest \(name): \(OpenSSLErrorQueue.drainText())")
        }
        self.digest = digest
    }
}

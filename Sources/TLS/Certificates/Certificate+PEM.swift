extension Certificate {
    /// All certificates of a PEM file in order, at least one.
    /// - Parameter name: What messages call the file.
    /// - Throws: `CertificateError.Code.notPEM`, `.noCertificate` or `.unparsableCertificate`.
    public static func all(inPEM bytes: [UInt8], name: String) throws(CertificateError) -> [Certificate] {
        let handles: [X509Handle]
        do {
            handles = try PEM.certificates(bytes)
        } catch {
            switch error {
            case .notPEM:
                throw CertificateError(.notPEM, "\(name) is not PEM: it has no BEGIN line")
            case .notFound, .encrypted:
                throw CertificateError(.noCertificate, "\(name) has no certificate")
            case .unparsable(let block, let reason):
                throw CertificateError(.unparsableCertificate, "certificate \(block) of \(name) cannot be parsed: \(reason)")
            }
        }
        var certificates: [Certificate] = []
        for handle in handles {
            guard let certificate = Certificate(handle) else {
                throw CertificateError(
                    .unparsableCertificate, "certificate \(certificates.count + 1) of \(name) cannot be parsed: its validity is malformed")
            }
            certificates.append(certificate)
        }
        return certificates
    }

    /// The certificate in PEM.
    /// - Throws: `CertificateError.Code.issuingFailed` when memory is short.
    public func pem() throws(CertificateError) -> [UInt8] {
        try PEM.written(PEM.encode(handle))
    }
}

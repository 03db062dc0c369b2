extension Certificate {
    /// All certificates of a PEM file in order, at least one.
    /// - Parameter name: What messages call the file.
    /// - Throws: `CertificateError.Code.notPEM`, `.noCertificate` or `.unparsableCertificate`.
    static func all(inPEM bytes: [UInt8], name: String) throws(CertificateError) -> [Certificate] {
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
}

/// A directory that holds a server's certificate the way cert-manager and Kubernetes Secrets lay it out: the chain in
/// `tls.crt`, the private key in `tls.key`.
public struct CertificateDirectory: Hashable, Sendable {
    public let path: String

    public init(_ path: String) {
        self.path = path
    }

    /// Reads the certificate, which must be usable at a time.
    /// - Parameter now: Seconds since 1970-01-01T00:00:00Z.
    /// - Throws: `CertificateError`, one line that names the file.
    public func load(at now: Int64) throws(CertificateError) -> ServerCertificate {
        let files = CertificateFiles(self)
        return try files.parse(files.settle(files.read()), at: now).0
    }

    /// Whether there is a certificate, good or bad.
    public var hasCertificate: Bool { SmallFile.exists("\(path)/\(FileName.certificate)") }

    enum FileName {
        static let certificate = "tls.crt"
        static let privateKey = "tls.key"
        static let authorityCertificate = "ca.crt"
        static let authorityPrivateKey = "ca.key"
    }
}

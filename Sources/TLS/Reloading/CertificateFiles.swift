/// Where a server's certificate and the authorities of its clients are found.
public struct CertificateFiles: Sendable {
    private enum Source {
        case directory(CertificateDirectory)
        case held(HeldCertificate)
    }

    private let source: Source
    /// The path of a PEM bundle; nil when clients need no certificate.
    public let clientAuthorities: String?

    public init(_ directory: CertificateDirectory, clientAuthorities: String? = nil) {
        source = .directory(directory)
        self.clientAuthorities = clientAuthorities
    }

    /// The certificate is not in files.
    public init(_ held: HeldCertificate, clientAuthorities: String? = nil) {
        source = .held(held)
        self.clientAuthorities = clientAuthorities
    }

    /// What the files hold.
    struct Contents: Sendable {
        let certificate: [UInt8]
        let privateKey: [UInt8]
        let clientAuthorities: [UInt8]?
        /// Of all of it.
        let digest: SHA256Digest
    }

    private static let attempts = 5

    private var certificatePath: String { "\(place)/\(CertificateDirectory.FileName.certificate)" }
    private var privateKeyPath: String { "\(place)/\(CertificateDirectory.FileName.privateKey)" }

    private var place: String {
        switch source {
        case .directory(let directory): directory.path
        case .held(let held): held.name
        }
    }

    /// Reads the files one after the other. While they are being replaced, they may not belong together.
    /// - Throws: `CertificateError.Code.missingFile` or `.unreadableFile`.
    func read(with reader: FileReader = SmallFile.read) throws(CertificateError) -> Contents {
        let (certificate, privateKey) =
            switch source {
            case .directory: (try reader(certificatePath), try reader(privateKeyPath))
            case .held(let held): held.pem
            }
        var authorities: [UInt8]?
        if let clientAuthorities { authorities = try reader(clientAuthorities) }
        guard let digest = SHA256Digest(ofParts: [certificate, privateKey, authorities ?? []]) else {
            throw CertificateError(.unreadableFile, "OpenSSL cannot digest \(certificatePath): \(OpenSSLErrorQueue.drainText())")
        }
        return Contents(certificate: certificate, privateKey: privateKey, clientAuthorities: authorities, digest: digest)
    }

    /// Reads the files until two readings in a row are the same: then nothing changed between the first file and the last.
    /// - Parameter first: A reading of just now.
    func settle(_ first: Contents, with reader: FileReader = SmallFile.read) throws(CertificateError) -> Contents {
        var contents = first
        for _ in 0..<Self.attempts {
            let again = try read(with: reader)
            guard again.digest != contents.digest else { break }
            contents = again
        }
        return contents
    }

    /// Makes certificates of what was read. They must be usable at a time.
    /// - Parameter now: Seconds since 1970-01-01T00:00:00Z.
    /// - Throws: `CertificateError`, one line that names the file.
    func parse(_ contents: Contents, at now: Int64) throws(CertificateError) -> (ServerCertificate, ClientAuthorities?) {
        let certificate = try ServerCertificate(
            certificatePEM: contents.certificate, privateKeyPEM: contents.privateKey, certificateName: certificatePath,
            privateKeyName: privateKeyPath)
        do {
            try certificate.checkValidity(at: now)
        } catch {
            throw CertificateError(error.code, "\(certificatePath): \(error.description)")
        }
        var authorities: ClientAuthorities?
        if let bytes = contents.clientAuthorities, let clientAuthorities {
            authorities = try ClientAuthorities(pem: bytes, name: clientAuthorities)
        }
        return (certificate, authorities)
    }
}

/// Reads a file whole.
typealias FileReader = (_ path: String) throws(CertificateError) -> [UInt8]

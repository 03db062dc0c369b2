/// A CA and a serving certificate as files, for development and for mounting by hand: `ca.crt`, `ca.key`, `tls.crt`, `tls.key`.
public struct DevelopmentCertificates: Sendable {
    public let authority: CertificateAuthority
    public let serverCertificate: ServerCertificate

    private static let authorityName = "dbmmo development CA"

    /// Makes a new CA and a serving certificate of it.
    /// - Parameters:
    ///   - dnsNames: DNS names to certify.
    ///   - ipAddresses: IPv4 and IPv6 addresses to certify; with `dnsNames` at least one.
    ///   - days: How long both certificates are valid.
    ///   - now: Seconds since 1970-01-01T00:00:00Z.
    /// - Throws: `CertificateError.Code.invalidName`, `.invalidValidity` or `.issuingFailed`.
    public init(dnsNames: [String], ipAddresses: [String], days: Int, at now: Int64) throws(CertificateError) {
        var names: [SubjectAlternativeName] = []
        for name in dnsNames {
            names.append(try .dnsName(checking: name))
        }
        for address in ipAddresses {
            names.append(try .ipAddress(checking: address))
        }
        let validity = try CertificateValidity(days: days, from: now)
        authority = try CertificateAuthority(commonName: Self.authorityName, validity: validity)
        serverCertificate = try authority.issue(for: names, validity: validity)
    }

    /// Writes the four files into a directory, which is made when it is missing.
    ///
    /// Keys can be read by their owner only from their first byte on. Each file appears whole or not at all, and
    /// when one of them cannot be written, the others are not left behind either, unless they replaced older ones.
    ///
    /// - Parameter force: Replace existing files. Without it one existing file is enough to write none.
    /// - Returns: The paths of the files.
    /// - Throws: `CertificateError.Code.filesExist` naming all files in the way, or `.unwritableFile`.
    @discardableResult
    public func write(to directory: CertificateDirectory, force: Bool = false) throws(CertificateError) -> [String] {
        let files = try files(in: directory.path)
        if !force {
            let existing = files.map(\.path).filter(SmallFile.exists)
            guard existing.isEmpty else {
                let verb = existing.count == 1 ? "exists" : "exist"
                throw CertificateError(.filesExist, "\(existing.joined(separator: ", ")) \(verb) already")
            }
        }
        try SmallFile.makeDirectory(directory.path)

        var leftovers: [String] = []
        defer { leftovers.forEach(SmallFile.remove) }
        for file in files {
            try SmallFile.create(file.temporaryPath, mode: file.mode, file.contents)
            leftovers.append(file.temporaryPath)
        }
        for file in files {
            try SmallFile.move(file.temporaryPath, to: file.path, replacing: force)
            leftovers.removeAll { $0 == file.temporaryPath }
            if !force { leftovers.append(file.path) }
        }
        leftovers = []
        return files.map(\.path)
    }

    private struct File {
        let path: String
        let temporaryPath: String
        let mode: UInt32
        let contents: [UInt8]
    }

    private func files(in directory: String) throws(CertificateError) -> [File] {
        let (authorityCertificate, authorityKey) = (try authority.certificate.pem(), try authority.privateKeyPEM())
        let (certificate, key) = (try serverCertificate.chainPEM(), try serverCertificate.privateKeyPEM())
        let suffix = String(UInt64.random(in: .min ... .max), radix: 36)
        func file(_ name: String, _ mode: UInt32, _ contents: [UInt8]) -> File {
            File(path: "\(directory)/\(name)", temporaryPath: "\(directory)/.\(name).\(suffix)", mode: mode, contents: contents)
        }
        return [
            file(CertificateDirectory.FileName.authorityPrivateKey, 0o600, authorityKey),
            file(CertificateDirectory.FileName.authorityCertificate, 0o644, authorityCertificate),
            file(CertificateDirectory.FileName.privateKey, 0o600, key),
            file(CertificateDirectory.FileName.certificate, 0o644, certificate)
        ]
    }
}

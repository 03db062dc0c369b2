/// A certificate authority of our own: an ECDSA P-256 key and its self-signed certificate.
public struct CertificateAuthority: Sendable {
    public let certificate: Certificate

    let privateKey: PrivateKeyHandle

    /// Makes a new authority.
    /// - Parameters:
    ///   - commonName: Its subject, 1 to 64 characters.
    ///   - validity: How long its certificate, and so any it issues, is valid.
    /// - Throws: `CertificateError.Code.invalidName` or `.issuingFailed`.
    public init(commonName: String, validity: CertificateValidity) throws(CertificateError) {
        guard (1...CertificateBuilder.longestCommonName).contains(commonName.unicodeScalars.count) else {
            throw CertificateError(.invalidName, "the common name of a CA has 1 to \(CertificateBuilder.longestCommonName) characters")
        }
        let key = try CertificateBuilder.makePrivateKey()
        let builder = try CertificateBuilder(publicKey: key, validity: validity)
        try builder.setSubject(commonName: commonName)
        try builder.setIssuer(nil)
        try builder.add(.basicConstraints, "critical,CA:TRUE")
        try builder.add(.keyUsage, "critical,keyCertSign,cRLSign")
        try builder.add(.subjectKeyIdentifier, "hash")
        certificate = try builder.sign(with: key)
        privateKey = key
    }

    /// Issues a certificate for a TLS server, with a new ECDSA P-256 key.
    /// - Parameters:
    ///   - names: What the server is reached by, at least one.
    ///   - validity: The part of it that goes beyond the authority's own is worth nothing.
    /// - Throws: `CertificateError.Code.invalidName` or `.issuingFailed`.
    public func issue(for names: [SubjectAlternativeName], validity: CertificateValidity) throws(CertificateError) -> ServerCertificate {
        guard !names.isEmpty else {
            throw CertificateError(.invalidName, "a server's certificate needs at least one DNS name or IP address")
        }
        let key = try CertificateBuilder.makePrivateKey()
        let builder = try CertificateBuilder(publicKey: key, validity: validity)
        // Clients look at the alternative names only; the subject is for people, and optional.
        let commonName = names.lazy.map(\.description).first { $0.utf8.count <= CertificateBuilder.longestCommonName }
        if let commonName {
            try builder.setSubject(commonName: commonName)
        }
        try builder.setIssuer(certificate.handle)
        try builder.add(.basicConstraints, "critical,CA:FALSE")
        try builder.add(.keyUsage, "critical,digitalSignature")
        try builder.add(.extendedKeyUsage, "serverAuth")
        try builder.add(.subjectKeyIdentifier, "hash")
        try builder.add(.authorityKeyIdentifier, "keyid:always")
        // Critical exactly when there is no subject (RFC 5280, section 4.2.1.6).
        try builder.add(names, isCritical: commonName == nil)
        return ServerCertificate(leaf: try builder.sign(with: privateKey), privateKey: key)
    }
}

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

    /// Reads an authority from PEM.
    ///
    /// - Parameters:
    ///   - certificatePEM: Its certificate; others after it are not looked at.
    ///   - name: What messages call where it comes from.
    /// - Throws: `CertificateError` for what is unparsable, not a pair or not that of a CA.
    public init(certificatePEM: [UInt8], privateKeyPEM: [UInt8], name: String) throws(CertificateError) {
        let pair = try ServerCertificate(
            certificatePEM: certificatePEM, privateKeyPEM: privateKeyPEM, certificateName: "the CA certificate in \(name)",
            privateKeyName: "the CA key in \(name)")
        guard pair.leaf.handle.isAuthority else {
            throw CertificateError(.refused, "\(name): the certificate of \(pair.leaf.subject) is not that of a CA")
        }
        certificate = pair.leaf
        privateKey = pair.privateKey
    }

    /// The private key in PEM (PKCS #8, not encrypted).
    /// - Throws: `CertificateError.Code.issuingFailed` when memory is short.
    public func privateKeyPEM() throws(CertificateError) -> [UInt8] {
        try PEM.written(PEM.encode(privateKey))
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

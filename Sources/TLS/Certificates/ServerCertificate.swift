/// What a TLS server presents: its certificate, the intermediate certificates that lead to a CA, and the private key.
public struct ServerCertificate: Sendable {
    /// The server's own certificate.
    public let leaf: Certificate
    /// The certificates after the leaf, in the order of the file.
    public let intermediates: [Certificate]

    let privateKey: PrivateKeyHandle

    init(leaf: Certificate, intermediates: [Certificate] = [], privateKey: PrivateKeyHandle) {
        self.leaf = leaf
        self.intermediates = intermediates
        self.privateKey = privateKey
    }

    /// Reads a chain and its key from PEM.
    ///
    /// The times of the certificates are not looked at: see `checkValidity(at:)`.
    ///
    /// - Parameters:
    ///   - certificatePEM: The leaf first, then any intermediate certificates.
    ///   - privateKeyPEM: The leaf's key, not encrypted.
    ///   - certificateName: What messages call the first of these, its path for one.
    ///   - privateKeyName: What messages call the second of these.
    public init(
        certificatePEM: [UInt8], privateKeyPEM: [UInt8], certificateName: String = "tls.crt", privateKeyName: String = "tls.key"
    ) throws(CertificateError) {
        let chain = try Certificate.all(inPEM: certificatePEM, name: certificateName)
        let key = try Self.parseKey(privateKeyPEM, name: privateKeyName)
        guard let leaf = chain.first else {
            throw CertificateError(.noCertificate, "\(certificateName) has no certificate")
        }
        guard leaf.handle.matches(key) else {
            throw CertificateError(
                .keyMismatch, "\(privateKeyName) is not the private key of the first certificate in \(certificateName)")
        }
        self.init(leaf: leaf, intermediates: Array(chain.dropFirst()), privateKey: key)
    }

    /// When the first certificate of the chain expires: its last second of validity, since 1970-01-01T00:00:00Z.
    public var notAfter: Int64 {
        intermediates.reduce(leaf.notAfter) { min($0, $1.notAfter) }
    }

    /// Checks that every certificate of the chain is valid at a time: a client refuses the leaf for an intermediate that expired.
    /// - Parameter now: Seconds since 1970-01-01T00:00:00Z.
    /// - Throws: `CertificateError.Code.expired` or `.notYetValid`.
    public func checkValidity(at now: Int64) throws(CertificateError) {
        try leaf.checkValidity(at: now)
        for intermediate in intermediates {
            try intermediate.checkValidity(at: now)
        }
    }

    /// The leaf and what follows it in PEM.
    /// - Throws: `CertificateError.Code.issuingFailed` when memory is short.
    public func chainPEM() throws(CertificateError) -> [UInt8] {
        var text = try leaf.pem()
        for intermediate in intermediates { text += try intermediate.pem() }
        return text
    }

    /// The private key in PEM (PKCS #8, not encrypted).
    /// - Throws: `CertificateError.Code.issuingFailed` when memory is short.
    public func privateKeyPEM() throws(CertificateError) -> [UInt8] {
        try PEM.written(PEM.encode(privateKey))
    }

    private static func parseKey(_ bytes: [UInt8], name: String) throws(CertificateError) -> PrivateKeyHandle {
        do {
            return try PEM.privateKey(bytes)
        } catch {
            switch error {
            case .notPEM:
                throw CertificateError(.notPEM, "\(name) is not PEM: it has no BEGIN line")
            case .notFound:
                throw CertificateError(.noPrivateKey, "\(name) has no private key")
            case .encrypted:
                throw CertificateError(.encryptedPrivateKey, "\(name) is encrypted; a server needs its key without a passphrase")
            case .unparsable(_, let reason):
                throw CertificateError(.unparsablePrivateKey, "the private key in \(name) cannot be parsed: \(reason)")
            }
        }
    }
}

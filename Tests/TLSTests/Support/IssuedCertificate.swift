import COpenSSL
@testable import TLS

/// Certificates of kinds that the program itself does not issue. Each comes with its key, as a `ServerCertificate`.
enum IssuedCertificate {
    enum Kind {
        case authority, client, server
    }

    /// - Parameters:
    ///   - issuer: Nil signs it with its own key.
    ///   - key: Nil makes a new one.
    ///   - start: The first second of its validity, about.
    static func make(
        _ name: String, _ kind: Kind, issuer: ServerCertificate? = nil, key: PrivateKeyHandle? = nil, days: Int = 2,
        from start: Int64 = .now
    ) throws -> ServerCertificate {
        let key = try key ?? CertificateBuilder.makePrivateKey()
        let builder = try CertificateBuilder(publicKey: key, validity: CertificateValidity(days: days, from: start))
        try builder.setSubject(commonName: name)
        try builder.setIssuer(issuer?.leaf.handle)
        try builder.add(.basicConstraints, kind == .authority ? "critical,CA:TRUE" : "critical,CA:FALSE")
        try builder.add(.subjectKeyIdentifier, "hash")
        switch kind {
        case .authority: try builder.add(.keyUsage, "critical,keyCertSign,cRLSign")
        case .client: try builder.add(.extendedKeyUsage, "clientAuth")
        case .server: try builder.add(.extendedKeyUsage, "serverAuth")
        }
        return ServerCertificate(leaf: try builder.sign(with: issuer?.privateKey ?? key), privateKey: key)
    }
}

extension ServerCertificate {
    struct Failure: Error {}

    /// The certificate alone in PEM.
    func certificatePEM() throws -> [UInt8] {
        guard let pem = PEM.encode(leaf.handle) else { throw Failure() }
        return pem
    }

    func privateKeyPEM() throws -> [UInt8] {
        guard let pem = PEM.encode(privateKey) else { throw Failure() }
        return pem
    }
}

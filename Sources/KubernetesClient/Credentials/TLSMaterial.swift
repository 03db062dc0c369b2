import HTTPCalls
import NIOSSL

/// The bytes that TLS with an API server is made of.
struct TLSMaterial: Equatable {
    enum Trust: Equatable {
        case system
        case authorities([UInt8])
        case anybody
    }

    struct ClientCertificate: Equatable {
        let certificatePEM: [UInt8]
        let privateKeyPEM: [UInt8]
    }

    let trust: Trust
    let clientCertificate: ClientCertificate?

    /// - Throws: ``ConfigurationError`` that says what of it is not what it should be.
    func configuration() throws(ConfigurationError) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        switch trust {
        case .system: break
        case .anybody: configuration.certificateVerification = .none
        case .authorities(let pem):
            configuration.trustRoots = .certificates(try certificates(pem, "certificate authority"))
        }
        if let clientCertificate {
            configuration.certificateChain = try certificates(clientCertificate.certificatePEM, "client certificate").map {
                .certificate($0)
            }
            guard let key = try? NIOSSLPrivateKey(bytes: clientCertificate.privateKeyPEM, format: .pem) else {
                throw ConfigurationError(.malformed, "the client key is not a private key in PEM without a passphrase")
            }
            configuration.privateKey = .privateKey(key)
        }
        return configuration
    }

    private func certificates(_ pem: [UInt8], _ what: String) throws(ConfigurationError) -> [NIOSSLCertificate] {
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(pem), !certificates.isEmpty else {
            throw ConfigurationError(.malformed, "the \(what) is not a certificate in PEM")
        }
        return certificates
    }
}

extension PEMSource {
    func read() throws(ConfigurationError) -> [UInt8] {
        switch self {
        case .data(let bytes): bytes
        case .file(let path): try SmallFile.read(path)
        }
    }
}

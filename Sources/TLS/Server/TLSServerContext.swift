/// What all connections of a TLS server share: its certificate, protocols and versions.
///
/// A context never changes. To serve another certificate, make another context and use it for new connections;
/// connections made from the old one keep it alive until they end.
///
/// Suites are ECDHE with AEAD in the server's order, groups are X25519, P-256 and P-384; there is neither renegotiation nor
/// compression. Sessions are resumed by tickets.
public final class TLSServerContext: Sendable {
    private let handle: SSLContextHandle

    /// - Parameters:
    ///   - certificate: What the server presents.
    ///   - alpn: The application protocols offered (RFC 7301), most preferred first. With none, ALPN is ignored.
    ///   - minimumVersion: The oldest version of TLS accepted.
    /// - Throws: `CertificateError` when OpenSSL refuses the certificate or its key, for one as too weak;
    ///   `TLSError` when the rest cannot be configured.
    public init(certificate: ServerCertificate, alpn: [String] = [], minimumVersion: TLSVersion = .tls12) throws {
        handle = try SSLContextHandle(certificate: certificate, alpn: ALPNProtocolList(alpn), minimumVersion: minimumVersion)
    }

    /// - Throws: `TLSError` when OpenSSL cannot make a connection, which means that memory is short.
    func makeConnection() throws(TLSError) -> TLSConnection {
        try TLSConnection(context: handle)
    }
}

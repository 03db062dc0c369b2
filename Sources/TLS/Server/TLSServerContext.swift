/// What all connections of a TLS server share: its certificate, protocols and versions, and whom it serves.
///
/// A context never changes. To serve another certificate, make another context and use it for new connections
/// (see `TLSContextStore`); connections made from the old one keep it alive until they end.
///
/// Suites are ECDHE with AEAD in the server's order, groups are X25519, P-256 and P-384; there is neither renegotiation nor
/// compression nor early data. Sessions are resumed by tickets.
public final class TLSServerContext: Sendable {
    /// What the server presents.
    public let certificate: ServerCertificate
    /// Whose clients are served; nil means everyone.
    public let clientAuthorities: ClientAuthorities?

    private let handle: SSLContextHandle

    /// - Parameters:
    ///   - certificate: What the server presents.
    ///   - clientAuthorities: With them only clients are served that present a certificate of one of them.
    ///   - alpn: The application protocols offered (RFC 7301), most preferred first. With none, ALPN is ignored.
    ///   - minimumVersion: The oldest version of TLS accepted.
    ///   - ticketKeys: Share them with the contexts before and after this one, so that its sessions can be resumed there. With nil
    ///     the context has keys of its own.
    /// - Throws: `CertificateError` when OpenSSL refuses a certificate or the key, for one as too weak;
    ///   `TLSError` when the rest cannot be configured.
    public init(
        certificate: ServerCertificate, clientAuthorities: ClientAuthorities? = nil, alpn: [String] = [],
        minimumVersion: TLSVersion = .tls12, ticketKeys: SessionTicketKeys? = nil
    ) throws {
        self.certificate = certificate
        self.clientAuthorities = clientAuthorities
        handle = try SSLContextHandle.server(
            certificate: certificate, clientAuthorities: clientAuthorities, alpn: ALPNProtocolList(alpn), minimumVersion: minimumVersion,
            ticketKeys: ticketKeys ?? SessionTicketKeys())
    }

    /// - Throws: `TLSError` when OpenSSL cannot make a connection, which means that memory is short.
    func makeConnection() throws(TLSError) -> TLSConnection {
        try TLSConnection(context: handle, role: .server)
    }
}

import COpenSSL

extension SSLContextHandle {
    /// A context for connections to a server that is recognised by its certificate itself: OpenSSL verifies no chain.
    static func client(alpn: ALPNProtocolList, minimumVersion: TLSVersion) throws(TLSError) -> SSLContextHandle {
        let context = try SSLContextHandle(method: TLS_client_method(), minimumVersion: minimumVersion)
        let isReady = context.withPointer { pointer in
            SSL_CTX_set_verify(pointer, SSL_VERIFY_NONE, nil)
            return alpn.offer(in: pointer)
        }
        guard isReady else { throw configurationError() }
        return context
    }
}

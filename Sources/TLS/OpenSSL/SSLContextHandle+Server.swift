import COpenSSL

extension SSLContextHandle {
    /// The longest client certificate chain that is read, in bytes of the handshake message.
    private static let longestClientChain = 32 * 1024

    /// The context of a server.
    /// - Throws: `CertificateError` when OpenSSL refuses the certificate or its key, otherwise `TLSError`.
    static func server(
        certificate: ServerCertificate, clientAuthorities: ClientAuthorities?, alpn: ALPNProtocolList, minimumVersion: TLSVersion,
        ticketKeys: SessionTicketKeys
    ) throws -> SSLContextHandle {
        let handle = try SSLContextHandle(method: TLS_server_method(), minimumVersion: minimumVersion)
        try handle.withPointer { context in
            SSL_CTX_set_options(context, COpenSSL_SSL_OP_CIPHER_SERVER_PREFERENCE())
            // What arrives before the handshake is complete can be replayed (RFC 8446, section 8): no early data.
            guard SSL_CTX_set_max_early_data(context, 0) == 1 else { throw configurationError() }
            // OpenSSL would send two tickets with TLS 1.3, for clients that open several connections at once; each costs an encryption and a copy
            // of the session. Each resumption brings a new one anyway.
            guard SSL_CTX_set_num_tickets(context, 1) == 1 else { throw configurationError() }
            try use(certificate, in: context)
            try setSessionContext(clientAuthorities, in: context)
            if let clientAuthorities {
                try demandClientCertificate(of: clientAuthorities, in: context)
            }
            alpn.install(in: context)
            try ticketKeys.install(in: context)
        }
        handle.retain(alpn)
        handle.retain(ticketKeys)
        return handle
    }

    private static func use(_ certificate: ServerCertificate, in context: OpaquePointer) throws(CertificateError) {
        guard certificate.leaf.handle.withPointer({ SSL_CTX_use_certificate(context, $0) }) == 1 else {
            throw .refused(certificate.leaf, OpenSSLErrorQueue.drainText())
        }
        guard certificate.privateKey.withPointer({ SSL_CTX_use_PrivateKey(context, $0) }) == 1 else {
            throw .refused(certificate.leaf, OpenSSLErrorQueue.drainText())
        }
        for intermediate in certificate.intermediates {
            guard intermediate.handle.withPointer({ COpenSSL_SSL_CTX_add1_chain_cert(context, $0) }) == 1 else {
                throw .refused(intermediate, OpenSSLErrorQueue.drainText())
            }
        }
    }

    /// A ticket is good only for contexts with the same clients: one from a time without client authorities, or with others,
    /// would let its bearer in without a certificate of those that count now.
    private static func setSessionContext(_ authorities: ClientAuthorities?, in context: OpaquePointer) throws(TLSError) {
        let name = authorities?.digest.octets ?? Array("no client authorities".utf8)
        guard SSL_CTX_set_session_id_context(context, name, CUnsignedInt(name.count)) == 1 else { throw configurationError() }
    }

    private static func demandClientCertificate(of authorities: ClientAuthorities, in context: OpaquePointer) throws {
        guard let store = X509_STORE_new() else { throw configurationError() }
        // The context owns the store from here on. It is the clients' only: the server's chain is never completed from it.
        SSL_CTX_set_cert_store(context, store)
        // Every certificate of the bundle is trusted, an intermediate one too, as everywhere in Kubernetes.
        guard X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN)) == 1,
            SSL_CTX_set_purpose(context, X509_PURPOSE_SSL_CLIENT) == 1
        else { throw configurationError() }
        for authority in authorities.certificates {
            let isAdded = authority.handle.withPointer { X509_STORE_add_cert(store, $0) == 1 && SSL_CTX_add_client_CA(context, $0) == 1 }
            guard isAdded else { throw CertificateError.refused(authority, OpenSSLErrorQueue.drainText()) }
        }
        COpenSSL_SSL_CTX_set_max_cert_list(context, longestClientChain)
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
        try refuseTicketsOfExpiredClients(in: context)
    }

    /// Resuming skips the look at the certificate, and in TLS 1.3 each resumption starts a new life of the session: without
    /// this, a client would be let in for ever after its certificate expired.
    private static func refuseTicketsOfExpiredClients(in context: OpaquePointer) throws(TLSError) {
        let decrypted: SSL_CTX_decrypt_session_ticket_fn = { _, session, _, _, status, _ in
            guard status == SSL_TICKET_SUCCESS || status == SSL_TICKET_SUCCESS_RENEW else { return SSL_TICKET_RETURN_IGNORE_RENEW }
            guard let client = SSL_SESSION_get0_peer(session), X509_cmp_current_time(X509_get0_notAfter(client)) > 0 else {
                return SSL_TICKET_RETURN_IGNORE_RENEW
            }
            return status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW
        }
        guard SSL_CTX_set_session_ticket_cb(context, nil, decrypted, nil) == 1 else { throw configurationError() }
    }
}

import COpenSSL

/// An owned, fully configured `SSL_CTX`.
///
/// `@unchecked Sendable`: it is configured before anyone else sees it and only read afterwards; making connections from it on
/// several threads is what OpenSSL allows, and its reference count is atomic.
final class SSLContextHandle: @unchecked Sendable {
    private let pointer: OpaquePointer
    /// What OpenSSL's callbacks refer to without holding it.
    private var callbackData: [AnyObject] = []

    /// ECDHE with AEAD only. In TLS 1.3 every suite is.
    private static let tls12Ciphers = """
        ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:\
        ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:\
        ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305
        """
    private static let tls13Ciphers = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
    private static let groups = "X25519:P-256:P-384"

    /// OpenSSL's level for 112 bits of security: RSA from 2048 bits, no SHA-1 signatures. Set, because the system's default may be lower.
    private static let securityLevel: CInt = 2

    /// What both roles have in common.
    /// - Parameter method: `TLS_server_method()` or `TLS_client_method()`.
    init(method: OpaquePointer?, minimumVersion: TLSVersion) throws(TLSError) {
        OpenSSLLibrary.initialize()
        OpenSSLErrorQueue.clear()
        guard let pointer = SSL_CTX_new(method) else { throw Self.configurationError() }
        self.pointer = pointer

        SSL_CTX_set_security_level(pointer, Self.securityLevel)
        SSL_CTX_set_options(pointer, COpenSSL_SSL_OP_NO_COMPRESSION() | COpenSSL_SSL_OP_NO_RENEGOTIATION())
        // Idle connections give their record buffers back; the chain sent is exactly the one given.
        COpenSSL_SSL_CTX_set_mode(
            pointer,
            Int(SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN))
        COpenSSL_SSL_CTX_set_session_cache_mode(pointer, Int(SSL_SESS_CACHE_OFF))
        guard COpenSSL_SSL_CTX_set_min_proto_version(pointer, minimumVersion.wireValue) == 1,
            COpenSSL_SSL_CTX_set_max_proto_version(pointer, TLSVersion.tls13.wireValue) == 1,
            SSL_CTX_set_cipher_list(pointer, Self.tls12Ciphers) == 1,
            SSL_CTX_set_ciphersuites(pointer, Self.tls13Ciphers) == 1,
            COpenSSL_SSL_CTX_set1_groups_list(pointer, Self.groups) == 1
        else { throw Self.configurationError() }
    }

    deinit {
        SSL_CTX_free(pointer)
    }

    func withPointer<Result>(_ body: (OpaquePointer) throws -> Result) rethrows -> Result {
        try withExtendedLifetime(self) { try body(pointer) }
    }

    /// Keeps an object as long as the context, for callbacks that OpenSSL gives a bare pointer to it. Only while configuring.
    func retain(_ object: AnyObject) {
        callbackData.append(object)
    }

    /// The error for what OpenSSL's queue holds.
    static func configurationError() -> TLSError {
        TLSError(.invalidConfiguration, "OpenSSL refused the TLS configuration: \(OpenSSLErrorQueue.drainText())")
    }
}

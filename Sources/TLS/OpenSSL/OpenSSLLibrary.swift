import COpenSSL

/// The process-wide state of OpenSSL.
enum OpenSSLLibrary {
    private static let initialized: Void = {
        // Without NO_ATEXIT OpenSSL frees its tables while event loops may still be using them.
        OPENSSL_init_ssl(UInt64(OPENSSL_INIT_NO_ATEXIT), nil)
    }()

    /// To be called before the first use of OpenSSL; further calls cost nothing.
    static func initialize() {
        initialized
    }
}

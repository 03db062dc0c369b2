import COpenSSL

/// The process-wide state of OpenSSL.
public enum OpenSSLLibrary {
    private static let initialized: Void = {
        // Without NO_ATEXIT OpenSSL frees its tables while event loops may still be using them.
        OPENSSL_init_ssl(UInt64(OPENSSL_INIT_NO_ATEXIT), nil)
    }()

    /// Name and version of the library in use, such as `OpenSSL 3.0.19 27 Jan 2026`.
    public static var version: String { OpenSSL_version(OPENSSL_VERSION).map { String(cString: $0) } ?? "OpenSSL" }

    /// To be called before the first use of OpenSSL; further calls cost nothing.
    static func initialize() {
        initialized
    }
}

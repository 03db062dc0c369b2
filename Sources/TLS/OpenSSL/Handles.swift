import COpenSSL

/// An owned reference to an X.509 certificate.
///
/// `@unchecked Sendable`: the certificate is never changed after its creation, its reference count is atomic, and
/// OpenSSL guards the fields it caches with a lock of its own.
final class X509Handle: @unchecked Sendable {
    private let pointer: OpaquePointer

    /// Takes ownership of `pointer`.
    init(owning pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        X509_free(pointer)
    }

    func withPointer<Result>(_ body: (OpaquePointer) throws -> Result) rethrows -> Result {
        try withExtendedLifetime(self) { try body(pointer) }
    }
}

/// An owned reference to a private key. It has no text form, so that it cannot end up in a log.
///
/// `@unchecked Sendable`: the key is never changed after its creation, its reference count is atomic, and OpenSSL
/// allows one key to sign on several threads.
final class PrivateKeyHandle: @unchecked Sendable {
    private let pointer: OpaquePointer

    /// Takes ownership of `pointer`.
    init(owning pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        EVP_PKEY_free(pointer)
    }

    func withPointer<Result>(_ body: (OpaquePointer) throws -> Result) rethrows -> Result {
        try withExtendedLifetime(self) { try body(pointer) }
    }
}

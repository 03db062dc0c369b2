import COpenSSL

/// A growing piece of memory OpenSSL writes to. It is wiped when freed.
final class MemoryBIO {
    private let pointer: OpaquePointer

    /// Nil when memory is short.
    init?() {
        guard let pointer = BIO_new(BIO_s_mem()) else { return nil }
        self.pointer = pointer
    }

    deinit {
        BIO_free(pointer)
    }

    func withPointer<Result>(_ body: (OpaquePointer) throws -> Result) rethrows -> Result {
        try withExtendedLifetime(self) { try body(pointer) }
    }

    /// What was written so far.
    var contents: [UInt8] {
        var start: UnsafeMutablePointer<CChar>?
        let count = COpenSSL_BIO_get_mem_data(pointer, &start)
        return [UInt8](UnsafeRawBufferPointer(start: start, count: max(0, count)))
    }

    /// Lets `body` read `bytes` through a BIO. Nil when memory is short.
    static func reading<Result>(_ bytes: [UInt8], _ body: (OpaquePointer) -> Result) -> Result? {
        bytes.withUnsafeBytes { bytes in
            guard let count = CInt(exactly: bytes.count), let bio = BIO_new_mem_buf(bytes.baseAddress, count) else { return nil }
            defer { BIO_free(bio) }
            return body(bio)
        }
    }
}

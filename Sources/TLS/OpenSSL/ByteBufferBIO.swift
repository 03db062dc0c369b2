import COpenSSL
import NIOCore

/// The two ends OpenSSL reads ciphertext from and writes ciphertext to: byte buffers instead of a socket.
///
/// An empty inbound buffer means "try again later"; the outbound buffer takes everything, so that the records of
/// one pass leave in one write.
final class ByteBufferBIO {
    private var inbound = ByteBuffer()
    private var outbound = ByteBuffer()

    /// Ciphertext that waits to be sent, in bytes.
    var outboundBytes: Int { outbound.readableBytes }

    /// Ciphertext that OpenSSL has not read yet, in bytes.
    var inboundBytes: Int { inbound.readableBytes }

    /// Hands received ciphertext to OpenSSL.
    func receive(_ ciphertext: consuming ByteBuffer) {
        if inbound.readableBytes == 0 {
            inbound = ciphertext
        } else {
            inbound.writeBuffer(&ciphertext)
        }
    }

    /// Takes the ciphertext to send. The field is empty afterwards, so the buffer has one owner and is not copied.
    func takeOutbound() -> ByteBuffer {
        defer { outbound = ByteBuffer() }
        return outbound
    }

    /// Drops what was received and what waits to be sent.
    func discard() {
        inbound = ByteBuffer()
        outbound = ByteBuffer()
    }

    /// Makes the OpenSSL object for this pair of buffers, or nil when memory is short.
    ///
    /// The BIO holds no reference to `self`: whoever owns it keeps `self` alive until it is freed.
    func makeBIO() -> OpaquePointer? {
        guard let method = Self.method, let bio = BIO_new(method) else { return nil }
        BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
        BIO_set_init(bio, 1)
        return bio
    }

    // Written once, before its first use, and only read by OpenSSL afterwards.
    private nonisolated(unsafe) static let method: OpaquePointer? = {
        guard let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "ByteBuffer") else { return nil }
        BIO_meth_set_read(method) { bio, destination, length in
            guard let bio, let destination, let buffers = ByteBufferBIO.of(bio) else { return -1 }
            return buffers.read(bio, into: UnsafeMutableRawBufferPointer(start: destination, count: Int(max(length, 0))))
        }
        BIO_meth_set_write(method) { bio, source, length in
            guard let bio, let source, let buffers = ByteBufferBIO.of(bio) else { return -1 }
            return buffers.write(bio, from: UnsafeRawBufferPointer(start: source, count: Int(max(length, 0))))
        }
        BIO_meth_set_ctrl(method) { _, command, _, _ in
            // Only FLUSH is claimed: answering 1 to everything would claim kernel TLS among others.
            command == BIO_CTRL_FLUSH ? 1 : 0
        }
        return method
    }()

    private static func of(_ bio: OpaquePointer) -> ByteBufferBIO? {
        BIO_get_data(bio).map { Unmanaged<ByteBufferBIO>.fromOpaque($0).takeUnretainedValue() }
    }

    private func read(_ bio: OpaquePointer, into destination: UnsafeMutableRawBufferPointer) -> CInt {
        COpenSSL_BIO_clear_retry_flags(bio)
        let count = min(destination.count, inbound.readableBytes)
        guard count > 0 else {
            COpenSSL_BIO_set_retry_read(bio)
            return -1
        }
        inbound.readWithUnsafeReadableBytes { source in
            destination.copyMemory(from: UnsafeRawBufferPointer(rebasing: source.prefix(count)))
            return count
        }
        return CInt(count)
    }

    private func write(_ bio: OpaquePointer, from source: UnsafeRawBufferPointer) -> CInt {
        COpenSSL_BIO_clear_retry_flags(bio)
        return CInt(outbound.writeBytes(source))
    }
}

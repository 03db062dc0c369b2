import CMalloc
import NIOCore

/// Collects a body: without a copy when it comes in one piece, and with memory for no more than a few times what has arrived,
/// whatever length was declared.
struct RequestBody {
    private(set) var bytes = ByteBuffer()

    /// - Parameter contentLength: the declared length of the whole body, if there is one.
    mutating func append(_ piece: ByteBuffer, contentLength: Int?, allocator: ByteBufferAllocator) {
        guard bytes.readableBytes > 0 else {
            bytes = piece
            return
        }
        let needed = bytes.readableBytes + piece.readableBytes
        if bytes.capacity < needed {
            var grown = allocator.buffer(capacity: max(needed, min(contentLength ?? 2 * needed, 4 * needed)))
            grown.withUnsafeMutableWritableBytes { CMalloc_prefer_huge_pages($0.baseAddress, $0.count) }
            grown.writeImmutableBuffer(bytes)
            bytes = grown
        }
        bytes.writeImmutableBuffer(piece)
    }
}

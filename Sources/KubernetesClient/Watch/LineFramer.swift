import Glibc
import NIOCore

/// Cuts what comes in into lines, wherever it was cut on the way. No I/O.
struct LineFramer: Sendable {
    /// A line is longer than accepted.
    struct LineTooLong: Error, Equatable {
        /// In bytes.
        let limit: Int
    }

    private let limit: Int
    private var buffer = ByteBuffer()
    /// How much of the buffer is known to hold no end of a line.
    private var searched = 0

    /// - Parameter limit: The longest line that is accepted, in bytes.
    init(limit: Int) {
        self.limit = limit
    }

    /// Whether a line has begun and not ended.
    var hasPartOfLine: Bool { buffer.readableBytes > 0 }

    mutating func append(_ part: ByteBuffer) {
        buffer.writeImmutableBuffer(part)
    }

    /// Takes the next line, without its end.
    ///
    /// - Returns: Nil when the rest is no whole line.
    mutating func next() throws(LineTooLong) -> ByteBuffer? {
        let length = buffer.withUnsafeReadableBytes { bytes -> Int? in
            guard let base = bytes.baseAddress, searched < bytes.count,
                let end = memchr(base + searched, CInt(UInt8(ascii: "\n")), bytes.count - searched)
            else { return nil }
            return UnsafeRawPointer(end) - base
        }
        guard let length else {
            searched = buffer.readableBytes
            guard searched <= limit else { throw LineTooLong(limit: limit) }
            return nil
        }
        guard length <= limit else { throw LineTooLong(limit: limit) }
        searched = 0
        let line = buffer.readSlice(length: length)
        buffer.moveReaderIndex(forwardBy: 1)
        // What was read is let go, so that the buffer does not grow with the whole watch.
        buffer.discardReadBytes()
        return line
    }
}

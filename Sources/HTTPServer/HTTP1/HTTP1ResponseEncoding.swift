import NIOCore
import NIOHTTP1

/// What the state of a connection adds to an answer.
struct HTTP1Answer: Equatable {
    enum Connection: Equatable {
        /// Persistence is what HTTP/1.1 assumes (RFC 9112 section 9.3): nothing is said.
        case persistent
        /// An HTTP/1.0 client must be told.
        case keepAlive
        case close
    }

    var connection: Connection
    /// The answer to a HEAD request describes a body it does not have.
    var omitsBody: Bool
}

extension HTTPResponse {
    /// Bodies up to this size are copied behind the header, so that an answer is one segment, and one record of TLS.
    private static let copiedBodySize = 16 * 1024

    /// The bytes of the answer in one buffer, or in two when the body is large.
    func http1Encoded(_ answer: HTTP1Answer, allocator: ByteBufferAllocator) -> (ByteBuffer, ByteBuffer?) {
        let mayHaveBody = status.mayHaveResponseBody
        let sentBody = mayHaveBody && !answer.omitsBody ? body : ByteBuffer()
        let copiesBody = sentBody.readableBytes <= Self.copiedBodySize
        var buffer = allocator.buffer(capacity: 256 + (copiesBody ? sentBody.readableBytes : 0))

        buffer.writeStaticString("HTTP/1.1 ")
        buffer.writeString(String(status.code))
        buffer.writeStaticString(" ")
        buffer.writeString(status.reasonPhrase)
        buffer.writeStaticString("\r\n")
        for (name, value) in sendableFields {
            buffer.writeString(name)
            buffer.writeStaticString(": ")
            buffer.writeString(value)
            buffer.writeStaticString("\r\n")
        }
        if mayHaveBody {
            buffer.writeStaticString("Content-Length: ")
            buffer.writeString(String(body.readableBytes))
            buffer.writeStaticString("\r\n")
        }
        switch answer.connection {
        case .persistent: break
        case .keepAlive: buffer.writeStaticString("Connection: keep-alive\r\n")
        case .close: buffer.writeStaticString("Connection: close\r\n")
        }
        buffer.writeStaticString("\r\n")
        guard copiesBody else { return (buffer, sentBody) }
        buffer.writeImmutableBuffer(sentBody)
        return (buffer, nil)
    }
}

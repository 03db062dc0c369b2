import NIOCore

/// What a client gets that speaks plain HTTP to a TLS port.
enum PlainHTTPAnswer {
    private static let body = "This port speaks HTTPS, and the request was plain HTTP.\n"

    private static let text = """
        HTTP/1.1 400 Bad Request\r
        Content-Type: text/plain; charset=utf-8\r
        Content-Length: \(body.utf8.count)\r
        Connection: close\r
        \r
        \(body)
        """

    static func buffer(_ allocator: ByteBufferAllocator) -> ByteBuffer {
        allocator.buffer(string: text)
    }
}

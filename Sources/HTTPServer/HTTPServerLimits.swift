/// How much of the server one client may take. The defaults are those of the command line.
public struct HTTPServerLimits: Sendable, Hashable {
    /// The time from a connection's start (with TLS: from the end of its handshake), or from the first byte of a later request, until
    /// the header is complete.
    public var headerTimeout: Duration = .seconds(10)
    /// The time from the end of the header until the body is complete.
    public var bodyTimeout: Duration = .seconds(30)
    /// How long a connection may wait for its next request, or leave an answer unread.
    public var idleTimeout: Duration = .seconds(90)
    /// The time a TLS handshake may take.
    public var handshakeTimeout: Duration = .seconds(10)
    /// How long the server reads and discards after its last answer on a connection, so that the client can read that answer instead
    /// of a connection reset (RFC 9112 section 9.6).
    public var lingerTimeout: Duration = .seconds(1)
    /// Bytes of a request line and its header fields with all separators.
    public var headerSize: Int = 16 * 1024
    /// Fields in a header.
    public var headerFields: Int = 100
    /// Open connections; a newer one is closed at once.
    public var connections: Int = 1024
    /// The largest rest of a refused request's body that is read and discarded to keep the connection, in bytes.
    public var discardedBodySize: Int = 64 * 1024
    /// Requests with a larger body, in bytes, are answered on the worker threads instead of the connection's event loop.
    public var eventLoopBodySize: Int = 256 * 1024

    public init() {}
}

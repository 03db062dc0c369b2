/// How much of the server one client may take. The defaults are those of the command line.
public struct HTTPServerLimits: Sendable, Hashable {
    /// The time from a connection's start (with TLS: from the end of its handshake), or from the first byte of a later request, until
    /// the header is complete.
    public var headerTimeout: Duration = .seconds(10)
    /// The time from the end of the header until the body is complete.
    public var bodyTimeout: Duration = .seconds(30)
    /// The least rate at which a body must arrive, in bytes per second. A body that is slower gets 408 before its time is up.
    public var minimumBodyRate: Int = 1024
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
    /// Bytes of request bodies and unsent answers that all connections together may hold beyond ``unsharedBodySize`` each; a request
    /// for which there is no room gets 503.
    public var bodyMemory: Int = 512 * 1024 * 1024
    /// Bytes of bodies that each connection may hold whatever the others do, so that small requests are served beside any large ones.
    public var unsharedBodySize: Int = 256 * 1024
    /// Open connections. For a newer one another that can be spared is closed; when there is none, the newer one. A quarter of them is kept for
    /// addresses that have completed a request within the last minutes, and for this host.
    public var connections: Int = 1024
    /// Open connections from one address, apart from those of this host to itself. Nil for half of ``connections``, which leaves an address behind which
    /// many clients stand as much as they need, and those at others as much again.
    public var connectionsPerAddress: Int?
    /// The largest rest of a refused request's body that is read and discarded to keep the connection, in bytes.
    public var discardedBodySize: Int = 64 * 1024
    /// Requests with a larger body, in bytes, are answered on the worker threads instead of the connection's event loop.
    public var eventLoopBodySize: Int = 256 * 1024

    // MARK: HTTP/2

    /// Streams a client may have open at a time on one connection (SETTINGS_MAX_CONCURRENT_STREAMS, RFC 9113 section 6.5.2).
    public var concurrentStreams: Int = 128
    /// Streams reset in a second on one connection, by the client or for a fault of the client's. More of them, as of any of the frames below,
    /// end the connection with `ENHANCE_YOUR_CALM`.
    public var streamResetsPerSecond: Int = 200
    /// Frames without content in a second: DATA that does not end a stream, HEADERS, CONTINUATION.
    public var emptyFramesPerSecond: Int = 200
    public var pingsPerSecond: Int = 50
    public var settingsPerSecond: Int = 20
    /// All other frames that carry no part of a request in a second: WINDOW_UPDATE, PRIORITY, those of unknown types.
    public var controlFramesPerSecond: Int = 20_000

    public init() {}
}

public import NIOCore
public import NIOHTTP1

/// A complete request, whatever version of HTTP carried it.
public struct HTTPRequest: Sendable, Equatable {
    /// The method a route was matched with. A `HEAD` request on a `GET` route arrives here as `GET`; the server leaves the body
    /// of the answer out by itself.
    public var method: HTTPMethod
    /// The path of the request target as it was sent: not percent-decoded, without the query.
    public var path: String
    /// What follows the first `?` of the request target, or nil without one.
    public var query: String?
    /// The header fields in the order they were sent. Trailer fields are dropped.
    public var headers: HTTPHeaders
    /// The whole body; empty when there was none.
    public var body: ByteBuffer

    public init(method: HTTPMethod, path: String, query: String? = nil, headers: HTTPHeaders = [:], body: ByteBuffer = ByteBuffer()) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }
}

/// An answer, whatever version of HTTP carries it.
///
/// Framing belongs to the server: it sets `Content-Length` and `Connection` and drops these and `Transfer-Encoding` from ``headers``.
public struct HTTPResponse: Sendable, Equatable {
    public var status: HTTPResponseStatus
    public var headers: HTTPHeaders
    public var body: ByteBuffer

    public init(status: HTTPResponseStatus, headers: HTTPHeaders = [:], body: ByteBuffer = ByteBuffer()) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

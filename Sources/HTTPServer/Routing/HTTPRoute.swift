public import NIOHTTP1

/// What the server must know of an endpoint before it reads a body.
public struct HTTPRoute: Sendable, Equatable {
    /// The exact path, compared with the request's as it was sent.
    public var path: String
    public var method: HTTPMethod
    /// The media type a request must have (`application/json`), compared without regard to case or parameters; nil accepts any.
    public var contentType: String?
    /// The largest body in bytes.
    public var maximumBodySize: Int

    public init(path: String, method: HTTPMethod, contentType: String? = nil, maximumBodySize: Int = 0) {
        self.path = path
        self.method = method
        self.contentType = contentType
        self.maximumBodySize = maximumBodySize
    }
}

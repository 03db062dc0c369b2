import NIOCore
import NIOHTTP1

/// What answers requests.
///
/// Both methods are synchronous and only compute: they run on an event loop, or on a thread of the server's worker pool when the body
/// is larger than ``HTTPServerLimits/eventLoopBodySize``. They must neither block nor wait.
public protocol HTTPResponder: Sendable {
    /// Answers a request that matched a route and arrived whole.
    func respond(to request: HTTPRequest) -> HTTPResponse

    /// As ``respond(to:)-(HTTPRequest)``, for a request with a large body. The work takes memory, which is reserved here before it is used. When there is
    /// none left, anything may be answered: the server answers with ``HTTPRefusal/bodyMemory`` instead.
    func respond(to request: HTTPRequest, memory: WorkMemory) -> HTTPResponse

    /// Words the answer to a request the server refuses by itself. The server sends ``HTTPRefusal/status`` and adds an `Allow` field
    /// where one is due; body and content type are the responder's.
    func respond(to refusal: HTTPRefusal) -> HTTPResponse
}

extension HTTPResponder {
    /// Reserves nothing.
    public func respond(to request: HTTPRequest, memory: WorkMemory) -> HTTPResponse { respond(to: request) }

    /// One line of plain text.
    public func respond(to refusal: HTTPRefusal) -> HTTPResponse {
        HTTPResponse(
            status: refusal.status,
            headers: ["Content-Type": "text/plain; charset=utf-8"],
            body: ByteBuffer(string: refusal.message + "\n"))
    }
}

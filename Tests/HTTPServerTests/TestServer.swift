import HTTPServer
import Logging
import NIOCore
import NIOHTTP1

/// Answers with what it was asked: method, path, query and the size and text of the body, one a line.
struct EchoResponder: HTTPResponder {
    /// Runs before each answer.
    var onRequest: @Sendable (HTTPRequest) -> Void = { _ in }

    func respond(to request: HTTPRequest) -> HTTPResponse {
        onRequest(request)
        let body = request.body.readableBytes > 1000 ? "" : String(buffer: request.body)
        let text = "\(request.method) \(request.path) \(request.query ?? "-") \(request.body.readableBytes) \(body)"
        return HTTPResponse(status: .ok, headers: ["Content-Type": "text/plain"], body: ByteBuffer(string: text))
    }

    func respond(to refusal: HTTPRefusal) -> HTTPResponse {
        HTTPResponse(status: refusal.status, body: ByteBuffer(string: "refused: \(refusal.reason)"))
    }
}

let testRoutes = [
    HTTPRoute(path: "/echo", method: .POST, contentType: "application/json", maximumBodySize: 1 << 20),
    HTTPRoute(path: "/small", method: .POST, contentType: "application/json", maximumBodySize: 10),
    HTTPRoute(path: "/info", method: .GET)
]

/// Runs a server on a free port of the loopback interface for as long as `body` runs.
func withServer<Result>(
    _ configure: (inout HTTPServer.Configuration) -> Void = { _ in }, responder: any HTTPResponder = EchoResponder(),
    _ body: (HTTPServer) async throws -> Result
) async throws -> Result {
    var configuration = HTTPServer.Configuration(address: ListenAddress(host: "127.0.0.1", port: 0))
    configuration.eventLoopThreads = 1
    configuration.workerThreads = 1
    configure(&configuration)
    let server = try await HTTPServer.bind(configuration, routes: testRoutes, responder: responder, logger: Logger(label: "test"))
    let running = Task { try await server.run() }
    let result: Swift.Result<Result, any Error>
    do { result = .success(try await body(server)) } catch { result = .failure(error) }
    running.cancel()
    try await running.value
    return try result.get()
}

/// The head of a POST of JSON, with its closing empty line.
func post(_ path: String, _ fields: String...) -> String {
    let all = ["Host: test", "Content-Type: application/json"] + fields
    return "POST \(path) HTTP/1.1\r\n" + all.map { $0 + "\r\n" }.joined() + "\r\n"
}

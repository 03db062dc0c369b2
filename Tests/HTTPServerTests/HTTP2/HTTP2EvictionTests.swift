import HTTPServer
import TestSupport
import Testing

@Suite("HTTP/2: the limit of connections", .timeLimit(.minutes(1)))
struct HTTP2EvictionTests {
    private static let info = HeaderBlock.get("/info")
    private static let echo = HeaderBlock.post("/echo")

    private func withLimit(_ limit: Int, _ body: (HTTPServer) async throws -> Void) async throws {
        try await withHTTP2Server({ $0.limits.connections = limit }, body)
    }

    private func served(_ server: HTTPServer) async throws -> FrameClient {
        var client = try await FrameClient(server, opening: [.headers(1, Self.info)])
        try await client.expect(.answer(1, 200))
        return client
    }

    @Test("a connection with nothing but a request that does not end makes room before an idle one, which then does")
    func order() async throws {
        try await withLimit(3) { server in
            var slow = try await FrameClient(server, opening: [.headers(1, Self.echo, .endHeaders), .data(1, "{")])
            try await poll("it is admitted") { server.connectionCount == 1 }
            try await Task.sleep(for: .seconds(1.1))
            var idle = try await served(server)
            var busy = try await served(server)
            await busy.send(.headers(3, Self.echo, .endHeaders), .data(3, "{"))
            // Its answer says that what was sent before it has arrived.
            await busy.send(.headers(5, Self.info))
            try await busy.expect(.answer(5, 200))
            let third = try await served(server)
            try await slow.end()
            let fourth = try await served(server)
            try await idle.end()
            #expect(idle.goAways.last?.code == .noError)
            await busy.send(.data(3, "}", .endStream))
            try await busy.expect(.answer(3, 200))
            for client in [slow, idle, busy, third, fourth] { await client.close() }
        }
    }
}

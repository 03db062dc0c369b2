import HTTPServer
import NIOCore
import TestSupport
import Testing

/// Takes so much memory for each large request.
private struct HungryResponder: HTTPResponder {
    var appetite: Int

    func respond(to request: HTTPRequest) -> HTTPResponse { EchoResponder().respond(to: request) }

    func respond(to request: HTTPRequest, memory: WorkMemory) -> HTTPResponse {
        // A responder need not look: what it answers is not sent.
        _ = memory.reserve(appetite)
        return respond(to: request)
    }
}

@Suite("Memory for work on bodies", .timeLimit(.minutes(1)))
struct WorkMemoryTests {
    private static let size = 5000

    private func serving(
        appetite: Int, _ body: (HTTPServer, RefusalCounts) async throws -> Void
    ) async throws {
        let refusals = RefusalCounts()
        let configure = { (configuration: inout HTTPServer.Configuration) in
            configuration.limits.bodyMemory = 100_000
            configuration.limits.unsharedBodySize = 1000
            configuration.limits.eventLoopBodySize = 1000
            configuration.onRefusal = refusals.count
        }
        try await withServer(configure, responder: HungryResponder(appetite: appetite)) { try await body($0, refusals) }
    }

    private static let request = post("/echo", "Content-Length: \(size)") + String(repeating: "x", count: size)

    @Test("a request whose work takes more memory than is left gets 503, and another on the connection its answer")
    func tooMuch() async throws {
        try await serving(appetite: 99_000) { server, refusals in
            var client = try await RawClient(server)
            try await client.send(Self.request)
            let answer = try await client.response()
            #expect(answer.status == 503)
            #expect(answer.fields["retry-after"] == "1")
            #expect(refusals.all == [.bodyMemory: 1])
            #expect(server.bodyMemoryInUse == 0)
            try await client.send("GET /info HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.response().status == 200)
        }
    }

    @Test("memory for work is given back with the answer")
    func givenBack() async throws {
        try await serving(appetite: 90_000) { server, refusals in
            var client = try await RawClient(server)
            for _ in 1...3 {
                try await client.send(Self.request)
                #expect(try await client.response().status == 200)
            }
            try await poll("all is given back") { server.bodyMemoryInUse == 0 }
            #expect(refusals.all == [:])
        }
    }

    @Test("a responder that asks for less than nothing is refused, and does not stop the server")
    func negative() async throws {
        try await serving(appetite: -1) { server, refusals in
            var client = try await RawClient(server)
            try await client.send(Self.request)
            #expect(try await client.response().status == 503)
        }
    }
}

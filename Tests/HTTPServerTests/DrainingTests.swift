import HTTPServer
import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import Testing

@Suite("Stopping", .timeLimit(.minutes(1)))
struct DrainingTests {
    @Test("a request under way is answered with Connection: close while idle connections end at once")
    func requestUnderWay() async throws {
        let entered = Gate()
        let leave = Gate()
        let responder = EchoResponder.held(entering: entered, until: leave)
        try await withServer({ $0.limits.eventLoopBodySize = 0 }, responder: responder) { server in
            var idle = try await RawClient(server)
            try await idle.send("GET /info HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await idle.response().fields["connection"] == nil)
            var unused = try await RawClient(server)
            var begun = try await RawClient(server)
            try await begun.send("GET /info HTTP/1.1\r\nHost: a\r\n\r\nGET /in")
            _ = try await begun.response()
            var busy = try await RawClient(server)
            try await busy.send(post("/echo", "Content-Length: 2") + "{}")
            await entered.opened()

            server.beginDraining()
            #expect(try await idle.remainder() == "")
            #expect(try await unused.remainder() == "")
            await #expect(throws: (any Error).self) {
                var late = try await RawClient(server)
                try await late.send("GET /info HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try await late.response()
            }
            try await begun.send("fo HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await begun.response().fields["connection"] == "close")
            leave.open()
            let answer = try await busy.response()
            #expect(answer.status == 200)
            #expect(answer.fields["connection"] == "close")
            #expect(try await busy.remainder() == "")
        }
    }

    @Test("a large answer is sent whole before the connection closes")
    func largeAnswer() async throws {
        let responder = LargeResponder(size: 20_000_000)
        var configuration = HTTPServer.Configuration(address: ListenAddress(host: "127.0.0.1", port: 0))
        configuration.eventLoopThreads = 1
        let server = try await HTTPServer.bind(configuration, routes: testRoutes, responder: responder, logger: Logger(label: "test"))
        let running = Task { try await server.run() }
        var client = try await RawClient(server)
        try await client.send("GET /info HTTP/1.1\r\nHost: a\r\n\r\n")
        // The header has been read, most of the body has not.
        try await client.begin()
        server.beginDraining()
        #expect(try await client.response().body.utf8.count == 20_000_000)
        await client.close()
        try await running.value
    }

    /// A server in a service group that runs, and a client that has had an answer.
    private static func serving(
        shutdownDelay: Duration
    ) async throws -> (HTTPServer, ServiceGroup, running: Task<Void, any Error>, RawClient) {
        var configuration = HTTPServer.Configuration(address: ListenAddress(host: "127.0.0.1", port: 0))
        configuration.eventLoopThreads = 1
        configuration.shutdownDelay = shutdownDelay
        let server = try await HTTPServer.bind(
            configuration, routes: testRoutes, responder: EchoResponder(), logger: Logger(label: "test"))
        let group = ServiceGroup(configuration: .init(services: [.init(service: server)], logger: Logger(label: "test")))
        let running = Task { try await group.run() }
        var client = try await RawClient(server)
        try await client.send("GET /info HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try await client.response()
        return (server, group, running, client)
    }

    @Test("graceful shutdown waits for its delay, then for requests, then returns")
    func gracefulShutdown() async throws {
        let (server, group, running, first) = try await Self.serving(shutdownDelay: .seconds(1))
        var client = first
        let start = ContinuousClock.now
        await group.triggerGracefulShutdown()
        // Still served, on connections old and new.
        try await client.send("GET /info HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try await client.response().fields["connection"] == nil)
        var other = try await RawClient(server)
        try await other.send("GET /info HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try await other.response().status == 200)
        try await running.value
        #expect(start.duration(to: .now) >= .seconds(1))
        #expect(try await client.remainder() == "")
    }

    @Test("in the second half of the shutdown delay each answer is the last one of its connection, and new connections are served")
    func lastAnswers() async throws {
        let (server, group, running, first) = try await Self.serving(shutdownDelay: .seconds(10))
        var client = first
        await group.triggerGracefulShutdown()
        try await Task.sleep(for: .milliseconds(5500))
        // It is idle, and stays open for the request that may be on its way.
        try await client.send("GET /info HTTP/1.1\r\nHost: a\r\n\r\n")
        let answer = try await client.response()
        #expect(answer.status == 200 && answer.fields["connection"] == "close")
        #expect(try await client.remainder() == "")
        var refused = try await RawClient(server)
        try await refused.send("GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n")
        let refusal = try await refused.response()
        #expect(refusal.status == 404 && refusal.fields["connection"] == "close")
        running.cancel()
        _ = try? await running.value
    }

    @Test("what is not finished at the shutdown timeout is closed")
    func shutdownTimeout() async throws {
        var configuration = HTTPServer.Configuration(address: ListenAddress(host: "127.0.0.1", port: 0))
        configuration.eventLoopThreads = 1
        configuration.shutdownTimeout = .milliseconds(200)
        let server = try await HTTPServer.bind(
            configuration, routes: testRoutes, responder: EchoResponder(), logger: Logger(label: "test"))
        let running = Task { try await server.run() }
        let client = try await RawClient(server)
        try await client.send(post("/echo", "Content-Length: 10", "Expect: 100-continue"))
        var reader = client
        #expect(try await reader.response().status == 100)
        server.beginDraining()
        try await running.value
        #expect(try await reader.remainder() == "")
    }
}

@Suite("Worker threads", .timeLimit(.minutes(1)))
struct WorkerThreadTests {
    @Test("while a large body is worked on, other connections are answered")
    func largeBody() async throws {
        let entered = Gate()
        let leave = Gate()
        let responder = EchoResponder { request in
            guard request.body.readableBytes > 256 * 1024 else { return }
            entered.open()
            leave.wait()
        }
        try await withServer(responder: responder) { server in
            var large = try await RawClient(server)
            try await large.send(post("/echo", "Content-Length: 1000000") + String(repeating: "x", count: 1_000_000))
            await entered.opened()
            var small = try await RawClient(server)
            try await small.send(post("/echo", "Content-Length: 2") + "{}")
            #expect(try await small.response().status == 200)
            leave.open()
            #expect(try await large.response().body == "POST /echo - 1000000 ")
        }
    }
}

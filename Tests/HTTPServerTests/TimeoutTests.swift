import HTTPServer
import NIOCore
import NIOHTTP1
import Testing

@Suite("Time and connection limits", .timeLimit(.minutes(1)))
struct TimeoutTests {
    private static let long = Duration.seconds(30)
    private static let short = Duration.milliseconds(600)

    @Test("a new connection that sends nothing is closed without an answer after the header timeout")
    func silentConnection() async throws {
        try await withServer({
            $0.limits.headerTimeout = Self.short
            $0.limits.idleTimeout = Self.long
        }) { server in
            var client = try await RawClient(server)
            #expect(try await client.remainder() == "")
        }
    }

    @Test("a header that does not end in time gets 408, however steadily it comes", arguments: [false, true])
    func slowHeader(isSecondRequest: Bool) async throws {
        try await withServer({
            $0.limits.headerTimeout = .milliseconds(1200)
            $0.limits.idleTimeout = Self.long
        }) { server in
            var client = try await RawClient(server)
            if isSecondRequest {
                try await client.send("GET /info HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await client.response().status == 200)
            }
            let sending = Task { [sender = client.sender] in
                for character in "GET /info HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 100))" {
                    await sender.trySend(String(character))
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            let answer = try await client.response()
            sending.cancel()
            #expect(answer.status == 408)
            #expect(answer.body == "refused: header_timeout")
            #expect(try await client.remainder() == "")
        }
    }

    @Test("part of a pipelined header that came with the request before it is on the clock too")
    func slowPipelinedHeader() async throws {
        try await withServer({
            $0.limits.headerTimeout = Self.short
            $0.limits.idleTimeout = Self.long
        }) { server in
            var client = try await RawClient(server)
            try await client.send("GET /info HTTP/1.1\r\nHost: a\r\n\r\nG")
            #expect(try await client.response().status == 200)
            #expect(try await client.response().status == 408)
        }
    }

    @Test(
        "a body that does not end in time gets 408",
        arguments: [
            post("/echo", "Content-Length: 10") + "{}", post("/echo", "Transfer-Encoding: chunked") + "2\r\n{}\r\n",
            post("/echo", "Transfer-Encoding: chunked") + "2\r\n{}\r\n0\r\nTrailer: "
        ])
    func slowBody(request: String) async throws {
        try await withServer({ $0.limits.bodyTimeout = Self.short }) { server in
            var client = try await RawClient(server)
            try await client.send(request)
            let answer = try await client.response()
            #expect(answer.status == 408)
            #expect(answer.body == "refused: body_timeout")
            #expect(try await client.remainder() == "")
        }
    }

    @Test("the rest of a refused body has the body timeout, without a second answer")
    func slowDiscardedBody() async throws {
        try await withServer({ $0.limits.bodyTimeout = Self.short }) { server in
            var client = try await RawClient(server)
            try await client.send(post("/nothing", "Content-Length: 10") + "{}")
            #expect(try await client.response().status == 404)
            #expect(try await client.remainder() == "")
        }
    }

    @Test("an idle connection is closed without an answer, and each request starts the time anew")
    func idle() async throws {
        try await withServer({
            $0.limits.headerTimeout = Self.long
            $0.limits.idleTimeout = .seconds(3)
        }) { server in
            var client = try await RawClient(server)
            for _ in 1...4 {
                try await client.send("GET /info HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await client.response().status == 200)
                try await Task.sleep(for: .milliseconds(900))
            }
            #expect(try await client.remainder() == "")
        }
    }

    @Test("a request that takes long to answer is not cut off by any timeout")
    func slowAnswer() async throws {
        let shortLimits = { (configuration: inout HTTPServer.Configuration) in
            configuration.limits.eventLoopBodySize = 0
            configuration.limits.headerTimeout = Self.short
            configuration.limits.bodyTimeout = Self.short
            configuration.limits.idleTimeout = Self.short
        }
        try await withServer(shortLimits, responder: EchoResponder { _ in block(for: .milliseconds(900)) }) { server in
            var client = try await RawClient(server)
            try await client.send(post("/echo", "Content-Length: 2") + "{}")
            #expect(try await client.response().status == 200)
        }
    }

    @Test("over the connection limit the newest is closed, and a closed one makes room")
    func connectionLimit() async throws {
        try await withServer({ $0.limits.connections = 2 }) { server in
            var first = try await RawClient(server)
            var second = try await RawClient(server)
            for _ in 1...2 {
                try await first.send("GET /info HTTP/1.1\r\nHost: a\r\n\r\n")
                try await second.send("GET /info HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await first.response().status == 200)
                #expect(try await second.response().status == 200)
                var third = try await RawClient(server)
                #expect(try await third.remainder() == "")
            }
            await first.close()
            var isServed = false
            for _ in 1...100 where !isServed {
                var third = try await RawClient(server)
                await third.trySend("GET /info HTTP/1.1\r\nHost: a\r\n\r\n")
                isServed = (try? await third.response().status) == 200
                await third.close()
            }
            #expect(isServed)
        }
    }

    @Test("a client that does not read its answers is sent no more than the buffers hold")
    func unreadAnswers() async throws {
        let answered = Counter()
        try await withServer(responder: EchoResponder { _ in answered.increment() }) { server in
            let client = try await RawClient(server, readsAutomatically: false)
            let requests = String(repeating: post("/echo", "Content-Length: 900") + String(repeating: "x", count: 900), count: 100)
            let sending = Task { [sender = client.sender] in
                for _ in 0..<200 { await sender.trySend(requests) }
            }
            var before = -1
            while answered.value != before || before == 0 {
                before = answered.value
                try await Task.sleep(for: .milliseconds(300))
            }
            #expect(answered.value < 20_000)
            sending.cancel()
            await client.close()
        }
    }
}

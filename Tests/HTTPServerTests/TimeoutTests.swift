import HTTPServer
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@Suite("Time limits", .timeLimit(.minutes(1)))
struct TimeoutTests {
    private static let long = Duration.seconds(30)
    private static let short = Duration.milliseconds(1500)

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
        try await withServer(shortLimits, responder: EchoResponder { _ in block(for: .milliseconds(2000)) }) { server in
            var client = try await RawClient(server)
            try await client.send(post("/echo", "Content-Length: 2") + "{}")
            #expect(try await client.response().status == 200)
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

    @Test("a body slower than the least rate gets 408 before the body timeout, one that keeps ahead of it does not")
    func slowPace() async throws {
        let refusals = RefusalCounts()
        let configure = { (configuration: inout HTTPServer.Configuration) in
            configuration.limits.minimumBodyRate = 200
            configuration.onRefusal = refusals.count
        }
        try await withServer(configure) { server in
            var slow = try await RawClient(server)
            var steady = try await RawClient(server)
            let start = ContinuousClock.now
            try await slow.send(post("/echo", "Content-Length: 1000"))
            try await steady.send(post("/echo", "Content-Length: 3700"))
            let sending = Task { [slow = slow.sender, steady = steady.sender] in
                for _ in 1...37 {
                    await slow.trySend("x")
                    await steady.trySend(String(repeating: "x", count: 100))
                    try await Task.sleep(for: .milliseconds(200))
                }
            }
            let answer = try await slow.response()
            let time = ContinuousClock.now - start
            #expect(answer.status == 408)
            #expect(answer.body == "refused: body_timeout")
            #expect(time > .seconds(5) && time < .seconds(25), "\(time)")
            #expect(try await steady.response().status == 200)
            try await sending.value
            #expect(refusals.all == [.bodyTimeout: 1])
        }
    }

    @Test("after a timeout was answered, a client that neither sends nor closes is closed all the same")
    func silentAfterTimeout() async throws {
        let refusals = RefusalCounts()
        let configure = { (configuration: inout HTTPServer.Configuration) in
            configuration.limits.headerTimeout = .milliseconds(200)
            configuration.limits.lingerTimeout = .milliseconds(200)
            configuration.onRefusal = refusals.count
        }
        try await withServer(configure) { server in
            let client = try await RawClient(server)
            try await client.send("GET /in")
            try await poll("the server closes it", for: .seconds(10)) { refusals[.headerTimeout] == 1 && server.connectionCount == 0 }
            await client.close()
        }
    }

    @Test(
        "a client that leaves an answer unread is closed after the idle timeout, and counted",
        arguments: [
            "GET /info HTTP/1.1\r\nHost: a\r\n\r\n", "GET /info HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            "GET /info HTTP/1.1\r\nHost: a\r\n\r\nGET /in",
            String(repeating: "GET /info HTTP/1.1\r\nHost: a\r\n\r\n", count: 10)
        ])
    func unreadAnswer(requests: String) async throws {
        let refusals = RefusalCounts()
        let configure = { (configuration: inout HTTPServer.Configuration) in
            configuration.limits.headerTimeout = Self.short
            configuration.limits.idleTimeout = Self.short
            configuration.onRefusal = refusals.count
        }
        try await withServer(configure, responder: LargeResponder(size: 20_000_000)) { server in
            let client = try await RawClient(server, readsAutomatically: false)
            try await client.send(requests)
            try await poll("the connection is closed", for: .seconds(10)) { refusals[.answerTimeout] == 1 && server.connectionCount == 0 }
            #expect(server.bodyMemoryInUse == 0)
            await client.close()
        }
    }
}

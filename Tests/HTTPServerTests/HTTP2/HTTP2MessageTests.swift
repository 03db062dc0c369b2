import HTTPServer
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

private let echo = HeaderBlock.post("/echo")

@Suite("HTTP/2: requests and answers", .timeLimit(.minutes(1)))
struct HTTP2MessageTests {
    @Test("a request reaches the responder as one of HTTP/1.1 would, and its answer comes back whole")
    func request() async throws {
        let seen = NIOLockedValueBox<HTTPRequest?>(nil)
        try await withHTTP2Client(responder: EchoResponder { request in seen.withLockedValue { $0 = request } }) { client in
            await client.send(
                .headers(1, .post("/echo?a=%20b", ["x-a": "1", "x-a": "2", "cookie": "c"]), .endHeaders), .data(1, "{"),
                .data(1, "}"), .headers(1, ["x-trailer": "t"]))
            let answer = try await client.answer(on: 1)
            #expect(answer.status == 200)
            #expect(answer.fields == ["content-type": "text/plain", "content-length": "22"])
            #expect(answer.body == "POST /echo a=%20b 2 {}")
        }
        let request = try #require(seen.withLockedValue { $0 })
        #expect(request.method == .POST)
        #expect(request.path == "/echo")
        #expect(request.query == "a=%20b")
        #expect(request.headers["host"] == ["test"])
        #expect(request.headers["x-a"] == ["1", "2"])
        #expect(request.headers["x-trailer"] == [])
        #expect(request.headers.allSatisfy { !$0.name.hasPrefix(":") })
        #expect(request.body == ByteBuffer(string: "{}"))
    }

    @Test("HEAD is answered with the header of GET and no body")
    func head() async throws {
        try await withHTTP2Client { client in
            await client.send(.headers(1, .request("HEAD", "/info")))
            try await client.expect(.answer(1, 200))
            #expect(client.exchanges[1]?.fields["content-length"] == "14")
            #expect(client.exchanges[1]?.body == "")
        }
    }

    @Test("a refused HEAD has no body either")
    func refusedHead() async throws {
        try await withHTTP2Client { client in
            await client.send(.headers(1, .request("HEAD", "/nothing")))
            try await client.expect(.answer(1, 404))
            #expect(client.exchanges[1]?.body == "")
        }
    }

    @Test("a client that expects 100 is told to go on before it sends, and only then")
    func expectContinue() async throws {
        try await withHTTP2Client { client in
            await client.send(.headers(1, echo + .literal("expect", "100-continue"), .endHeaders))
            while client.exchanges[1] == nil { try await client.readFrame() }
            #expect(client.exchanges[1]?.interim == [100])
            await client.send(.data(1, "{}", .endStream))
            try await client.expect(.answer(1, 200))
            await client.send(.headers(3, echo + .literal("expect", "100-continue")))
            try await client.expect(.answer(3, 200))
            #expect(client.exchanges[3]?.interim == [])
        }
    }

    @Test(
        "a complete request that cannot be served is refused as over HTTP/1.1, and the connection goes on",
        arguments: [
            (.get("/nothing"), 404, "unknown_path"), (.get("/"), 404, "unknown_path"), (.request("OPTIONS", "*"), 404, "unknown_path"),
            ([":method": "CONNECT", ":authority": "a:1"], 404, "unknown_path"), (.get("/echo"), 405, "method"),
            (.request("DELETE", "/info"), 405, "method"), (.request("brew", "/info"), 405, "method"),
            (.request("POST", "/echo"), 415, "content_type"), (.request("POST", "/echo", ["content-type": "a/b"]), 415, "content_type"),
            (.post("/echo", ["content-type": "a/b"]), 415, "content_type"),
            (.post("/echo", ["content-encoding": "gzip"]), 415, "content_type"),
            (.post("/echo", ["expect": "200-ok"]), 417, "expectation"), (.get("/info", ["host": "other"]), 400, "malformed"),
            (.get("/info", ["x": String(repeating: "x", count: 16_384)]), 431, "header_too_large"),
            (.get("/" + String(repeating: "x", count: 16_384)), 431, "header_too_large"),
            (.get("/info") + .repeating(["x": ""], 101), 431, "header_too_large"),
            (
                .get("/info") + .literal("x", String(repeating: "x", count: 4000), .incremental) + .repeating(.indexed(62), 4), 431,
                "header_too_large"
            )
        ] as [(HeaderBlock, Int, String)])
    func refusal(block: HeaderBlock, status: Int, reason: String) async throws {
        let reasons = NIOLockedValueBox<[HTTPRefusal.Reason]>([])
        try await withHTTP2Client(configure: { $0.onRefusal = { reason in reasons.withLockedValue { $0.append(reason) } } }) { client in
            await client.send(inFrames(1, block))
            try await client.expect(.answer(1, status))
            #expect(client.exchanges[1]?.body == "refused: \(reason)")
            #expect(client.exchanges[1]?.reset == nil)
            await client.send(.headers(3, .get("/info")))
            try await client.expect(.answer(3, 200))
        }
        #expect(reasons.withLockedValue { $0 } == [HTTPRefusal.Reason(rawValue: reason)])
    }

    @Test("a header of just under 16 KiB, and one of 100 fields, are accepted")
    func largeHeader() async throws {
        try await withHTTP2Client { client in
            await client.send(inFrames(1, .get("/info", ["x": String(repeating: "x", count: 16_000)])))
            try await client.expect(.answer(1, 200))
            await client.send(inFrames(3, .get("/info") + .repeating(["x": String(repeating: "x", count: 120)], 100)))
            try await client.expect(.answer(3, 200))
        }
    }

    /// A block in as many frames as it needs.
    private func inFrames(_ streamID: UInt32, _ block: HeaderBlock) -> [Frame] {
        let first = HeaderBlock(bytes: Array(block.bytes.prefix(16_384)))
        let rest = HeaderBlock(bytes: Array(block.bytes.dropFirst(16_384)))
        guard !rest.bytes.isEmpty else { return [.headers(streamID, first)] }
        return [.headers(streamID, first, .endStream), .continuation(streamID, rest)]
    }

    @Test(
        "a refusal does not wait for the rest of the request, and says that nobody wants it",
        arguments: [
            ([.headers(1, .post("/nothing"), .endHeaders)], 404),
            ([.headers(1, .request("DELETE", "/info"), .endHeaders), .data(1, "x")], 405),
            ([.headers(1, .request("POST", "/echo"), .endHeaders)], 415),
            ([.headers(1, .post("/echo", ["expect": "a"]), .endHeaders)], 417),
            ([.headers(1, .post("/small", ["content-length": "11"]), .endHeaders)], 413),
            ([.headers(1, .post("/small", ["content-length": "9223372036854775807"]), .endHeaders)], 413),
            ([.headers(1, .post("/small", ["expect": "100-continue", "content-length": "11"]), .endHeaders)], 413),
            ([.headers(1, .post("/small"), .endHeaders), .data(1, "12345678901")], 413),
            ([.headers(1, .post("/small"), .endHeaders), .data(1, "1234567890"), .data(1, "1")], 413),
            ([.headers(1, .get("/info"), .endHeaders), .data(1, "1")], 413),
            ([.headers(1, .post("/echo") + .repeating(["x": ""], 101), .endHeaders)], 431)
        ] as [([Frame], Int)])
    func earlyRefusal(frames: [Frame], status: Int) async throws {
        try await withHTTP2Client { client in
            await client.send(frames)
            #expect(try await client.reset(on: 1) == .noError)
            #expect(client.exchanges[1]?.status == status)
            #expect(client.exchanges[1]?.hasEnded == true)
            #expect(client.exchanges[1]?.interim == [])
            // What was on its way is no fault.
            await client.send(.data(1, "more"), .data(1, "", .endStream))
            await client.send(.headers(3, .get("/info")))
            try await client.expect(.answer(3, 200))
        }
    }

    @Test("a body of the largest size is accepted, and one byte more is not, declared or not", arguments: [true, false])
    func largestBody(isDeclared: Bool) async throws {
        try await withHTTP2Client { client in
            for (streamID, size, status) in [(1, 10, 200), (3, 11, 413)] as [(UInt32, Int, Int)] {
                let length = HeaderBlock.literal("content-length", "\(size)")
                await client.send(.headers(streamID, .post("/small") + (isDeclared ? length : [:]), .endHeaders))
                await client.send(.data(streamID, String(repeating: "x", count: size), .endStream))
                try await client.expect(.answer(streamID, status))
            }
        }
    }

    @Test("405 lists the methods that are allowed")
    func allow() async throws {
        try await withHTTP2Client { client in
            await client.send(.headers(1, .get("/echo")), .headers(3, .post("/info")))
            let (echo, info) = (try await client.answer(on: 1), try await client.answer(on: 3))
            #expect(echo.fields["allow"] == "POST")
            #expect(info.fields["allow"] == "GET, HEAD")
        }
    }

    @Test("answers come as they are ready, not in the order of the requests")
    func order() async throws {
        let entered = Gate()
        let leave = Gate()
        let responder = EchoResponder.held(entering: entered, until: leave)
        try await withHTTP2Client(configure: { $0.limits.eventLoopBodySize = 0 }, responder: responder) { client in
            await client.send(.headers(1, echo, .endHeaders), .data(1, "{}", .endStream))
            await entered.opened()
            await client.send(.headers(3, .get("/info")))
            try await client.expect(.answer(3, 200))
            #expect(client.exchanges[1] == nil)
            leave.open()
            try await client.expect(.answer(1, 200))
        }
    }

    @Test("a request that the client cancels while it is worked on is not answered, and costs no other")
    func cancelled() async throws {
        let entered = Gate()
        let leave = Gate()
        let responder = EchoResponder.held(entering: entered, until: leave)
        try await withHTTP2Client(configure: { $0.limits.eventLoopBodySize = 0 }, responder: responder) { client in
            await client.send(.headers(1, echo, .endHeaders), .data(1, "{}", .endStream))
            await entered.opened()
            await client.send(.rstStream(1))
            try await client.roundTrip()
            leave.open()
            await client.send(.headers(3, echo, .endHeaders), .data(3, "{}", .endStream))
            try await client.expect(.answer(3, 200))
            #expect(client.exchanges[1] == nil)
        }
    }

    @Test("a request that is reset in the same breath is not begun")
    func resetAtOnce() async throws {
        let begun = Counter()
        let responder = EchoResponder { _ in begun.increment() }
        try await withHTTP2Client(responder: responder) { client in
            await client.send(.headers(1, .get("/info")), .rstStream(1), .headers(3, .get("/info")))
            try await client.expect(.answer(3, 200))
            #expect(begun.value == 1)
        }
    }
}

import HTTPServer
import Logging
import NIOCore
import TestSupport
import Testing

private let info = HeaderBlock.get("/info")
private let echo = HeaderBlock.post("/echo")

@Suite("HTTP/2: flow control (RFC 9113 sections 5.2 and 6.9)", .timeLimit(.minutes(1)))
struct FlowControlTests {
    private static let held = [Frame.Setting.initialWindowSize(0)]

    @Test(
        "WINDOW_UPDATE has its own errors",
        arguments: [
            Case("by nothing on the connection", .windowUpdate(0, by: 0), to: .connectionError(.protocolError)),
            Case("by nothing on a stream", .headers(1, echo, .endHeaders), .windowUpdate(1, by: 0), to: .anyError(1, .protocolError)),
            Case("of three bytes", .windowUpdate(0, by: 1).with(payload: [0, 0, 1]), to: .connectionError(.frameSizeError)),
            Case(
                "of five bytes on a stream", .headers(1, echo, .endHeaders), .windowUpdate(1, by: 1).with(payload: [0, 0, 0, 1, 0]),
                to: .connectionError(.frameSizeError)),
            Case("above 2^31 - 1 on the connection", .windowUpdate(0, by: 1 << 31 - 1), to: .connectionError(.flowControlError)),
            Case(
                "above 2^31 - 1 on the connection in steps", .windowUpdate(0, by: 1 << 30), .windowUpdate(0, by: 1 << 30),
                to: .connectionError(.flowControlError)),
            Case(
                "above 2^31 - 1 on a stream", .headers(1, echo, .endHeaders), .windowUpdate(1, by: 1 << 31 - 1),
                to: .streamError(1, .flowControlError)),
            Case(
                "above 2^31 - 1 on a stream in steps", .headers(1, echo, .endHeaders), .windowUpdate(1, by: 1 << 30),
                .windowUpdate(1, by: 1 << 30), to: .streamError(1, .flowControlError)),
            Case(
                "above 2^31 - 1 by SETTINGS", .headers(1, echo, .endHeaders), .windowUpdate(1, by: 1 << 31 - 65_536),
                .settings(.initialWindowSize(65_536)), to: .anyError(1, .flowControlError)),
            Case(
                "to just 2^31 - 1", .headers(1, echo, .endHeaders), .windowUpdate(1, by: 1 << 31 - 65_536),
                .windowUpdate(0, by: 1 << 31 - 65_536), .data(1, "{}", .endStream), to: .answer(1, 200))
        ])
    func windowUpdates(_ tried: Case) async throws {
        try await tried.run()
    }

    @Test("an answer comes in the pieces that its window lets through")
    func window() async throws {
        try await withHTTP2Client(.initialWindowSize(1)) { client in
            await client.send(.headers(1, info))
            try await client.expectBody("G")
            await client.send(.windowUpdate(1, by: 3))
            try await client.expectBody("GET ")
            await client.send(.windowUpdate(0, by: 100))
            try await client.expectBody("GET ")
            await client.send(.windowUpdate(1, by: 100))
            #expect(try await client.answer(on: 1).body == "GET /info - 0 ")
        }
    }

    @Test("a window of no size lets the header of an answer through")
    func noWindow() async throws {
        try await withHTTP2Client(.initialWindowSize(0)) { client in
            await client.send(.headers(1, info))
            while client.exchanges[1]?.status == nil { try await client.readFrame() }
            try await client.expectBody("")
            await client.send(.windowUpdate(1, by: 100))
            try await client.expect(.answer(1, 200))
        }
    }

    @Test("an answer without a body needs no window")
    func emptyAnswer() async throws {
        try await withHTTP2Client(.initialWindowSize(0)) { client in
            await client.send(.headers(1, .request("HEAD", "/info")))
            try await client.expect(.answer(1, 200))
        }
    }

    @Test("SETTINGS change the windows of open streams, of several values in one frame the last")
    func changedSettings() async throws {
        try await withHTTP2Client(.initialWindowSize(100), .initialWindowSize(1)) { client in
            await client.send(.headers(1, info))
            try await client.expectBody("G")
            await client.send(.settings(.initialWindowSize(4)))
            try await client.expectBody("GET ")
            await client.send(.settings(.initialWindowSize(65_535)))
            #expect(try await client.answer(on: 1).body == "GET /info - 0 ")
        }
    }

    @Test("a window that SETTINGS make negative is to be filled up first")
    func negativeWindow() async throws {
        try await withHTTP2Client(.initialWindowSize(4)) { client in
            await client.send(.headers(1, info))
            try await client.expectBody("GET ")
            await client.send(.settings(.initialWindowSize(1)), .windowUpdate(1, by: 3))
            try await client.expectBody("GET ")
            await client.send(.windowUpdate(1, by: 1))
            try await client.expectBody("GET /")
            await client.send(.settings(.initialWindowSize(100)))
            #expect(try await client.answer(on: 1).body == "GET /info - 0 ")
        }
    }

    @Test("all answers together stay within the window of the connection, and go on in full when it grows")
    func connectionWindow() async throws {
        try await withHTTP2Client { client in
            let body = String(repeating: "x", count: 900)
            for number in 0..<100 as Range<UInt32> {
                await client.send(.headers(1 + 2 * number, echo, .endHeaders), .data(1 + 2 * number, body, .endStream))
            }
            while client.received < 65_535 { try await client.readFrame() }
            try await client.roundTrip()
            #expect(client.received == 65_535)
            // What needs no window is answered meanwhile.
            await client.send(.headers(1001, .request("HEAD", "/info")))
            #expect(try await client.answer(on: 1001).status == 200)
            await client.send(.windowUpdate(0, by: 1 << 20))
            for number in 0..<100 as Range<UInt32> {
                #expect(try await client.answer(on: 1 + 2 * number).body == "POST /echo - 900 " + body)
            }
        }
    }

    @Test("a stream that was reset while it waited for a window does not hold the others up")
    func resetInWindow() async throws {
        try await withHTTP2Client(.initialWindowSize(1)) { client in
            await client.send(.headers(1, info), .headers(3, info))
            try await client.expectBody("G")
            await client.send(.rstStream(1), .windowUpdate(3, by: 100))
            try await client.expect(.answer(3, 200))
            #expect(client.exchanges[1]?.body == "G")
        }
    }

    @Test("bodies are accepted as they come, in frames of any size, and the windows are given back", arguments: [1000, 16_384])
    func upload(size: Int) async throws {
        try await withHTTP2Client { client in
            try await client.roundTrip()
            // More in all than the windows at the start.
            for streamID in [1, 3] as [UInt32] {
                await client.send(.headers(streamID, echo, .endHeaders))
                try await client.upload(String(repeating: "x", count: 1 << 20), on: streamID, size: size)
                #expect(try await client.answer(on: streamID).body == "POST /echo - 1048576 ")
            }
        }
    }

    @Test(
        "DATA beyond the window of a stream, or beyond that of the connection, is FLOW_CONTROL_ERROR of the one or the other",
        arguments: [(streams: 1, frames: 30), (streams: 100, frames: 3)])
    func overflow(streams: UInt32, frames: Int) async throws {
        // A server that cannot write cannot give a window back: its answer is large, and nobody reads it.
        var configuration = HTTPServer.Configuration(address: ListenAddress(host: "127.0.0.1", port: 0))
        configuration.eventLoopThreads = 1
        configuration.limits.unsharedBodySize = 0
        configuration.makeTLSHandler = { NegotiatedHTTP2() }
        let answerSize = 16_000_000
        let server = try await HTTPServer.bind(
            configuration, routes: testRoutes, responder: LargeResponder(size: answerSize), logger: Logger(label: "test"))
        let running = Task { try await server.run() }
        var client = try await FrameClient(server, settings: [.initialWindowSize(1 << 30)], readsAutomatically: false)
        await client.send(.windowUpdate(0, by: 1 << 30), .headers(1, info))
        for number in 1...streams {
            await client.send(.headers(1 + 2 * number, echo, .endHeaders))
            for _ in 0..<frames { await client.send(.data(1 + 2 * number, String(repeating: "x", count: 16_384))) }
        }
        // Half a window is credited, in words that cannot leave, and then a whole one fits: of a stream before SETTINGS are acknowledged
        // 65,535 bytes, of the connection 1 MiB.
        let fitting = streams == 1 ? 2 + 3 : 32 + 64
        try await poll("the server has taken what its windows allow") { server.bodyMemoryInUse >= answerSize + fitting * 16_384 }
        try await client.startReading()
        if streams == 1 {
            #expect(try await client.reset(on: 3) == .flowControlError)
        } else {
            try await client.expect(.connectionError(.flowControlError))
        }
        await client.close()
        running.cancel()
        try await running.value
    }

    @Test("padding is given back too")
    func padding() async throws {
        try await withHTTP2Client { client in
            try await client.roundTrip()
            await client.send(.headers(1, echo, .endHeaders))
            let count = 2 * max(client.initialWindow, 65_535) / (32 * 256)
            for _ in 0..<count {
                while min(client.windows[0, default: 0], client.windows[1, default: client.initialWindow]) < 32 * 256 {
                    try await client.readFrame()
                }
                await client.send(Array(repeating: .data(1, "x").padded(254), count: 32))
            }
            await client.send(.data(1, "", .endStream))
            #expect(try await client.answer(on: 1).body.hasPrefix("POST /echo - \(32 * count) "))
        }
    }

    @Test("DATA that nobody wants is given back to the connection")
    func discarded() async throws {
        try await withHTTP2Client { client in
            try await client.roundTrip()
            for number in 0..<100 as Range<UInt32> {
                let streamID = 1 + 2 * number
                await client.send(.headers(streamID, .post("/nothing"), .endHeaders))
                while client.windows[0, default: 0] < 16_000 { try await client.readFrame() }
                await client.send(.data(streamID, String(repeating: "x", count: 16_000)))
                #expect(try await client.answer(on: streamID).status == 404)
            }
        }
    }
}

extension FrameClient {
    /// Bytes of all bodies.
    fileprivate var received: Int { exchanges.values.reduce(0) { $0 + $1.body.utf8.count } }

    /// Expects stream 1 to have exactly this much of its answer, and not to have ended.
    fileprivate mutating func expectBody(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        // The first PING shows that what was sent before was taken, the second that what it set free has come.
        try await roundTrip()
        try await roundTrip()
        #expect(exchanges[1]?.body == text, sourceLocation: sourceLocation)
        #expect(exchanges[1]?.isOver == false, sourceLocation: sourceLocation)
    }
}

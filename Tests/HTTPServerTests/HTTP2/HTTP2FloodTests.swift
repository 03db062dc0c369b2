import HTTPServer
import NIOConcurrencyHelpers
import TestSupport
import Testing

private let info = HeaderBlock.get("/info")
private let echo = HeaderBlock.post("/echo")

@Suite("HTTP/2: floods", .timeLimit(.minutes(1)))
struct HTTP2FloodTests {
    /// What a client can send for nothing, and the limit on it.
    struct Flood: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var reason: HTTPRefusal.Reason
        var limit: @Sendable (inout HTTPServerLimits, Int) -> Void
        /// What makes up one piece of it, given its number.
        var piece: @Sendable (UInt32) -> [Frame]
        /// What has to go before.
        var opening: [Frame] = []
        /// What the client sends of it by itself.
        var spent = 0
    }

    private static let floods = [
        Flood(testDescription: "PING", reason: .http2Pings, limit: { $0.pingsPerSecond = $1 }, piece: { _ in [.ping()] }, spent: 1),
        Flood(
            testDescription: "SETTINGS", reason: .http2Settings, limit: { $0.settingsPerSecond = $1 },
            piece: { _ in [.settings(.initialWindowSize(1000))] }, spent: 1),
        Flood(
            testDescription: "empty SETTINGS", reason: .http2Settings, limit: { $0.settingsPerSecond = $1 }, piece: { _ in [.settings()] },
            spent: 1),
        Flood(
            testDescription: "empty DATA", reason: .http2EmptyFrames, limit: { $0.emptyFramesPerSecond = $1 }, piece: { _ in [.data(1)] },
            opening: [.headers(1, echo, .endHeaders)]),
        Flood(
            testDescription: "DATA of padding", reason: .http2EmptyFrames, limit: { $0.emptyFramesPerSecond = $1 },
            piece: { _ in [.data(1).padded(9)] }, opening: [.headers(1, echo, .endHeaders)]),
        Flood(
            testDescription: "empty HEADERS", reason: .http2EmptyFrames, limit: { $0.emptyFramesPerSecond = $1 },
            piece: { [.headers(1 + 2 * $0, [:], []), .continuation(1 + 2 * $0, echo), .data(1 + 2 * $0, "{}", .endStream)] }),
        Flood(
            testDescription: "rapid reset", reason: .http2Resets, limit: { $0.streamResetsPerSecond = $1 },
            piece: { [.headers(1 + 2 * $0, echo, .endHeaders), .rstStream(1 + 2 * $0)] }),
        Flood(
            testDescription: "rapid reset of complete requests", reason: .http2Resets, limit: { $0.streamResetsPerSecond = $1 },
            piece: { [.headers(1 + 2 * $0, info), .rstStream(1 + 2 * $0)] }),
        Flood(
            testDescription: "malformed requests, which the server resets", reason: .http2Resets, limit: { $0.streamResetsPerSecond = $1 },
            piece: { [.headers(1 + 2 * $0, .get("/info", ["UPPER": "a"]))] }),
        Flood(
            testDescription: "WINDOW_UPDATE by nothing, for which the server resets", reason: .http2Resets,
            limit: { $0.streamResetsPerSecond = $1 },
            piece: {
                [
                    .headers(1 + 2 * $0, echo, .endHeaders), .windowUpdate(1 + 2 * $0, by: 1 << 30),
                    .windowUpdate(1 + 2 * $0, by: 1 << 30)
                ]
            }),
        Flood(
            testDescription: "streams over the limit", reason: .http2Resets,
            limit: {
                $0.streamResetsPerSecond = $1
                $0.concurrentStreams = 1
            },
            piece: { [.headers(3 + 2 * $0, info)] }, opening: [.headers(1, echo, .endHeaders)]),
        Flood(
            testDescription: "WINDOW_UPDATE", reason: .http2ControlFrames, limit: { $0.controlFramesPerSecond = $1 },
            piece: { _ in [.windowUpdate(0, by: 1)] }, spent: 1),
        Flood(
            testDescription: "PRIORITY", reason: .http2ControlFrames, limit: { $0.controlFramesPerSecond = $1 },
            piece: { [.priority(1 + 2 * $0)] }, spent: 1),
        Flood(
            testDescription: "unknown frames", reason: .http2ControlFrames, limit: { $0.controlFramesPerSecond = $1 },
            piece: { _ in [Frame(type: 0x16)] }, spent: 1),
        Flood(
            testDescription: "PING acknowledgements", reason: .http2ControlFrames, limit: { $0.controlFramesPerSecond = $1 },
            piece: { _ in [.ping("12345678", .ack)] }, spent: 1)
    ]

    private static let limit = 10

    @Test("over its limit it ends the connection with ENHANCE_YOUR_CALM, and the reason is told", arguments: floods)
    func over(_ flood: Flood) async throws {
        let reasons = NIOLockedValueBox<[HTTPRefusal.Reason]>([])
        try await withHTTP2Client(configure: {
            flood.limit(&$0.limits, Self.limit)
            $0.onRefusal = { reason in reasons.withLockedValue { $0.append(reason) } }
        }) { client in
            // More than two seconds' worth, so that one of them is over the limit wherever the seconds begin.
            await client.send(flood.opening + (0...2 * Self.limit).flatMap { flood.piece(UInt32($0)) })
            try await client.expect(.connectionError(.enhanceYourCalm))
        }
        #expect(reasons.withLockedValue { $0 } == [flood.reason])
    }

    @Test("at its limit it does no harm", arguments: floods)
    func at(_ flood: Flood) async throws {
        try await withHTTP2Client(configure: { flood.limit(&$0.limits, Self.limit) }) { client in
            await client.send(flood.opening + (0..<(Self.limit - flood.spent)).flatMap { flood.piece(UInt32($0)) })
            if !flood.opening.isEmpty {
                await client.send(.data(1, "{}", .endStream))
                _ = try await client.answer(on: 1)
            }
            await client.send(.headers(1001, info))
            try await client.expect(.answer(1001, 200))
        }
    }

    @Test("DATA and HEADERS that end their requests are no flood, however many are empty")
    func honestRequests() async throws {
        try await withHTTP2Client(configure: {
            $0.limits.emptyFramesPerSecond = 1
            $0.limits.streamResetsPerSecond = 1
            $0.limits.controlFramesPerSecond = 1
        }) { client in
            for number in 0..<50 as Range<UInt32> {
                let streamID = 1 + 2 * number
                await client.send(.headers(streamID, echo, .endHeaders), .data(streamID, "{}"), .data(streamID, "", .endStream))
                _ = try await client.answer(on: streamID)
            }
        }
    }

    @Test(
        "a field block that goes on and on ends the connection",
        arguments: [
            (["x": "a"], .http2Continuations), ([:], .http2EmptyFrames),
            (.literal("x", String(repeating: "x", count: 16_000)), .http2Continuations)
        ] as [(HeaderBlock, HTTPRefusal.Reason)])
    func endlessContinuation(part: HeaderBlock, reason: HTTPRefusal.Reason) async throws {
        let reasons = NIOLockedValueBox<[HTTPRefusal.Reason]>([])
        try await withHTTP2Client(configure: {
            $0.limits.emptyFramesPerSecond = 3
            $0.onRefusal = { reason in reasons.withLockedValue { $0.append(reason) } }
        }) { client in
            await client.send([.headers(1, info, .endStream)] + Array(repeating: .continuation(1, part, []), count: 100))
            try await client.expect(.connectionError(.enhanceYourCalm))
        }
        // A long one may be found too large before it is found too long.
        #expect([[reason], [.http2HeaderList]].contains(reasons.withLockedValue { $0 }))
    }

    @Test("a few bytes that stand for many ends the connection", arguments: [true, false])
    func bomb(inTrailers: Bool) async throws {
        let reasons = NIOLockedValueBox<[HTTPRefusal.Reason]>([])
        try await withHTTP2Client(configure: { $0.onRefusal = { reason in reasons.withLockedValue { $0.append(reason) } } }) { client in
            let field = HeaderBlock.literal("x", String(repeating: "x", count: 4000), .incremental)
            let bomb = field + .repeating(.indexed(62), 4000)
            if inTrailers {
                await client.send(.headers(1, echo, .endHeaders), .headers(1, bomb))
            } else {
                await client.send(.headers(1, info + bomb))
            }
            try await client.expect(.connectionError(.enhanceYourCalm))
        }
        #expect(reasons.withLockedValue { $0 } == [.http2HeaderList])
    }

    @Test("what breaks the protocol is told too")
    func protocolError() async throws {
        let reasons = NIOLockedValueBox<[HTTPRefusal.Reason]>([])
        try await withHTTP2Client(configure: { $0.onRefusal = { reason in reasons.withLockedValue { $0.append(reason) } } }) { client in
            await client.send(.data(1))
            try await client.expect(.connectionError(.protocolError))
        }
        #expect(reasons.withLockedValue { $0 } == [.http2Protocol])
    }
}

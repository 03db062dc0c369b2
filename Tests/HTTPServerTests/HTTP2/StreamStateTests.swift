import HTTPServer
import TestSupport
import Testing

private let info = HeaderBlock.get("/info")
private let echo = HeaderBlock.post("/echo")

@Suite("HTTP/2: streams (RFC 9113 section 5)", .timeLimit(.minutes(1)))
struct StreamStateTests {
    @Test(
        "on an idle stream only HEADERS and PRIORITY may come",
        arguments: [
            Case("DATA", .data(1, "x", .endStream), to: .connectionError(.protocolError)),
            Case("RST_STREAM", .rstStream(1), to: .connectionError(.protocolError)),
            Case("WINDOW_UPDATE", .windowUpdate(1, by: 100), to: .connectionError(.protocolError)),
            Case("CONTINUATION", .continuation(1, info), to: .connectionError(.protocolError)),
            Case("DATA on a stream of the server", .data(2, "x"), to: .connectionError(.protocolError)),
            Case("WINDOW_UPDATE on a stream of the server", .windowUpdate(2, by: 1), to: .connectionError(.protocolError)),
            Case("PRIORITY", .priority(1), .headers(1, info), to: .answer(1, 200))
        ])
    func idle(_ tried: Case) async throws {
        try await tried.run()
    }

    /// Keeps answers, and with them their streams, from ending.
    private static let held = [Frame.Setting.initialWindowSize(0)]

    @Test(
        "on a half-closed stream the client must not go on",
        arguments: [
            Case("DATA", settings: held, .headers(1, info), .data(1, "x", .endStream), to: .anyError(1, .streamClosed)),
            Case("HEADERS", settings: held, .headers(1, info), .headers(1, info), to: .anyError(1, .streamClosed)),
            Case("CONTINUATION", settings: held, .headers(1, info), .continuation(1, info), to: .connectionError(.protocolError)),
            Case(
                "DATA after DATA that ended it", settings: held, .headers(1, echo, .endHeaders), .data(1, "{}", .endStream), .data(1, "x"),
                to: .anyError(1, .streamClosed)),
            Case(
                "a trailer after a trailer", settings: held, .headers(1, echo, .endHeaders), .headers(1, ["a": "b"]),
                .headers(1, ["a": "b"]), to: .anyError(1, .streamClosed))
        ])
    func halfClosed(_ tried: Case) async throws {
        try await tried.run()
    }

    @Test(
        "on a half-closed stream the client may still say how it wants the answer",
        arguments: [
            Case("PRIORITY", settings: held, .headers(1, info), .priority(1), to: .nothing),
            Case("RST_STREAM", settings: held, .headers(1, info), .rstStream(1), .headers(3, echo, .endHeaders), to: .nothing),
            Case("WINDOW_UPDATE", settings: held, .headers(1, info), .windowUpdate(1, by: 65_535), to: .answer(1, 200))
        ])
    func halfClosedFrames(_ tried: Case) async throws {
        try await tried.run()
    }

    @Test(
        "on a stream that the client has ended or reset it must not go on",
        arguments: [
            Case("DATA after RST_STREAM", reset + [.send(.data(1, "x"))], .connectionError(.streamClosed)),
            Case("HEADERS after RST_STREAM", reset + [.send(.headers(1, info))], .connectionError(.streamClosed)),
            Case("CONTINUATION after RST_STREAM", reset + [.send(.continuation(1, info))], .connectionError(.protocolError)),
            Case("DATA after the answer", answered + [.send(.data(1, "x"))], .connectionError(.streamClosed)),
            Case("HEADERS after the answer", answered + [.send(.headers(1, info))], .connectionError(.streamClosed)),
            Case("CONTINUATION after the answer", answered + [.send(.continuation(1, info))], .connectionError(.protocolError)),
            Case("DATA long after the answer", answered + hundred + [.send(.data(1, "x"))], .connectionError(.streamClosed)),
            Case("HEADERS long after the answer", answered + hundred + [.send(.headers(1, info))], .connectionError(.streamClosed)),
            Case(
                "DATA after the answer and RST_STREAM", answered + [.send(.rstStream(1)), .send(.data(1))], .connectionError(.streamClosed)),
            Case("DATA on a stream passed over", [.send(.headers(3, info)), .send(.data(1))], .connectionError(.streamClosed)),
            Case("RST_STREAM on a stream passed over", [.send(.headers(3, info)), .send(.rstStream(1))], .nothing)
        ])
    func closed(_ tried: Case) async throws {
        try await tried.run()
    }

    private static let reset: [Case.Step] = [
        .send(.headers(1, echo, .endHeaders)), .send(.rstStream(1)), .send(.headers(3, info)), .answered(3)
    ]
    private static let answered: [Case.Step] = [.send(.headers(1, info)), .answered(1)]
    private static let hundred: [Case.Step] = (1...100).flatMap { [.send(.headers(1 + 2 * $0, info)), .answered(1 + 2 * $0)] }

    @Test(
        "frames that were on their way when a stream ended are no fault",
        arguments: [
            Case("WINDOW_UPDATE after the answer", [.send(.headers(1, info)), .answered(1), .send(.windowUpdate(1, by: 9))], .nothing),
            Case("RST_STREAM after the answer", [.send(.headers(1, info)), .answered(1), .send(.rstStream(1))], .nothing),
            Case("PRIORITY after the answer", [.send(.headers(1, info)), .answered(1), .send(.priority(1))], .nothing),
            Case(
                "DATA after the server reset the stream",
                [.send(.headers(1, .post("/nothing"), .endHeaders)), .reset(1), .send(.data(1, "x", .endStream))], .nothing),
            Case(
                "a trailer after the server reset the stream",
                [.send(.headers(1, .post("/nothing"), .endHeaders)), .reset(1), .send(.headers(1, ["a": "b"]))], .nothing),
            Case(
                "WINDOW_UPDATE after the client reset the stream",
                .headers(1, echo, .endHeaders), .rstStream(1), .windowUpdate(1, by: 9), to: .nothing)
        ])
    func crossing(_ tried: Case) async throws {
        try await tried.run()
    }

    @Test(
        "a stream identifier must be odd and higher than all before",
        arguments: [
            Case("even", .headers(2, info), to: .connectionError(.protocolError)),
            Case("lower", settings: held, .headers(5, info), .headers(3, info), to: .connectionError(.protocolError)),
            Case("zero", .headers(0, info), to: .connectionError(.protocolError)),
            Case("higher by any distance", .headers(1, info), .headers(2_147_483_647, info), to: .answer(2_147_483_647, 200))
        ])
    func identifiers(_ tried: Case) async throws {
        try await tried.run()
    }

    @Test("a lower identifier than that of an answered stream is an error too")
    func lowerThanAnswered() async throws {
        try await Case("", [.send(.headers(5, info)), .answered(5), .send(.headers(3, info))], .connectionError(.protocolError)).run()
    }

    private static let limit: UInt32 = 4

    @Test("until the client knows of SETTINGS_MAX_CONCURRENT_STREAMS, a stream too many is refused and can be tried again")
    func concurrency() async throws {
        try await withHTTP2Client(configure: { $0.limits.concurrentStreams = Int(Self.limit) }) { client in
            client.acknowledgesSettings = false
            for number in 0..<Self.limit { await client.send(.headers(1 + 2 * number, echo, .endHeaders)) }
            await client.send(.headers(101, echo, .endHeaders), .data(101, "{}", .endStream))
            try await client.expect(.streamError(101, .refusedStream))
            #expect(client.settings[3] == Self.limit)
            await client.send(.data(1, "{}", .endStream))
            _ = try await client.answer(on: 1)
            await client.send(.headers(103, info))
            try await client.expect(.answer(103, 200))
            await client.send(.rstStream(3), .headers(105, info))
            try await client.expect(.answer(105, 200))
        }
    }

    @Test("a client that knows of SETTINGS_MAX_CONCURRENT_STREAMS and goes beyond them breaks the protocol")
    func knownConcurrency() async throws {
        try await withHTTP2Client(configure: { $0.limits.concurrentStreams = Int(Self.limit) }) { client in
            try await client.roundTrip()
            for number in 0..<Self.limit { await client.send(.headers(1 + 2 * number, echo, .endHeaders)) }
            await client.send(.headers(101, info))
            // RFC 9113 section 5.1.2 has a stream error; section 5.4.1 lets it be one of the connection.
            try await client.expect(.anyError(101, .protocolError))
        }
    }

    @Test(
        "priorities are read past",
        arguments: [
            Case("PRIORITY on an idle stream", .priority(9, dependsOn: 7, isExclusive: true, weight: 255), to: .nothing),
            Case("HEADERS with priority", .headers(1, info).prioritized(dependsOn: 3, weight: 0), to: .answer(1, 200)),
            Case("HEADERS with priority and padding", .headers(1, info).prioritized().padded(7), to: .answer(1, 200)),
            Case(
                "of an idle stream above the next request", .priority(7, dependsOn: 5), .headers(1, info), to: .answer(1, 200)),
            Case("PRIORITY on stream 0", .priority(0), to: .connectionError(.protocolError)),
            Case(
                "PRIORITY of four bytes", .headers(1, echo, .endHeaders), .priority(1).with(payload: [0, 0, 0, 0]),
                to: .anyError(1, .frameSizeError)),
            Case(
                "HEADERS too short for its priority", .headers(1, HeaderBlock(bytes: [0, 0, 0, 0])).flagged(.priority),
                to: .connectionError(.frameSizeError))
        ])
    func priority(_ tried: Case) async throws {
        try await tried.run()
    }

    @Test("a stream that depends on itself is ignored or PROTOCOL_ERROR: RFC 9113 no longer says", arguments: [true, false])
    func selfDependency(inHeaders: Bool) async throws {
        try await withHTTP2Client { client in
            if inHeaders {
                await client.send(.headers(1, info).prioritized(dependsOn: 1))
            } else {
                await client.send(.priority(1, dependsOn: 1), .headers(1, info))
            }
            while client.goAways.isEmpty, client.exchanges[1]?.isOver != true { try await client.readFrame() }
            #expect(client.goAways.allSatisfy { $0.code == .protocolError })
            #expect([nil, .protocolError].contains(client.exchanges[1]?.reset))
        }
    }

    @Test(
        "RST_STREAM has its own errors",
        arguments: [
            Case("on stream 0", .rstStream(0), to: .connectionError(.protocolError)),
            Case(
                "of three bytes", .headers(1, echo, .endHeaders), .rstStream(1).with(payload: [0, 0, 0]),
                to: .connectionError(.frameSizeError)),
            Case(
                "of five bytes", .headers(1, echo, .endHeaders), .rstStream(1).with(payload: [0, 0, 0, 0, 8]),
                to: .connectionError(.frameSizeError)),
            Case(
                "with an unknown code, which is as good as any", .headers(1, echo, .endHeaders), .rstStream(1).with(payload: [0, 0, 0, 99]),
                to: .nothing)
        ])
    func resets(_ tried: Case) async throws {
        try await tried.run()
    }

    @Test("two hundred streams, all open at a time as far as the limit goes, are answered each with its own")
    func interleaved() async throws {
        try await withHTTP2Client { client in
            var open: [UInt32] = []
            for number in 0..<200 as Range<UInt32> {
                let streamID = 1 + 2 * number
                await client.send(.headers(streamID, echo, .endHeaders), .data(streamID, "\(streamID),"))
                open.append(streamID)
                if open.count == 100 {
                    await client.send(open.reversed().map { .data($0, "\($0)", .endStream) })
                    for streamID in open {
                        let text = "\(streamID),\(streamID)"
                        let answer = try await client.answer(on: streamID)
                        #expect(answer.body == "POST /echo - \(text.utf8.count) \(text)")
                    }
                    open = []
                }
            }
            #expect(client.exchanges.count == 200)
        }
    }
}

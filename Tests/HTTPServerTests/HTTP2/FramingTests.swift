import TestSupport
import Testing

/// A block for a request that is answered 200.
private let info = HeaderBlock.get("/info")
private let echo = HeaderBlock.post("/echo")

@Suite("HTTP/2: preface, frames and their sizes (RFC 9113 sections 3.4 and 4)", .timeLimit(.minutes(1)))
struct FramingTests {
    @Test("the server's first frame is SETTINGS, and it acknowledges the client's")
    func preface() async throws {
        try await withHTTP2Server { server in
            var client = try await FrameClient(connectingTo: server)
            await client.send(bytes: FrameClient.preface)
            await client.send(.settings())
            try await client.readFrame()
            #expect(client.settings[3] == 128, "the concurrent streams of the limits")
            while client.settingsAcknowledgements == 0 { try await client.readFrame() }
            await client.send(.headers(1, info))
            try await client.expect(.answer(1, 200))
            #expect(client.settings[2] ?? 0 == 0, "a server does not enable push")
            #expect(client.settingsAcknowledgements == 1)
            await client.close()
        }
    }

    @Test("the preface and a request in the smallest pieces are understood")
    func pieces() async throws {
        try await withHTTP2Server { server in
            var client = try await FrameClient(connectingTo: server)
            // The client keeps account of what it sends as frames.
            for byte in FrameClient.preface { await client.send(bytes: [byte]) }
            await client.send(.settings())
            for byte in Frame.ping("in bytes").bytes { await client.send(bytes: [byte]) }
            while client.pongs.isEmpty { try await client.readFrame() }
            #expect(client.pongs == ["in bytes"])
            await client.close()
        }
    }

    @Test(
        "what is not the preface ends the connection, with PROTOCOL_ERROR if with anything",
        arguments: [
            "GET /info HTTP/1.1\r\nHost: a\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSN\r\n\r\n", "PRI * HTTP/1.1\r\n\r\nSM\r\n\r\n",
            "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n"
        ])
    func wrongPreface(text: String) async throws {
        try await withHTTP2Server { server in
            var client = try await FrameClient(connectingTo: server)
            await client.send(bytes: Array(text.utf8) + Frame.settings().bytes + Frame.headers(1, info).bytes)
            try await client.end()
            // RFC 9113 section 3.4: a GOAWAY frame MAY be omitted.
            #expect(client.goAways.allSatisfy { $0 == FrameClient.GoAway(lastStreamID: 0, code: .protocolError) })
            #expect(client.exchanges.isEmpty)
        }
    }

    @Test("a preface without SETTINGS ends the connection", arguments: [Frame.headers(1, info), .ping(), .settingsAck])
    func noSettings(first: Frame) async throws {
        try await withHTTP2Server { server in
            var client = try await FrameClient(connectingTo: server)
            await client.send(bytes: FrameClient.preface)
            await client.send(bytes: first.bytes)
            try await client.expect(.connectionError(.protocolError))
        }
    }

    @Test(
        "what is not defined is ignored",
        arguments: [
            Case("a frame of an unknown type", Frame(type: 0x16, payload: Array(repeating: 0, count: 8)), to: .nothing),
            Case("on a stream that is idle", Frame(type: 0xFF, flags: .undefined, streamID: 77), to: .nothing),
            Case(
                "on a stream that is open", .headers(1, echo, .endHeaders), Frame(type: 0x16, streamID: 1), .data(1, "{}", .endStream),
                to: .answer(1, 200)),
            Case("flags of PING", .ping("undefined".prefix(8).description, .undefined), to: .nothing),
            Case("flags of SETTINGS", .settings().flagged(.undefined), to: .nothing),
            Case("flags of WINDOW_UPDATE", .windowUpdate(0, by: 1).flagged(.undefined), to: .nothing),
            Case("flags of HEADERS", .headers(1, info).flagged(.init(rawValue: 0xD2)), to: .answer(1, 200)),
            Case("the reserved bit of PING", .ping().on(1 << 31), to: .nothing),
            Case("the reserved bit of HEADERS", .headers(1, info).on(1 << 31 | 1), to: .answer(1, 200)),
            Case("the reserved bit of WINDOW_UPDATE", .windowUpdate(0, by: 1 << 31 | 1), to: .nothing),
            Case("ALTSVC, which only servers send", Frame(type: 0xA, payload: [0, 0]), to: .nothing),
            Case("PRIORITY_UPDATE", Frame(type: 0x10, payload: [0, 0, 0, 1] + Array("u=1".utf8)), to: .nothing)
        ])
    func undefined(_ tried: Case) async throws {
        try await tried.run()
    }

    @Test("an unknown frame amid a field block ends the connection")
    func unknownFrameInBlock() async throws {
        try await Case(
            "", .headers(1, info, .endStream), Frame(type: 0x16, streamID: 1), .continuation(1, .get("/info")),
            to: .connectionError(.protocolError)
        ).run()
    }

    @Test("DATA of the largest size is accepted", arguments: [16_384, 16_383])
    func largestFrame(size: Int) async throws {
        try await withHTTP2Client { client in
            await client.send(.headers(1, echo, .endHeaders), .data(1, String(repeating: "x", count: size), .endStream))
            try await client.expect(.answer(1, 200))
            #expect(client.exchanges[1]?.body == "POST /echo - \(size) ")
        }
    }

    private static let oversized = Array<UInt8>(repeating: 0x20, count: 16_385)

    @Test(
        "a frame over SETTINGS_MAX_FRAME_SIZE is FRAME_SIZE_ERROR",
        arguments: [
            // RFC 9113 section 4.2: what could alter the state of the connection must be an error of the connection.
            Case("HEADERS", .headers(1, info).with(payload: oversized), to: .connectionError(.frameSizeError)),
            Case("SETTINGS", .settings().with(payload: oversized + [0, 0, 0, 0, 0]), to: .connectionError(.frameSizeError)),
            Case(
                "CONTINUATION", .headers(1, info, .endStream), .continuation(1, ["x": String(repeating: "x", count: 16_384)]),
                to: .connectionError(.frameSizeError)),
            Case("PING", .ping().with(payload: oversized), to: .connectionError(.frameSizeError)),
            Case(
                "DATA", .headers(1, echo, .endHeaders), .data(1, "", .endStream).with(payload: oversized),
                to: .anyError(1, .frameSizeError)),
            Case("an unknown type", Frame(type: 0x16, payload: oversized), to: .connectionError(.frameSizeError))
        ])
    func oversizedFrame(_ tried: Case) async throws {
        try await tried.run()
    }

    @Test("a frame said to be 16 MiB ends the connection before it has come")
    func hugeLength() async throws {
        try await withHTTP2Client { client in
            await client.send(bytes: [0xFF, 0xFF, 0xFF, 0x0, 0x0, 0x0, 0x0, 0x0, 0x1])
            try await client.expect(.connectionError(.frameSizeError))
        }
    }

    @Test("a client that stops in mid-frame and ends its side is let go")
    func halfFrame() async throws {
        try await withHTTP2Client { client in
            await client.send(bytes: Frame.headers(1, info).bytes.dropLast())
            await client.endOutput()
            try await client.end()
            #expect(client.exchanges.isEmpty)
        }
    }

    @Test("a client that ends its side after its request still gets the answer")
    func halfClosed() async throws {
        try await withHTTP2Client { client in
            await client.send(.headers(1, info))
            await client.endOutput()
            #expect(try await client.answer(on: 1).status == 200)
            try await client.end()
        }
    }
}

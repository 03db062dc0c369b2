import TestSupport
import Testing

private let info = HeaderBlock.get("/info")

@Suite("HTTP/2: frames of the connection (RFC 9113 sections 6.5, 6.7 and 6.8)", .timeLimit(.minutes(1)))
struct ConnectionFrameTests {
    @Test(
        "SETTINGS that are not allowed end the connection",
        arguments: [
            Case(
                "an acknowledgement with a payload", .settingsAck.with(payload: [0, 1, 0, 0, 0, 0]), to: .connectionError(.frameSizeError)),
            Case("on a stream", .settings().on(1), to: .connectionError(.protocolError)),
            Case("of five bytes", .settings().with(payload: [0, 3, 0, 0, 0]), to: .connectionError(.frameSizeError)),
            Case("of seven bytes", .settings().with(payload: [0, 3, 0, 0, 0, 9, 0]), to: .connectionError(.frameSizeError)),
            Case("ENABLE_PUSH 2", .settings(.enablePush(2)), to: .connectionError(.protocolError)),
            Case("INITIAL_WINDOW_SIZE 2^31", .settings(.initialWindowSize(1 << 31)), to: .connectionError(.flowControlError)),
            Case("INITIAL_WINDOW_SIZE 2^32 - 1", .settings(.initialWindowSize(.max)), to: .connectionError(.flowControlError)),
            Case("MAX_FRAME_SIZE 16383", .settings(.maxFrameSize(16_383)), to: .connectionError(.protocolError)),
            Case("MAX_FRAME_SIZE 2^24", .settings(.maxFrameSize(1 << 24)), to: .connectionError(.protocolError)),
            Case("ENABLE_CONNECT_PROTOCOL 2", .settings(Frame.Setting(id: 8, value: 2)), to: .connectionError(.protocolError)),
            Case("in the preface", settings: [.enablePush(2)], .headers(1, info), to: .connectionError(.protocolError))
        ])
    func wrongSettings(_ tried: Case) async throws {
        try await tried.run()
    }

    @Test(
        "SETTINGS that are allowed are acknowledged",
        arguments: [
            [], [.enablePush(0)], [.enablePush(1)], [.maxFrameSize(16_384)], [.maxFrameSize(1 << 24 - 1)],
            [.initialWindowSize(1 << 31 - 1)], [.initialWindowSize(0), .initialWindowSize(65_535)], [.maxConcurrentStreams(0)],
            [.maxConcurrentStreams(.max)], [.headerTableSize(.max)], [.maxHeaderListSize(.max)],
            [Frame.Setting(id: 0xFF, value: 1), Frame.Setting(id: 0, value: 9)], [.enablePush(0), .enablePush(0)]
        ] as [[Frame.Setting]])
    func settings(_ settings: [Frame.Setting]) async throws {
        try await withHTTP2Client { client in
            await client.send(.settings(settings), .headers(1, info))
            try await client.expect(.answer(1, 200))
            #expect(client.settingsAcknowledgements == 2)
        }
    }

    @Test("with a table of no size the server compresses with none")
    func headerTableSize() async throws {
        try await withHTTP2Client(.headerTableSize(0)) { client in
            while client.settingsAcknowledgements == 0 { try await client.readFrame() }
            client.setTableSize(0)
            await client.send(.headers(1, info), .headers(3, info))
            #expect(try await client.answer(on: 1).fields["content-type"] == "text/plain")
            #expect(try await client.answer(on: 3).fields["content-type"] == "text/plain")
        }
    }

    @Test("PING is acknowledged with its payload, in order, between requests and amid them")
    func ping() async throws {
        try await withHTTP2Client { client in
            await client.send(.ping("-------1"), .headers(1, .post("/echo"), .endHeaders), .ping("-------2"), .data(1, "{}"))
            await client.send(.ping("\0\0\0\0\0\0\0\0"), .data(1, "", .endStream))
            try await client.expect(.answer(1, 200))
            #expect(client.pongs.prefix(3) == ["-------1", "-------2", "\0\0\0\0\0\0\0\0"])
        }
    }

    @Test(
        "PING has its own errors",
        arguments: [
            Case("an acknowledgement of nothing is not answered", .ping("surprise", .ack), to: .nothing),
            Case("on a stream", .ping().on(1), to: .connectionError(.protocolError)),
            Case("of seven bytes", .ping("1234567"), to: .connectionError(.frameSizeError)),
            Case("of nine bytes", .ping("123456789"), to: .connectionError(.frameSizeError)),
            Case("of no bytes", .ping(""), to: .connectionError(.frameSizeError))
        ])
    func wrongPing(_ tried: Case) async throws {
        try await tried.run()
    }

    @Test("an acknowledgement of nothing is not answered")
    func pingAcknowledgement() async throws {
        try await withHTTP2Client { client in
            await client.send(.ping("surprise", .ack))
            try await client.roundTrip()
            #expect(client.pongs.count == 1)
        }
    }

    @Test(
        "GOAWAY has its own errors",
        arguments: [
            Case("on a stream", .goAway().on(1), to: .connectionError(.protocolError)),
            Case("of seven bytes", .goAway().with(payload: [0, 0, 0, 0, 0, 0, 0]), to: .connectionError(.frameSizeError))
        ])
    func wrongGoAway(_ tried: Case) async throws {
        try await tried.run()
    }

    @Test("after GOAWAY from the client, with any code, its streams are answered and then the connection ends", arguments: [0, 2, 99])
    func goAway(code: UInt32) async throws {
        try await withHTTP2Client { client in
            await client.send(.headers(1, .post("/echo"), .endHeaders))
            await client.send(.goAway().with(payload: [0, 0, 0, 0] + code.bigEndianBytes + Array("enough".utf8)))
            await client.send(.data(1, "{}", .endStream))
            #expect(try await client.answer(on: 1).body == "POST /echo - 2 {}")
            try await client.end()
            #expect(client.goAways.allSatisfy { $0.code == .noError })
        }
    }
}

import TestSupport
import Testing

private let info = HeaderBlock.get("/info")
private let echo = HeaderBlock.post("/echo")

@Suite("HTTP/2: frames with requests (RFC 9113 sections 6.1, 6.2, 6.6 and 6.10)", .timeLimit(.minutes(1)))
struct FieldBlockTests {
    @Test(
        "DATA has its own errors",
        arguments: [
            Case("on stream 0", .data(0, "x"), to: .connectionError(.protocolError)),
            Case(
                "padded as long as it is", .headers(1, echo, .endHeaders), .data(1, "").padded(3, declared: 4),
                to: .connectionError(.protocolError)),
            Case(
                "padded longer than it is", .headers(1, echo, .endHeaders), .data(1, "{}").padded(0, declared: 200),
                to: .connectionError(.protocolError)),
            Case(
                "padded, with no room to say how long", .headers(1, echo, .endHeaders), .data(1, "").flagged(.padded),
                // Too small for what it must contain (RFC 9113 section 4.2), and padded as long as it is (section 6.1).
                to: .connectionError(.frameSizeError, or: .protocolError)),
            Case("padded alone", .headers(1, echo, .endHeaders), .data(1, "", .endStream).padded(255), to: .answer(1, 200)),
            Case("padded by nothing", .headers(1, echo, .endHeaders), .data(1, "{}", .endStream).padded(0), to: .answer(1, 200))
        ])
    func data(_ tried: Case) async throws {
        try await tried.run()
    }

    @Test("padding is no part of a body, and any number of DATA frames is one body")
    func padding() async throws {
        try await withHTTP2Client { client in
            await client.send(.headers(1, .post("/echo", ["content-length": "10"]), .endHeaders))
            for digit in 0..<10 { await client.send(.data(1, "\(digit)").padded(25 * digit), .data(1)) }
            await client.send(.data(1, "", .endStream))
            try await client.expect(.answer(1, 200))
            #expect(client.exchanges[1]?.body == "POST /echo - 10 0123456789")
        }
    }

    @Test(
        "HEADERS has its own errors",
        arguments: [
            Case("on stream 0", .headers(0, info), to: .connectionError(.protocolError)),
            Case("padded longer than it is", .headers(1, info).padded(0, declared: 255), to: .connectionError(.protocolError)),
            Case(
                "padded into its priority", .headers(1, [:]).prioritized().padded(0, declared: 1), to: .connectionError(.protocolError)),
            Case("padded", .headers(1, info).padded(255), to: .answer(1, 200)),
            Case("empty", .headers(1, [:]), to: .streamError(1, .protocolError))
        ])
    func headers(_ tried: Case) async throws {
        try await tried.run()
    }

    @Test("a field block may be cut anywhere", arguments: [1, 2, 8])
    func continuation(count: Int) async throws {
        let size = (info.bytes.count + count - 1) / count
        try await withHTTP2Client { client in
            var frames = [Frame.headers(1, [:], .endStream)]
            for start in stride(from: 0, to: info.bytes.count, by: size) {
                let end = min(start + size, info.bytes.count)
                let part = HeaderBlock(bytes: Array(info.bytes[start..<end]))
                frames.append(.continuation(1, part, end == info.bytes.count ? .endHeaders : []))
            }
            await client.send(frames)
            try await client.expect(.answer(1, 200))
        }
    }

    @Test("trailers may be cut too")
    func continuedTrailers() async throws {
        try await Case(
            "", .headers(1, echo, .endHeaders), .data(1, "{}"), .headers(1, ["a": "b"], .endStream), .continuation(1, ["c": "d"]),
            to: .answer(1, 200)
        ).run()
    }

    @Test(
        "within a field block nothing but its CONTINUATION may come",
        arguments: [
            .data(1), .headers(1, info), .headers(3, info), .priority(1), .priority(3), .rstStream(1), .settings(), .settingsAck, .ping(),
            .goAway(), .windowUpdate(0, by: 1), .windowUpdate(1, by: 1), .pushPromise(1, promising: 2), .continuation(3, info),
            .continuation(0, info)
        ] as [Frame], [true, false])
    func interruptedBlock(by frame: Frame, afterContinuation: Bool) async throws {
        var frames = [Frame.headers(1, [":method": "GET"], .endStream)]
        if afterContinuation { frames.append(.continuation(1, [":scheme": "https"], [])) }
        try await Case("", [frames + [frame]].joined().map { .send($0) }, .connectionError(.protocolError)).run()
    }

    @Test(
        "CONTINUATION must follow what it continues",
        arguments: [
            Case("on stream 0", .continuation(0, info), to: .connectionError(.protocolError)),
            Case(
                "after HEADERS that ended its block", .headers(1, echo, .endHeaders), .continuation(1, info),
                to: .connectionError(.protocolError)),
            Case(
                "after CONTINUATION that ended its block", .headers(1, echo, []), .continuation(1, [:]), .continuation(1, info),
                to: .connectionError(.protocolError)),
            Case(
                "after DATA", .headers(1, echo, .endHeaders), .data(1, "{}"), .continuation(1, info),
                to: .connectionError(.protocolError))
        ])
    func strayContinuation(_ tried: Case) async throws {
        try await tried.run()
    }

    @Test(
        "PUSH_PROMISE is no frame for clients",
        arguments: [
            Case("on an open stream", .headers(1, echo, .endHeaders), .pushPromise(1, promising: 2), to: .connectionError(.protocolError)),
            Case("on an idle stream", .pushPromise(1, promising: 2), to: .connectionError(.protocolError)),
            Case("on stream 0", .pushPromise(0, promising: 2), to: .connectionError(.protocolError)),
            Case(
                "of a client's stream", .headers(1, echo, .endHeaders), .pushPromise(1, promising: 3), to: .connectionError(.protocolError))
        ])
    func pushPromise(_ tried: Case) async throws {
        try await tried.run()
    }
}

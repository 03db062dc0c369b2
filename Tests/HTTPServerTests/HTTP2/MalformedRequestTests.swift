import TestSupport
import Testing

private let echo = HeaderBlock.post("/echo")

@Suite("HTTP/2: malformed requests (RFC 9113 section 8)", .timeLimit(.minutes(1)))
struct MalformedRequestTests {
    /// All that a GET of `/info` needs but what is to be tried.
    private static func get(without name: String) -> HeaderBlock {
        let all: [(String, String)] = [(":method", "GET"), (":scheme", "https"), (":path", "/info"), (":authority", "test")]
        return all.filter { $0.0 != name }.map { HeaderBlock.literal($0.0, $0.1) }.reduce([:], +)
    }

    @Test(
        "a header that is malformed is PROTOCOL_ERROR of its stream",
        arguments: [
            .get("/info", ["X-Upper": "a"]), .get("/info", ["x-uppeR": "a"]),
            .get("/info", ["x y": "a"]), .get("/info", ["x:y": "a"]), .get("/info", ["": "a"]), .get("/info", ["x\u{7F}": "a"]),
            .get("/info", ["x\u{E9}": "a"]), .get("/info", ["x\0": "a"]), .get("/info", ["x\r\ny": "a"]),
            .get("/info", ["x": "a\0"]), .get("/info", ["x": "a\rb"]), .get("/info", ["x": "a\nb"]),
            .get("/info", ["x": "a\r\ny: b"]), .get("/info", ["x": " a"]), .get("/info", ["x": "a\t"]),
            .request("GET", "/in\nfo"), .request("GET", "/info\0"), .request("GET", "/in fo"), .request("GE T", "/info"),
            .get("/info", [":unknown": "a"]), .get("/info", [":status": "200"]), .get("/info", [":protocol": "websocket"]),
            [":method": "GET", ":scheme": "https", ":path": "/info", "x": "a", ":authority": "test"],
            ["x": "a", ":method": "GET", ":scheme": "https", ":path": "/info", ":authority": "test"],
            .get("/info", ["connection": "keep-alive"]), .get("/info", ["keep-alive": "timeout=5"]),
            .get("/info", ["proxy-connection": "keep-alive"]), .get("/info", ["transfer-encoding": "chunked"]),
            .get("/info", ["upgrade": "h2c"]), .get("/info", ["te": "gzip"]), .get("/info", ["te": "trailers, deflate"]),
            get(without: ":method"), get(without: ":scheme"), get(without: ":path"), get(without: ":authority"),
            .get("/info", [":method": "GET"]), .get("/info", [":scheme": "https"]), .get("/info", [":path": "/info"]),
            .get("/info", [":authority": "test"]), [":method": "GET"] + .get("/info"), [":path": "/info"] + .get("/info"),
            [":scheme": "http"] + .get("/info"), [":authority": "other"] + .get("/info"),
            .get(""), .get("info"), .get("*"), .request("", "/info"),
            .get("/info", ["content-length": "1"]), .get("/info", ["content-length": "-1"]), .get("/info", ["content-length": "+0"]),
            .get("/info", ["content-length": "0x0"]), .get("/info", ["content-length": "0, 0"]), .get("/info", ["content-length": ""]),
            .get("/info", ["content-length": "0", "content-length": "1"]), .get("/info", ["content-length": "99999999999999999999"]),
            [":method": "CONNECT", ":scheme": "https", ":path": "/info", ":authority": "test"], [":method": "CONNECT"]
        ] as [HeaderBlock])
    func header(_ block: HeaderBlock) async throws {
        try await withHTTP2Client { client in
            await client.send(.headers(1, block))
            try await client.expect(.streamError(1, .protocolError))
            await client.send(.headers(3, .get("/info")))
            try await client.expect(.answer(3, 200))
        }
    }

    @Test(
        "a header that is unusual but well-formed is served",
        arguments: [
            .get("/info", ["te": "trailers"]), .get("/info", ["content-length": "0"]), .get("/info", ["x": ""]),
            .get("/info", ["!#$%&'*+-.^_`|~": "a"]),
            .get("/info", ["x": "a\t b"]), .get("/info", ["x": "\u{E9}"]), .get("/info", ["host": "test"]),
            .get("/info", ["cookie": "a=b", "cookie": "c=d"]),
            [":authority": "test", ":path": "/info", ":scheme": "https", ":method": "GET"],
            [":method": "GET", ":scheme": "http", ":path": "/info", "host": "a"]
        ] as [HeaderBlock])
    func wellFormed(_ block: HeaderBlock) async throws {
        try await Case("", .headers(1, block), to: .answer(1, 200)).run()
    }

    @Test(
        "a body of another length than declared is PROTOCOL_ERROR of its stream",
        arguments: [
            Case("shorter", .headers(1, sized(3), .endHeaders), .data(1, "{}", .endStream), to: .streamError(1, .protocolError)),
            Case("longer", .headers(1, sized(1), .endHeaders), .data(1, "{}", .endStream), to: .streamError(1, .protocolError)),
            Case("longer and not ended", .headers(1, sized(1), .endHeaders), .data(1, "{}"), to: .streamError(1, .protocolError)),
            Case("none", .headers(1, sized(3)), to: .streamError(1, .protocolError)),
            Case("one where none was", .headers(1, sized(0), .endHeaders), .data(1, "x", .endStream), to: .streamError(1, .protocolError)),
            Case(
                "shorter in two frames", .headers(1, sized(5), .endHeaders), .data(1, "12"), .data(1, "34", .endStream),
                to: .streamError(1, .protocolError)),
            Case(
                "longer in two frames", .headers(1, sized(3), .endHeaders), .data(1, "12"), .data(1, "34", .endStream),
                to: .streamError(1, .protocolError)),
            Case(
                "shorter, with a trailer", .headers(1, sized(3), .endHeaders), .data(1, "{}"), .headers(1, ["a": "b"]),
                to: .streamError(1, .protocolError)),
            Case(
                "padding counted", .headers(1, sized(5), .endHeaders), .data(1, "{}", .endStream).padded(2),
                to: .streamError(1, .protocolError)),
            Case("right", .headers(1, sized(2), .endHeaders), .data(1, "{"), .data(1, "}", .endStream), to: .answer(1, 200)),
            Case("right, with padding", .headers(1, sized(2), .endHeaders), .data(1, "{}", .endStream).padded(9), to: .answer(1, 200)),
            Case(
                "right, with a trailer", .headers(1, sized(2), .endHeaders), .data(1, "{}"), .headers(1, ["a": "b"]), to: .answer(1, 200))
        ])
    func contentLength(_ tried: Case) async throws {
        try await tried.run()
    }

    private static func sized(_ count: Int) -> HeaderBlock {
        echo + .literal("content-length", "\(count)")
    }

    @Test(
        "a trailer section is accepted, if it ends the request and is well-formed",
        arguments: [
            Case("after a body", .headers(1, echo, .endHeaders), .data(1, "{}"), .headers(1, ["a": "b"]), to: .answer(1, 200)),
            Case("without a body", .headers(1, echo, .endHeaders), .headers(1, ["a": "b"]), to: .answer(1, 200)),
            Case("with te, as any field", .headers(1, echo, .endHeaders), .headers(1, ["te": "trailers"]), to: .answer(1, 200)),
            Case("empty", .headers(1, echo, .endHeaders), .headers(1, [:]), to: .answer(1, 200)),
            Case(
                "in mid-request", .headers(1, echo, .endHeaders), .data(1, "{}"), .headers(1, ["a": "b"], .endHeaders),
                to: .streamError(1, .protocolError)),
            Case(
                "a second request", .headers(1, echo, .endHeaders), .headers(1, echo, .endHeaders), to: .streamError(1, .protocolError)),
            Case(
                "with a pseudo-header", .headers(1, echo, .endHeaders), .data(1, "{}"), .headers(1, [":method": "POST"]),
                to: .streamError(1, .protocolError)),
            Case(
                "with :status", .headers(1, echo, .endHeaders), .data(1, "{}"), .headers(1, ["a": "b", ":status": "200"]),
                to: .streamError(1, .protocolError)),
            Case(
                "with an upper-case name", .headers(1, echo, .endHeaders), .data(1, "{}"), .headers(1, ["A": "b"]),
                to: .streamError(1, .protocolError)),
            Case(
                "with a field of the connection", .headers(1, echo, .endHeaders), .data(1, "{}"), .headers(1, ["connection": "close"]),
                to: .streamError(1, .protocolError)),
            Case(
                "with a line end", .headers(1, echo, .endHeaders), .data(1, "{}"), .headers(1, ["a": "b\r\nc"]),
                to: .streamError(1, .protocolError))
        ])
    func trailers(_ tried: Case) async throws {
        try await tried.run()
    }
}

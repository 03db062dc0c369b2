import HTTPServer
import Testing

/// Forms that two parsers in a row may read in different ways (RFC 9112 section 11.2).
@Suite("Request smuggling and malformed requests", .timeLimit(.minutes(1)))
struct SmugglingTests {
    private static let head = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"

    @Test(
        "a malformed request gets 400 and the connection closes, whatever follows",
        arguments: [
            // Lengths.
            head + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            head + "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n",
            head + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
            head + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
            head + "Content-Length: 2, 2\r\n\r\n{}",
            head + "Content-Length: +2\r\n\r\n{}",
            head + "Content-Length: -2\r\n\r\n{}",
            head + "Content-Length: 0x2\r\n\r\n{}",
            head + "Content-Length: 2 2\r\n\r\n{}",
            head + "Content-Length:\r\n\r\n{}",
            head + "Content-Length: 99999999999999999999999\r\n\r\n{}",
            // Transfer codings.
            head + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
            head + "Transfer-Encoding:\u{0B}chunked\r\n\r\n0\r\n\r\n",
            "POST /echo HTTP/1.0\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            // Lines and fields.
            head + "X: a\r\n folded\r\nContent-Length: 2\r\n\r\n{}",
            head + "X: a\r\n\tfolded\r\nContent-Length: 2\r\n\r\n{}",
            "POST /echo HTTP/1.1\r\n Host: a\r\n\r\n",
            head + "Content-Length : 2\r\n\r\n{}",
            head + "Content-Length\t: 2\r\n\r\n{}",
            head + " Content-Length: 2\r\n\r\n{}",
            head + "Content-Length: 2\n\r\n{}",
            head + "Content-Length: 2\n\n{}",
            "POST /echo HTTP/1.1\nHost: a\n\n",
            head + "X: a\rContent-Length: 2\r\n\r\n{}",
            head + "X: a\u{0}b\r\n\r\n",
            head + "X\u{0}: a\r\n\r\n",
            head + "no colon\r\n\r\n",
            head + ": no name\r\n\r\n",
            head + "X(: a\r\n\r\n",
            // Request lines.
            "nonsense\r\n\r\n",
            "GET /info\r\n\r\n",
            "GET  /info HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /info HTTP/1.1 \r\nHost: a\r\n\r\n",
            "GET /in fo HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /info HTTP/2.0\r\nHost: a\r\n\r\n",
            "GET /info HTTP/0.9\r\n\r\n",
            "GET /info http/1.1\r\nHost: a\r\n\r\n",
            "get /info HTTP/1.1\r\nHost: a\r\n\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{FC}\u{3}\u{3}\r\n\r\n",
            // Host.
            "GET /info HTTP/1.1\r\n\r\n",
            "GET /info HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            // Chunks.
            head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
            head + "Transfer-Encoding: chunked\r\n\r\n2\n{}\r\n0\r\n\r\n",
            head + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}0\r\n\r\n",
            head + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\n0\r\n\r\n",
            head + "Transfer-Encoding: chunked\r\n\r\n 2\r\n{}\r\n0\r\n\r\n",
            head + "Transfer-Encoding: chunked\r\n\r\n2 \r\n{}\r\n0\r\n\r\n",
            head + "Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n",
            head + "Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n",
            head + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}\r\n0\r\n\r\n",
            head + "Transfer-Encoding: chunked\r\n\r\n0\r\nX : a\r\n\r\n",
            head + "Transfer-Encoding: chunked\r\n\r\n0\r\nX: a\n\r\n\r\n"
        ])
    func malformed(request: String) async throws {
        try await withServer { server in
            var client = try await RawClient(server)
            await client.trySend(request)
            let answer = try await client.response()
            #expect(answer.status == 400)
            #expect(answer.body == "refused: malformed")
            #expect(answer.fields["connection"] == "close")
            await client.trySend("GET /info HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.remainder() == "")
        }
    }

    @Test("a chunk extension without end is refused instead of read for as long as it lasts")
    func endlessChunkExtension() async throws {
        try await withServer { server in
            var client = try await RawClient(server)
            await client.trySend(Self.head + "Transfer-Encoding: chunked\r\n\r\n1;")
            let piece = String(repeating: "x", count: 10_000)
            for _ in 0..<20 { await client.trySend(piece) }
            #expect(try await client.response().status == 400)
        }
    }

    @Test("empty lines before a request are ignored")
    func emptyLines() async throws {
        try await withServer { server in
            var client = try await RawClient(server)
            try await client.send("\r\n\r")
            try await client.send("\nGET /info HTTP/1.1\r\nHost: a\r\n\r\n\r\nGET /info HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.response().status == 200)
            #expect(try await client.response().status == 200)
        }
    }
}

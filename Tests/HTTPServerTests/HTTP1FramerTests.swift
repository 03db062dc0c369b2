import NIOCore
import NIOHTTP1
import Testing

@testable import HTTPServer

@Suite("Framing of HTTP/1.1 bytes")
struct HTTP1FramerTests {
    @Test("a header is passed on whole, and what follows it stays until the request's end is known")
    func pipelined() throws {
        var framer = HTTP1Framer(limits: HTTPServerLimits())
        framer.append(ByteBuffer(string: "GET / HT"))
        #expect(try framer.next() == nil)
        framer.append(ByteBuffer(string: "TP/1.1\r\nA: b\r\n\r\nabcGET"))
        #expect(try text(&framer) == "GET / HTTP/1.1\r\nA: b\r\n\r\n")
        framer.beginBody(.sized(3))
        #expect(try text(&framer) == "abc")
        framer.endMessage()
        #expect(try framer.next() == nil)
        #expect(!framer.isEmpty)
    }

    @Test("chunked pieces end at the latest with an empty line, wherever reads cut it")
    func chunked() throws {
        let body = "3\r\nabc\r\n0\r\nX: y\r\n\r\n"
        for cut in 0...body.utf8.count {
            var framer = HTTP1Framer(limits: HTTPServerLimits())
            framer.beginBody(.chunked)
            var pieces = ""
            for part in [
                String(decoding: body.utf8.prefix(cut), as: UTF8.self), String(decoding: body.utf8.dropFirst(cut), as: UTF8.self), "POST"
            ] {
                framer.append(ByteBuffer(string: part))
                while !pieces.hasSuffix("\r\n\r\n"), let piece = try text(&framer) { pieces += piece }
            }
            #expect(pieces == body, "cut at \(cut)")
        }
    }

    @Test("the decoder taking no request from a header is an error, not an endless wait")
    func headerWithoutRequest() throws {
        var framer = HTTP1Framer(limits: HTTPServerLimits())
        framer.append(ByteBuffer(string: "PRI * HTTP/2.0\r\n\r\n"))
        #expect(try framer.next() != nil)
        #expect(throws: HTTPRefusal.self) { try framer.next() }
    }

    @Test("the header limit is exact")
    func headerLimit() throws {
        var limits = HTTPServerLimits()
        let header = "GET / HTTP/1.1\r\nA: b\r\n\r\n"
        for (size, fits) in [(header.utf8.count, true), (header.utf8.count - 1, false)] {
            limits.headerSize = size
            var framer = HTTP1Framer(limits: limits)
            framer.append(ByteBuffer(string: header))
            let passes = (try? framer.next()) != nil
            #expect(passes == fits)
        }
    }

    private func text(_ framer: inout HTTP1Framer) throws -> String? {
        try framer.next().map { String(buffer: $0) }
    }
}

@Suite("Bodies")
struct RequestBodyTests {
    @Test("one piece is kept without a copy")
    func onePiece() {
        var body = RequestBody()
        let piece = ByteBuffer(string: String(repeating: "x", count: 100))
        body.append(piece, contentLength: 100, allocator: ByteBufferAllocator())
        let shared = piece.withUnsafeReadableBytes { $0.baseAddress } == body.bytes.withUnsafeReadableBytes { $0.baseAddress }
        #expect(shared)
    }

    @Test("memory grows with what arrived, not with what was declared")
    func memory() {
        var body = RequestBody()
        for _ in 1...3 {
            body.append(ByteBuffer(repeating: 0, count: 1000), contentLength: 60_000_000, allocator: ByteBufferAllocator())
            #expect(body.bytes.storageCapacity <= 16_384)
        }
        #expect(body.bytes.readableBytes == 3000)
    }
}

@Suite("Answers as HTTP/1.1 bytes")
struct HTTP1ResponseEncodingTests {
    private let persistent = HTTP1Answer(connection: .persistent, omitsBody: false)

    private func encoded(_ response: HTTPResponse, _ answer: HTTP1Answer) -> (String, String?) {
        let (first, rest) = response.http1Encoded(answer, allocator: ByteBufferAllocator())
        return (String(buffer: first), rest.map { String(buffer: $0) })
    }

    @Test("head and small body are one buffer, with the server's framing fields only")
    func small() {
        let response = HTTPResponse(
            status: .ok, headers: ["A": "b", "Content-Length": "9", "transfer-encoding": "chunked", "Connection": "x"],
            body: ByteBuffer(string: "{}"))
        #expect(encoded(response, persistent) == ("HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 2\r\n\r\n{}", nil))
    }

    @Test("a large body is not copied")
    func large() {
        let body = String(repeating: "x", count: 100_000)
        let (head, rest) = encoded(HTTPResponse(status: .ok, body: ByteBuffer(string: body)), persistent)
        #expect(head == "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        #expect(rest == body)
    }

    @Test("a status without a body has no length")
    func noContent() {
        let response = HTTPResponse(status: .noContent, body: ByteBuffer(string: "x"))
        #expect(
            encoded(response, HTTP1Answer(connection: .close, omitsBody: false)).0 == "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
        )
    }

    @Test("a field with a line end is left out")
    func injection() {
        let response = HTTPResponse(status: .ok, headers: ["A": "b\r\nSet-Cookie: c", "D\n": "e", "F": "g\th"])
        #expect(encoded(response, persistent).0 == "HTTP/1.1 200 OK\r\nF: g\th\r\nContent-Length: 0\r\n\r\n")
    }
}

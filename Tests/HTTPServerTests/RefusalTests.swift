import HTTPServer
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import Testing

@Suite("Refusals", .timeLimit(.minutes(1)))
struct RefusalTests {
    @Test(
        "each refusal has its status, a body, and keeps the connection when the rest of the request is small",
        arguments: [
            ("POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}", 404, "unknown_path"),
            ("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n", 405, "method"),
            ("DELETE /info HTTP/1.1\r\nHost: a\r\n\r\n", 405, "method"),
            ("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 404, "unknown_path"),
            ("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}", 415, "content_type"),
            ("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/jsonx\r\nContent-Length: 2\r\n\r\n{}", 415, "content_type"),
            ("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Type: a/b\r\n\r\n", 415, "content_type"),
            (post("/echo", "Content-Encoding: gzip", "Content-Length: 2") + "{}", 415, "content_type"),
            (post("/small", "Content-Length: 11") + "12345678901", 413, "body_too_large"),
            ("GET /info HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", 413, "body_too_large")
        ])
    func keepsConnection(request: String, status: Int, reason: String) async throws {
        try await withServer { server in
            var client = try await RawClient(server)
            try await client.send(request + "GET /info HTTP/1.1\r\nHost: a\r\n\r\n")
            let refusal = try await client.response()
            #expect(refusal.status == status)
            #expect(refusal.body == "refused: \(reason)")
            #expect(refusal.fields["connection"] == nil)
            #expect(try await client.response().status == 200)
        }
    }

    @Test(
        "a refusal that leaves the next request's start unknown closes the connection, and the client can read it",
        arguments: [
            (post("/echo", "Expect: 200-ok", "Content-Length: 2"), 417, "expectation"),
            (post("/small", "Expect: 100-continue", "Content-Length: 11"), 413, "body_too_large"),
            (post("/small", "Content-Length: 10485760"), 413, "body_too_large"),
            (post("/small", "Transfer-Encoding: chunked") + "6\r\n123456\r\n5\r\n12345\r\n", 413, "body_too_large"),
            ("POST /nothing HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 404, "unknown_path"),
            (post("/echo", "Transfer-Encoding: gzip, chunked"), 501, "transfer_coding"),
            (post("/echo", "Transfer-Encoding: xchunked"), 501, "transfer_coding"),
            ("GET /info HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 20_000))\r\n\r\n", 431, "header_too_large"),
            ("GET /info HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: 1\r\n", count: 101) + "\r\n", 431, "header_too_large"),
            ("GET /\(String(repeating: "x", count: 20_000)) HTTP/1.1\r\nHost: a\r\n\r\n", 431, "header_too_large"),
            ("GET /info HTTP/1.1\r\nHost: a\r\nX:\(String(repeating: " ", count: 20_000))", 431, "header_too_large"),
            (
                post("/echo", "Transfer-Encoding: chunked") + "0\r\nX: \(String(repeating: "x", count: 20_000))\r\n\r\n", 431,
                "header_too_large"
            ),
            ("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 404, "unknown_path")
        ])
    func closesConnection(request: String, status: Int, reason: String) async throws {
        try await withServer { server in
            var client = try await RawClient(server)
            await client.trySend(request)
            await client.trySend(String(repeating: "x", count: 300_000))
            let refusal = try await client.response()
            #expect(refusal.status == status)
            #expect(refusal.body == "refused: \(reason)")
            #expect(refusal.fields["connection"] == "close")
            #expect(try await client.remainder() == "")
        }
    }

    @Test("a client that sends for a while after the refusal, and reads late, still gets it")
    func lateReader() async throws {
        try await withServer({ $0.limits.lingerTimeout = .seconds(10) }) { server in
            var client = try await RawClient(server, readsAutomatically: false)
            try await client.send(post("/small", "Content-Length: 10485760"))
            for _ in 1...5 {
                try await Task.sleep(for: .milliseconds(30))
                await client.trySend(String(repeating: "x", count: 10_000))
            }
            try await client.startReading()
            #expect(try await client.response().status == 413)
            #expect(try await client.remainder() == "")
        }
    }

    @Test("405 lists the methods that are allowed")
    func allow() async throws {
        try await withServer { server in
            var client = try await RawClient(server)
            try await client.send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\nPOST /info HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.response().fields["allow"] == "POST")
            #expect(try await client.response().fields["allow"] == "GET, HEAD")
        }
    }

    @Test(
        "a JSON content type is accepted with parameters and in any case",
        arguments: ["application/json", "Application/JSON; charset=utf-8", "application/json ;x=y", "application/json;"])
    func contentTypes(type: String) async throws {
        try await withServer { server in
            var client = try await RawClient(server)
            try await client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: \(type)\r\nContent-Length: 2\r\n\r\n{}")
            #expect(try await client.response().status == 200)
        }
    }

    @Test("a header of just under 16 KiB and 100 fields is accepted")
    func largeHeader() async throws {
        try await withServer { server in
            var client = try await RawClient(server)
            let fields = (1...99).map { "X-\($0): \(String(repeating: "v", count: 150))\r\n" }.joined()
            try await client.send("GET /info HTTP/1.1\r\nHost: a\r\n\(fields)\r\n")
            #expect(try await client.response().status == 200)
        }
    }

    @Test("each refusal is counted by its reason")
    func counted() async throws {
        let reasons = NIOLockedValueBox<[HTTPRefusal.Reason]>([])
        try await withServer({ $0.onRefusal = { reason in reasons.withLockedValue { $0.append(reason) } } }) { server in
            var client = try await RawClient(server)
            try await client.send("GET /nothing HTTP/1.1\r\nHost: a\r\n\r\nGET /echo HTTP/1.1\r\nHost: a\r\n\r\nnonsense\r\n\r\n")
            _ = try await client.remainder()
        }
        #expect(reasons.withLockedValue { $0 } == [.unknownPath, .method, .malformed])
    }
}

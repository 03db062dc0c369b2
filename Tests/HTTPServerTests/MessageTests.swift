import HTTPServer
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import Testing

@Suite("HTTP/1.1 messages", .timeLimit(.minutes(1)))
struct MessageTests {
    @Test("fifty requests in one write are answered in order")
    func pipelining() async throws {
        try await withServer { server in
            var client = try await RawClient(server)
            let requests = (1...50).map { index in
                let body = "{\"n\":\(index)}"
                return index % 3 == 0
                    ? post("/echo?n=\(index)", "Transfer-Encoding: chunked") + chunked(body, size: 3)
                    : post("/echo?n=\(index)", "Content-Length: \(body.utf8.count)") + body
            }
            try await client.send(requests.joined())
            for index in 1...50 {
                let body = "{\"n\":\(index)}"
                #expect(try await client.response().body == "POST /echo n=\(index) \(body.utf8.count) \(body)")
            }
        }
    }

    @Test("pipelined requests keep their order when some are answered on a worker thread")
    func pipeliningAcrossThreads() async throws {
        try await withServer({ $0.limits.eventLoopBodySize = 100 }) { server in
            var client = try await RawClient(server)
            let sizes = (1...30).map { $0 % 2 == 0 ? 10 : 500 + $0 }
            try await client.send(
                sizes.map { post("/echo", "Content-Length: \($0)") + String(repeating: "x", count: $0) }.joined())
            for size in sizes {
                #expect(try await client.response().body.hasPrefix("POST /echo - \(size) ") == true)
            }
        }
    }

    @Test("a request cut in two at any byte is answered the same")
    func cutAnywhere() async throws {
        let request = post("/echo?a=b", "Transfer-Encoding: chunked") + "2\r\n{\"\r\n4;x=y\r\na\":1\r\n1\r\n}\r\n0\r\nTrailer: x\r\n\r\n"
        let bytes = Array(request.utf8)
        try await withServer { server in
            var client = try await RawClient(server)
            for cut in 1..<bytes.count {
                try await client.send(String(decoding: bytes[..<cut], as: UTF8.self))
                await Task.yield()
                try await client.send(String(decoding: bytes[cut...], as: UTF8.self))
                let answer = try await client.response()
                #expect(answer.status == 200, "cut at \(cut)")
                #expect(answer.body == "POST /echo a=b 7 {\"a\":1}", "cut at \(cut)")
            }
        }
    }

    @Test("a request sent byte by byte is answered the same")
    func byteByByte() async throws {
        try await withServer { server in
            var client = try await RawClient(server)
            for byte in post("/echo", "Content-Length: 7") + "{\"a\":1}" {
                try await client.send(String(byte))
            }
            #expect(try await client.response().body == "POST /echo - 7 {\"a\":1}")
        }
    }

    @Test("chunks of any size make one body", arguments: [1, 2, 7, 4095, 70_000])
    func chunks(size: Int) async throws {
        let seen = NIOLockedValueBox("")
        let text = String((0..<100_000).map { Character(UnicodeScalar(UInt8(97 + $0 % 26))) })
        // CR LF CR LF inside the data must not be taken for the end.
        let body = size == 1 ? String(text.prefix(5_000)) : "\r\n\r\n0\r\n\r\n" + text + "\r\n\r\n"
        let responder = EchoResponder { request in seen.withLockedValue { $0 = String(buffer: request.body) } }
        try await withServer(responder: responder) { server in
            var client = try await RawClient(server)
            try await client.send(post("/echo", "Transfer-Encoding: chunked") + chunked(body, size: size, trailer: "X-Sum: 1\r\n"))
            #expect(try await client.response().status == 200)
        }
        #expect(seen.withLockedValue { $0 } == body)
    }

    @Test("trailer fields do not become header fields")
    func trailers() async throws {
        let hasTrailer = NIOLockedValueBox(true)
        let responder = EchoResponder { request in hasTrailer.withLockedValue { $0 = request.headers.contains(name: "X-Admin") } }
        try await withServer(responder: responder) { server in
            var client = try await RawClient(server)
            try await client.send(post("/echo", "Transfer-Encoding: chunked") + "2\r\n{}\r\n0\r\nX-Admin: yes\r\n\r\n")
            #expect(try await client.response().status == 200)
        }
        #expect(hasTrailer.withLockedValue { $0 } == false)
    }

    @Test("HEAD on a GET route describes the answer without its body")
    func head() async throws {
        try await withServer { server in
            var client = try await RawClient(server)
            try await client.send("HEAD /info HTTP/1.1\r\nHost: a\r\n\r\nGET /info HTTP/1.1\r\nHost: a\r\n\r\n")
            let head = try await client.response(isHead: true)
            let get = try await client.response()
            #expect(head.status == 200)
            #expect(head.fields["content-length"] == "\(get.body.utf8.count)")
            #expect(get.body == "GET /info - 0 ")
        }
    }

    @Test("a refusal of HEAD has no body either", arguments: [("/nothing", 404), ("/echo", 405)])
    func refusedHead(path: String, status: Int) async throws {
        try await withServer { server in
            var client = try await RawClient(server)
            try await client.send("HEAD \(path) HTTP/1.1\r\nHost: a\r\n\r\nGET /info HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.response(isHead: true).status == status)
            #expect(try await client.response().status == 200)
        }
    }

    @Test("a target in absolute form is answered like its path")
    func absoluteForm() async throws {
        try await withServer { server in
            var client = try await RawClient(server)
            try await client.send("GET http://a:1/info?x HTTP/1.1\r\nHost: a:1\r\n\r\n")
            #expect(try await client.response().body == "GET /info x 0 ")
        }
    }

    @Test("a client that expects 100 sends its body when told to")
    func expectContinue() async throws {
        try await withServer { server in
            var client = try await RawClient(server)
            for _ in 1...2 {
                try await client.send(post("/echo", "Expect: 100-Continue", "Content-Length: 2"))
                let interim = try await client.response()
                #expect(interim.status == 100)
                #expect(interim.fields.isEmpty)
                try await client.send("{}")
                #expect(try await client.response().body == "POST /echo - 2 {}")
            }
        }
    }

    @Test("no interim response is sent when the body has begun or there is none, nor to HTTP/1.0")
    func needlessContinue() async throws {
        try await withServer { server in
            var client = try await RawClient(server)
            try await client.send(post("/echo", "Expect: 100-continue", "Content-Length: 2") + "{}")
            #expect(try await client.response().status == 200)
            try await client.send(post("/echo", "Expect: 100-continue", "Content-Length: 0"))
            #expect(try await client.response().status == 200)
            try await client.send(
                "POST /echo HTTP/1.0\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
            try await client.send("{}")
            #expect(try await client.response().status == 200)
        }
    }

    @Test("HTTP/1.0 closes after the answer, unless it asks for keep-alive and is told so")
    func http10() async throws {
        try await withServer { server in
            var client = try await RawClient(server)
            try await client.send("GET /info HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            #expect(try await client.response().fields["connection"] == "keep-alive")
            try await client.send("GET /info HTTP/1.0\r\n\r\n")
            #expect(try await client.response().fields["connection"] == "close")
            #expect(try await client.remainder() == "")
        }
    }

    @Test(
        "after a request that closes or upgrades the connection nothing more is answered",
        arguments: [
            "Connection: close", "Connection: Close, x", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA"
        ])
    func connectionClose(fields: String) async throws {
        try await withServer { server in
            var client = try await RawClient(server)
            try await client.send("GET /info HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\nGET /info HTTP/1.1\r\nHost: a\r\n\r\n")
            let answer = try await client.response()
            #expect(answer.status == 200)
            #expect(answer.fields["connection"] == "close")
            #expect(try await client.remainder() == "")
        }
    }

    @Test("a client that ends its side after its requests gets all answers, then the end")
    func halfClose() async throws {
        try await withServer({ $0.limits.eventLoopBodySize = 0 }) { server in
            var client = try await RawClient(server)
            try await client.send(post("/echo", "Content-Length: 2") + "{}" + post("/echo", "Content-Length: 3") + "[1]")
            try await client.endOutput()
            #expect(try await client.response().body == "POST /echo - 2 {}")
            #expect(try await client.response().body == "POST /echo - 3 [1]")
            #expect(try await client.remainder() == "")
        }
    }

    @Test(
        "a truncated request gets 400",
        arguments: [
            "GET /inf", post("/echo", "Content-Length: 5") + "{}", post("/echo", "Transfer-Encoding: chunked") + "2\r\n{}\r\n0\r\n"
        ])
    func truncated(request: String) async throws {
        try await withServer { server in
            var client = try await RawClient(server)
            try await client.send(request)
            try await client.endOutput()
            let answer = try await client.response()
            #expect(answer.status == 400)
            #expect(answer.body == "refused: malformed")
            #expect(try await client.remainder() == "")
        }
    }

    private func chunked(_ body: String, size: Int, trailer: String = "") -> String {
        let bytes = Array(body.utf8)
        let chunks = stride(from: 0, to: bytes.count, by: size).map { start in
            let chunk = bytes[start..<min(start + size, bytes.count)]
            return String(chunk.count, radix: 16) + "\r\n" + String(decoding: chunk, as: UTF8.self) + "\r\n"
        }
        return chunks.joined() + "0\r\n" + trailer + "\r\n"
    }
}

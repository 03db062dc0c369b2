import Testing

extension FrontDoorTests {
    @Suite("request smuggling")
    struct SmugglingTests {
        private static let head = "POST /validate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"

        /// What two servers in a row may take for different requests (RFC 9112, section 11.2).
        static let forms = [
            "both lengths": "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "both lengths, chunked first": "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n",
            "two differing lengths": "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
            "two differing lengths in one field": "Content-Length: 2, 3\r\n\r\n{} ",
            "a length with a sign": "Content-Length: +2\r\n\r\n{}",
            "a length in hexadecimal": "Content-Length: 0x2\r\n\r\n{}",
            "a length beyond all numbers": "Content-Length: 99999999999999999999999\r\n\r\n{}",
            "chunked that is not last": "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
            "a folded line": "X: a\r\n folded\r\nContent-Length: 2\r\n\r\n{}",
            "a bare LF": "Content-Length: 2\n\r\n{}",
            "a bare LF at the end of the header": "Content-Length: 2\n\n{}",
            "a bare CR": "X: a\rContent-Length: 2\r\n\r\n{}",
            "a space before the colon": "Content-Length : 2\r\n\r\n{}",
            "a tab before the colon": "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n",
            "a NUL": "X: a\u{0}b\r\nContent-Length: 2\r\n\r\n{}",
            "a chunk size that is no number": "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
            "a chunk that ends with LF": "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\n0\r\n\r\n",
            "a chunk longer than it says": "Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n",
            "a trailer with a space before the colon": "Transfer-Encoding: chunked\r\n\r\n0\r\nX : a\r\n\r\n"
        ]

        @Test("every form of smuggling gets 400, the connection ends, and what follows is not answered")
        func smuggling() async throws {
            try await Siege.run("request smuggling", refusals: ["malformed": Self.forms.count]) { siege in
                let port = siege.server.port
                let end = ContinuousClock.now + .milliseconds(1200)
                _ = try await siege.attackers(2) { _ in
                    repeat {
                        for (name, form) in Self.forms {
                            let client = try TLSClient.connected(port: port, alpn: ["http/1.1"])
                            let smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
                            var connection = ReviewConnection(client)
                            guard case .answered(let answer) = try connection.exchange(Array((Self.head + form + smuggled).utf8)) else {
                                Issue.record("\(name): no answer")
                                continue
                            }
                            #expect(answer.status == 400 && answer.closes, "\(name)")
                            #expect(try connection.receiveEnd() == .closeNotify, "\(name)")
                        }
                    } while ContinuousClock.now < end
                }
            }
        }
    }
}

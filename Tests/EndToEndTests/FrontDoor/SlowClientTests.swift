import TestSupport
import Testing

extension FrontDoorTests {
    @Suite("clients that take their time")
    struct SlowClientTests {
        struct Slowness: Sendable, CustomTestStringConvertible {
            let name: String
            let protocolName: String
            let reason: String
            let start: [UInt8]
            /// Sent byte by byte, again and again.
            let trickle: [UInt8]

            var testDescription: String { name }
        }

        private static let head = "POST /validate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"

        static let all = [
            Slowness(
                name: "slow headers, HTTP/1.1", protocolName: "http/1.1", reason: "header_timeout", start: Array(head.utf8),
                trickle: Array("X: y\r\n".utf8)),
            Slowness(
                name: "slow bodies, HTTP/1.1", protocolName: "http/1.1", reason: "body_timeout",
                start: Array("\(head)Content-Length: 5000\r\n\r\n".utf8),
                trickle: [0x20]),
            Slowness(
                name: "slow chunks, HTTP/1.1", protocolName: "http/1.1", reason: "body_timeout",
                start: Array("\(head)Transfer-Encoding: chunked\r\n\r\n".utf8),
                trickle: Array("1\r\n \r\n".utf8)),
            // The frame is announced as long, so that the server waits within it.
            Slowness(
                name: "slow headers, HTTP/2", protocolName: "h2", reason: "header_timeout",
                start: HTTP2Client.preface() + [0, 16, 0, 1, 4, 0, 0, 0, 1],
                trickle: HeaderBlock.literal("x", "y").bytes),
            Slowness(
                name: "slow bodies, HTTP/2", protocolName: "h2", reason: "body_timeout",
                start: HTTP2Client.preface() + Frame.headers(1, .post("/validate"), .endHeaders).bytes,
                trickle: Frame.data(1, " ").bytes)
        ]

        private static let count = 200

        @Test("slow clients disturb nobody, and get no more than their time", arguments: all)
        func slow(_ slowness: Slowness) async throws {
            let options = ["--header-timeout", "1s", "--body-timeout", "1s"]
            try await Siege.run(slowness.name, options: options, refusals: [slowness.reason: Self.count]) { siege in
                let port = siege.server.port
                _ = try await siege.attackers(4) { _ in
                    let clients = try (0..<Self.count / 4).map { _ in
                        let client = try TLSClient.connected(port: port, alpn: [slowness.protocolName])
                        try client.send(slowness.start)
                        return client
                    }
                    let end = ContinuousClock.now + .milliseconds(1300)
                    var position = 0
                    while ContinuousClock.now < end {
                        for client in clients { try? client.send([slowness.trickle[position % slowness.trickle.count]]) }
                        position += 1
                        pause(.milliseconds(20))
                    }
                }
            }
        }
    }
}

import TestSupport
import Testing

extension FrontDoorTests {
    @Suite("bodies over the limit")
    struct BodyTests {
        private static let limit = 8 << 20
        private static let head = "POST /validate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"

        @Test("a body that is declared too large gets 413 at once")
        func declared() async throws {
            try await Siege.run("oversized, declared", refusals: ["body_too_large": 200]) { siege in
                let port = siege.server.port
                let answers = try await siege.attackers(4) { attacker in
                    try (0..<50).map { _ in
                        if attacker.isMultiple(of: 2) {
                            var connection = ReviewConnection(try TLSClient.connected(port: port, alpn: ["http/1.1"]))
                            return try connection.status(of: Array("\(Self.head)Content-Length: \(Self.limit + 1)\r\n\r\n".utf8))
                        }
                        let client = try HTTP2Client(port: port)
                        try client.send([.headers(1, .post("/validate", ["content-length": "\(Self.limit + 1)"]), .endHeaders)])
                        while let frame = try client.receive() {
                            if frame.kind == .headers { return try client.status(frame) }
                        }
                        return nil
                    }
                }.flatMap(\.self)
                #expect(answers.allSatisfy { $0 == 413 }, "\(answers)")
            }
        }

        @Test("a body without a declared length gets 413 at the limit")
        func undeclared() async throws {
            // An unoptimised build would be busy with more, or faster ones.
            let (limit, options) = (2 << 20, ["--max-admission-body-size", "2Mi"])
            try await Siege.run("oversized, chunked", options: options, refusals: ["body_too_large": 6]) { siege in
                let port = siege.server.port
                let piece = [UInt8](repeating: 0x20, count: 16_000)
                let answers = try await siege.attackers(6) { attacker -> (status: Int?, sent: Int) in
                    if attacker.isMultiple(of: 2) {
                        let client = try TLSClient.connected(port: port, alpn: ["http/1.1"])
                        var connection = ReviewConnection(client)
                        try client.send(Self.head + "Transfer-Encoding: chunked\r\n\r\n")
                        let chunk = Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + Array("\r\n".utf8)
                        var sent = 0
                        while sent < 2 * limit, !client.hasInput, (try? client.send(chunk)) != nil {
                            sent += piece.count
                            pause(.milliseconds(8))
                        }
                        return (try connection.status(of: []), sent)
                    }
                    let client = try HTTP2Client(port: port)
                    try client.send([.headers(1, .post("/validate"), .endHeaders)])
                    let (frames, sent) = try client.sendBody(1, count: 2 * limit, piece: piece)
                    return (try frames.first { $0.kind == .headers }.flatMap(client.status), sent)
                }
                print("figures: oversized, chunked: \(answers.map { "\($0.status ?? 0) after \($0.sent.mebibytes) MiB" })")
                #expect(answers.allSatisfy { $0.status == 413 && $0.sent < 2 * limit }, "\(answers)")
            }
        }
    }
}

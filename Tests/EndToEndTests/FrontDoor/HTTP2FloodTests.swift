import TestSupport
import Testing

extension FrontDoorTests {
    @Suite("HTTP/2 floods")
    struct HTTP2FloodTests {
        struct Flood: Sendable, CustomTestStringConvertible {
            let name: String
            /// Why the server ends the connection, in the words of its metric.
            let reason: String
            /// What one connection sends, and again until the server ends it.
            let wave: @Sendable (_ number: UInt32) -> [Frame]

            var testDescription: String { name }
        }

        private static let review = HeaderBlock.post("/validate")
        private static let body = Array(Reviews.creation.utf8)

        /// Four new streams for each wave.
        private static func streams(_ number: UInt32) -> StrideTo<UInt32> {
            stride(from: number * 8 + 1, to: number * 8 + 9, by: 2)
        }

        /// Frames on a request that is begun in the first wave.
        private static func begun(_ number: UInt32, _ begin: Frame, _ frame: Frame, count: Int) -> [Frame] {
            (number == 0 ? [begin] : []) + Array(repeating: frame, count: count)
        }

        static let floods = [
            Flood(name: "rapid reset", reason: "http2_resets") { number in
                streams(number).flatMap { stream -> [Frame] in
                    [.headers(stream, review, .endHeaders), .data(stream, body, .endStream), .rstStream(stream)]
                }
            },
            // The client makes the server reset its streams, by opening their windows too wide.
            Flood(name: "made-you-reset", reason: "http2_resets") { number in
                streams(number).flatMap { stream -> [Frame] in
                    [.headers(stream, review, .endHeaders), .windowUpdate(stream, by: 0x7FFF_FFFF)]
                }
            },
            Flood(name: "PING", reason: "http2_pings") { _ in Array(repeating: .ping(), count: 20) },
            Flood(name: "SETTINGS", reason: "http2_settings") { _ in Array(repeating: .settings(.initialWindowSize(65_535)), count: 10) },
            Flood(name: "empty DATA", reason: "http2_empty_frames") { number in
                begun(number, .headers(1, review, .endHeaders), .data(1), count: 20)
            },
            Flood(name: "PRIORITY", reason: "http2_control_frames") { _ in Array(repeating: .priority(1), count: 50) },
            Flood(name: "WINDOW_UPDATE", reason: "http2_control_frames") { _ in Array(repeating: .windowUpdate(0, by: 1), count: 50) },
            Flood(name: "endless CONTINUATION", reason: "http2_continuations") { number in
                begun(
                    number, .headers(1, review, []), .continuation(1, ["x": "y"], []), count: 20)
            },
            Flood(name: "empty CONTINUATION", reason: "http2_continuations") { number in
                begun(number, .headers(1, review, []), .continuation(1, [:], []), count: 20)
            },
            // One long field goes into the table of the server's decoder, and a byte refers to it thousands of times.
            Flood(name: "HPACK bomb", reason: "http2_header_list") { number in
                let long = HeaderBlock.literal("bomb", String(repeating: "b", count: 4000), .incremental)
                return [.headers(2 * number + 1, review + long + .repeating(.indexed(62), 12_000))]
            }
        ]

        @Test("a flood ends its own connection, with ENHANCE_YOUR_CALM", arguments: floods)
        func flood(_ flood: Flood) async throws {
            // An unoptimised build is busy for half a second with as many as the defaults allow.
            let options = ["--http2-max-resets", "50", "--http2-max-control-frames", "1000"]
            try await Siege.run(flood.name, options: options, refusals: [flood.reason: 4]) { siege in
                let port = siege.server.port
                let end = ContinuousClock.now + .milliseconds(900)
                let codes = try await siege.attackers(4) { _ in
                    var codes: [Frame.ErrorCode?] = []
                    repeat {
                        let client = try HTTP2Client(port: port)
                        // Until the server has had enough, which it may at any byte.
                        var number: UInt32 = 0
                        while number < 100, (try? client.send(flood.wave(number))) != nil {
                            number += 1
                            pause(.milliseconds(2))
                        }
                        codes.append((try? client.goAwayCode()) ?? nil)
                        pause(.milliseconds(10))
                    } while ContinuousClock.now < end
                    return codes
                }.flatMap(\.self)
                print("figures: \(flood.name): \(codes.count) connections ended")
                #expect(codes.allSatisfy { $0 == .enhanceYourCalm }, "\(codes)")
            }
        }

        @Test("clients that open no window get no answers, and are given up")
        func zeroWindow() async throws {
            let options = ["--idle-timeout", "1s", "--min-body-rate", "1Mi"]
            try await Siege.run("zero-window readers", options: options, refusals: ["answer_timeout": 1000]) { siege in
                let port = siege.server.port
                // It is in the desired version already, and comes back as it is.
                let review = Array(Reviews.conversion([Objects.object("large", metadata: Self.annotation(8000), spec: "{}")]).utf8)
                let outcomes = try await siege.attackers(2) { _ in
                    let clients = try (0..<5).map { _ in try HTTP2Client(port: port, settings: .initialWindowSize(0)) }
                    for stream in 0..<100 {
                        for client in clients { try client.request(UInt32(2 * stream + 1), "/convert", body: review) }
                        pause(.milliseconds(4))
                    }
                    return try clients.map { client in
                        var (heads, resets) = (0, 0)
                        while resets < 100, let frame = try client.receive() {
                            #expect(frame.kind != .data)
                            if frame.kind == .headers { heads += 1 }
                            if frame.kind == .rstStream { resets += 1 }
                        }
                        return [heads, resets]
                    }
                }.flatMap(\.self)
                #expect(outcomes.allSatisfy { $0 == [100, 100] }, "\(outcomes)")
            }
        }

        private static func annotation(_ size: Int) -> String {
            #""annotations":{"note":"\#(String(repeating: "n", count: size))"}"#
        }
    }
}

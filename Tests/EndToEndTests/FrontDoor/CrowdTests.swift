import TestSupport
import Testing

extension FrontDoorTests {
    @Suite("clients that take all the places")
    struct CrowdTests {
        struct Crowd: Sendable, CustomTestStringConvertible {
            let name: String
            /// 127.0.0.`number`; that of the honest client when nil.
            var source: UInt8?
            /// Whether each has completed a request before, on its connection.
            var isKnown = false
            let refusals: [String: Int]

            var testDescription: String { name }
        }

        static let crowds = [
            Crowd(name: "slow bodies, all places", refusals: ["connection_evicted": 5]),
            Crowd(name: "slow bodies, all places, another address", source: 2, refusals: ["connection_evicted": 16]),
            Crowd(name: "slow bodies, all places, a known address", source: 2, isKnown: true, refusals: ["address_limit": 16])
        ]

        private static let head = "POST /validate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"

        @Test("32 slow senders do not take 32 places from who completes requests, nor from the readiness probe", arguments: crowds)
        func slowSenders(_ crowd: Crowd) async throws {
            try await Siege.run(crowd.name, options: ["--max-connections", "32"], refusals: crowd.refusals) { siege in
                let port = siege.server.port
                let source = crowd.source.map(LoopbackAddress.Source.init)
                let isOver = StopFlag()
                async let answers = Self.answers(siege.server, from: 7, until: isOver)
                _ = try await siege.attackers(4) { _ in
                    var clients: [TLSClient] = []
                    let end = ContinuousClock.now + .milliseconds(2500)
                    while ContinuousClock.now < end {
                        clients.removeAll(where: \.hasEnded)
                        // Who loses a place tries to get another.
                        while clients.count < 8, let client = try? TLSClient.connected(port: port, alpn: ["http/1.1"], from: source) {
                            if crowd.isKnown {
                                var connection = ReviewConnection(client)
                                _ = try? connection.exchange(ReviewConnection.request("/validate", Reviews.creation.utf8))
                            }
                            try? client.send(Self.head)
                            clients.append(client)
                        }
                        for client in clients { try? client.send([UInt8](repeating: 0x20, count: 140)) }
                        pause(.milliseconds(100))
                    }
                }
                isOver.raise()
                Self.check(try await answers, crowd.name)
            }
        }

        struct Answers: Sendable {
            /// Of connecting, handshake and answer.
            var times = LatencyFigures()
            var failures: [String] = []
        }

        private static func check(_ answers: Answers, _ name: String) {
            print("figures: \(name): a client at another address, each time on a fresh connection: \(answers.times)")
            #expect(answers.times.count > 3)
            #expect(answers.failures.isEmpty)
            #expect(answers.times.worst < .seconds(1))
        }

        /// Asks for a review, each time on a fresh connection, and whether the server is ready.
        private static func answers(_ server: WebhookServer, from source: UInt8, until isOver: StopFlag) async throws -> Answers {
            try await onOwnThread {
                let request = try ReviewConnection.recordedReview()
                var answers = Answers()
                while !isOver.isRaised {
                    do {
                        let start = ContinuousClock.now
                        var connection = ReviewConnection(
                            try TLSClient.connected(port: server.port, alpn: ["http/1.1"], from: .init(number: source)))
                        let status = try connection.status(of: request)
                        if status != 200 { answers.failures.append("review: \(status ?? 0)") }
                        answers.times.add(ContinuousClock.now - start)
                    } catch {
                        answers.failures.append("review: \(error)")
                    }
                    if case let status = server.readiness, status != 200 { answers.failures.append("readiness: \(status ?? 0)") }
                    pause(.milliseconds(100))
                }
                return answers
            }
        }

        @Test("1,500 fresh silent connections do not delay an honest client by a second")
        func silence() async throws {
            try await Siege.run("1,500 silent connections", refusals: ["connection_evicted": 400]) { siege in
                let port = siege.server.port
                let all = Rendezvous(of: 4)
                let isOver = StopFlag()
                async let answers = Self.answers(siege.server, from: 7, until: isOver)
                _ = try await siege.attackers(4) { _ in
                    let start = ContinuousClock.now
                    var connections = try (0..<375).map { _ in try RawConnection(port: port) }
                    all.arrive()
                    // Long enough for the honest client to come with fresh connections while the others are fresh as well.
                    pause(max(.zero, .milliseconds(1500) - (ContinuousClock.now - start)))
                    while !connections.isEmpty {
                        connections.removeLast(min(10, connections.count))
                        pause(.milliseconds(5))
                    }
                }
                isOver.raise()
                Self.check(try await answers, "1,500 silent connections")
            }
        }
    }
}

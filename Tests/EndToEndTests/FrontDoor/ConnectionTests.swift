import COpenSSL
import Testing

extension FrontDoorTests {
    @Suite("too many connections, and broken ones")
    struct ConnectionTests {
        @Test("of 2,000 idle connections the oldest are closed, and who comes next gets in")
        func idleConnections() async throws {
            try await Siege.run("2,000 idle connections", refusals: ["connection_evicted": 900]) { siege in
                let port = siege.server.port
                let (all, counted) = (Rendezvous(of: 4), Rendezvous(of: 4))
                let states = try await siege.attackers(4) { _ -> [(began: ContinuousClock.Instant, isOpen: Bool)] in
                    var connections = (0..<500).compactMap { _ -> (ReviewConnection, ContinuousClock.Instant)? in
                        // When many come at once, the server may refuse some.
                        guard var connection = try? ReviewConnection(port: port),
                            (try? connection.status(of: Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))) == 404
                        else { return nil }
                        return (connection, .now)
                    }
                    all.arrive()
                    // None answers the server's close_notify.
                    let states = connections.map { ($0.1, !$0.0.hasInput) }
                    counted.arrive()
                    // All at once would keep an unoptimised build busy for a while.
                    while !connections.isEmpty {
                        connections.removeLast(min(10, connections.count))
                        pause(.milliseconds(5))
                    }
                    return states
                }.joined().sorted { $0.began < $1.began }
                let open = states.count { $0.isOpen }
                print("figures: 2,000 idle connections: \(states.count) were served, \(open) are open at the end")
                #expect((900...1024).contains(open))
                #expect(!states.prefix(400).contains { $0.isOpen } && states.suffix(400).allSatisfy(\.isOpen), "the oldest went")
            }
        }

        @Test("1,000 half-finished handshakes disturb nobody, and get no more than their time")
        func halfHandshakes() async throws {
            let options = ["--handshake-timeout", "1s"]
            try await Siege.run("1,000 half-finished handshakes", options: options, refusals: ["handshake_timeout": 1000]) { siege in
                let port = siege.server.port
                let ended = try await siege.attackers(4) { _ in
                    let clients = try (0..<250).map { number in
                        let client = try TLSClient(port: port, alpn: ["http/1.1"])
                        if number.isMultiple(of: 2) {
                            try client.beginHandshake()
                        } else {
                            try client.sendRaw([0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3])
                        }
                        return client
                    }
                    return clients.count { client in
                        // A busy machine takes its time.
                        for _ in 0..<500 where !client.hasEnded { pause(.milliseconds(10)) }
                        return client.hasEnded
                    }
                }
                #expect(ended == [250, 250, 250, 250])
            }
        }

        @Test("who speaks no TLS, or breaks it, disturbs nobody")
        func garbage() async throws {
            try await Siege.run("TLS garbage") { siege in
                let port = siege.server.port
                let end = ContinuousClock.now + .milliseconds(1200)
                _ = try await siege.attackers(4) { attacker in
                    repeat {
                        switch attacker {
                        case 0:
                            let client = try TLSClient(port: port)
                            try client.sendRaw((0..<2000).map { _ in UInt8.random(in: 0...255) })
                        case 1:
                            let client = try TLSClient(port: port)
                            try client.sendRaw(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
                        case 2:
                            let client = try TLSClient.connected(port: port)
                            try client.sendRaw([0x17, 3, 3, 0, 64] + [UInt8](repeating: 7, count: 64))
                            _ = try? client.receiveAll()
                        default:
                            let client = try TLSClient.connected(port: port)
                            client.resetAtEnd()
                        }
                        pause(.milliseconds(2))
                    } while ContinuousClock.now < end
                }
            }
        }

        @Test("renegotiation is refused, and new keys again and again are no burden")
        func renegotiation() async throws {
            try await Siege.run("renegotiation, key updates") { siege in
                let port = siege.server.port
                let end = ContinuousClock.now + .milliseconds(1200)
                let refused = try await siege.attackers(2) { attacker in
                    var refused = 0
                    repeat {
                        let client = try TLSClient.connected(
                            port: port, alpn: ["http/1.1"], version: attacker == 0 ? TLS1_2_VERSION : TLS1_3_VERSION)
                        if attacker == 0 {
                            #expect(throws: TLSClient.Failure.self) { try client.renegotiate() }
                            refused += 1
                        } else {
                            var count = 0
                            while count < 100, (try? client.updateKeys()) != nil { count += 1 }
                        }
                        pause(.milliseconds(2))
                    } while ContinuousClock.now < end
                    return refused
                }
                print("figures: renegotiation: \(refused.reduce(0, +)) refused")
            }
        }
    }
}

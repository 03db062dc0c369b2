import Glibc
import Subprocess
import TestSupport
import Testing

extension FrontDoorTests {
    @Suite("ending under load")
    struct ShutdownTests {
        @Test("on SIGTERM every request that the server has taken on is answered, in both protocols")
        func drains() async throws {
            let options = ["--shutdown-delay", "300ms", "--shutdown-timeout", "10s"]
            try await WebhookServer.with(options: options) { server in
                async let loads = Self.load(on: server.port)
                try await Task.sleep(for: .milliseconds(700))
                let start = ContinuousClock.now
                await server.send(SIGTERM)
                try await poll("readiness fails", for: .milliseconds(250), every: .milliseconds(2)) { server.readiness == 503 }
                let unreadyAfter = ContinuousClock.now - start
                #expect(try await server.ended() == .exited(0))
                let time = ContinuousClock.now - start

                let load = ReviewLoad.merging(try await loads)
                // Each review is in the log of the server once it has been answered there.
                let served = Set(await server.log.split(separator: " ").filter { $0.hasPrefix("uid=") }.map { String($0.dropFirst(4)) })
                print(
                    "figures: SIGTERM under load: \(served.count) reviews served, \(load.answered.count) answered,",
                    "\(load.repeatable.count) to be repeated, readiness failed after \(unreadyAfter.milliseconds) ms,",
                    "ended after \(time.milliseconds) ms")
                #expect(load.lost.isEmpty, "\(load.lost)")
                #expect(served.subtracting(load.answered).isEmpty, "served, and the client did not learn of it")
                #expect(load.answered.count > 100)
                #expect(time < .seconds(5))
            }
        }

        @Test("an idle HTTP/2 connection is told to go, twice, and one with a request under way gets its answer first")
        func goAway() async throws {
            try await WebhookServer.with { server in
                let port = server.port
                let (began, go) = (StopFlag(), StopFlag())
                async let seen = onOwnThread { () -> (idle: [UInt32], busy: [UInt32], status: Int?) in
                    let idle = try HTTP2Client(port: port)
                    let busy = try HTTP2Client(port: port)
                    let body = Array(Reviews.creation.utf8)
                    try busy.send([.headers(1, .post("/validate"), .endHeaders), .data(1, Array(body.prefix(10)))])
                    try busy.roundTrip()
                    try idle.roundTrip()
                    began.raise()
                    while !go.isRaised { pause(.milliseconds(1)) }
                    let idleStreams = try idle.receiveAll().filter { $0.kind == .goAway }.map { $0.number }
                    try busy.send([.data(1, Array(body.dropFirst(10)), .endStream)])
                    let frames = try busy.receiveAll()
                    return (
                        idleStreams, frames.filter { $0.kind == .goAway }.map { $0.number },
                        try frames.first { $0.kind == .headers }.flatMap(busy.status)
                    )
                }
                try await poll("the request has begun") { began.isRaised }
                await server.send(SIGTERM)
                go.raise()
                let (idle, busy, status) = try await seen
                #expect(idle == [0x7FFF_FFFF, 0])
                #expect(busy == [0x7FFF_FFFF, 1])
                #expect(status == 200)
                #expect(try await server.ended() == .exited(0))
            }
        }

        @Test("a request that takes too long is cut at --shutdown-timeout, and the exit code is still 0")
        func cut() async throws {
            try await WebhookServer.with(options: ["--shutdown-delay", "0s", "--shutdown-timeout", "1s"]) { server in
                let port = server.port
                let began = StopFlag()
                async let ends = onOwnThread { () -> [ReviewConnection.Exchange] in
                    let slow = try TLSClient.connected(port: port, alpn: ["http/1.1"])
                    try slow.send(ReviewConnection.request("/validate", Reviews.creation.utf8).dropLast(10))
                    let slow2 = try HTTP2Client(port: port)
                    try slow2.send([.headers(1, .post("/validate"), .endHeaders)])
                    try slow2.roundTrip()
                    began.raise()
                    _ = try slow2.receiveAll()
                    var connection = ReviewConnection(slow)
                    return [try connection.receive()]
                }
                try await poll("the requests have begun") { began.isRaised }
                let start = ContinuousClock.now
                #expect(try await server.stop() == .exited(0))
                let time = ContinuousClock.now - start
                #expect(time >= .seconds(1) && time < .seconds(3), "\(time)")
                guard case .unanswered = try #require(try await ends.first) else {
                    Issue.record("a request that was cut has an answer")
                    return
                }
            }
        }

        @Test("after kill -9 under load, and a start on the same port, the next request works")
        func kill() async throws {
            try await WebhookServer.with { server in
                for _ in 0..<3 {
                    async let loads = Self.load(on: server.port)
                    try await Task.sleep(for: .milliseconds(300))
                    #expect(try await server.stop(SIGKILL) == .signaled(SIGKILL))
                    _ = try await loads
                    try await server.restart()
                    let answer = try await server.post("/validate", Reviews.creation)
                    #expect(answer.output.contains(#""allowed":true"#), "\(answer)")
                }
            }
        }

        private static func load(on port: UInt16) async throws -> [ReviewLoad] {
            try await onOwnThreads(6, niceness: Siege.niceness) { number in
                if number.isMultiple(of: 2) {
                    try ReviewLoad.http1(port: port, name: "one-\(number)")
                } else {
                    try ReviewLoad.http2(port: port, name: "two-\(number)")
                }
            }
        }
    }
}

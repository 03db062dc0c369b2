import HTTPServer
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@Suite("The limit of connections", .timeLimit(.minutes(1)))
struct ConnectionLimitTests {
    private static let get = "GET /info HTTP/1.1\r\nHost: a\r\n\r\n"

    private func withLimit(_ limit: Int, _ body: (HTTPServer, RefusalCounts) async throws -> Void) async throws {
        let refusals = RefusalCounts()
        let configure = { (configuration: inout HTTPServer.Configuration) in
            configuration.limits.connections = limit
            configuration.onRefusal = refusals.count
        }
        try await withServer(configure) { try await body($0, refusals) }
    }

    /// A client that was served and waits.
    private func idleClient(_ server: HTTPServer) async throws -> RawClient {
        var client = try await RawClient(server)
        try await client.send(Self.get)
        #expect(try await client.response().status == 200)
        return client
    }

    /// A client that was served and is in the middle of another request.
    private func busyClient(_ server: HTTPServer) async throws -> RawClient {
        var client = try await idleClient(server)
        try await client.send(post("/echo", "Content-Length: 2", "Expect: 100-continue"))
        #expect(try await client.response().status == 100)
        return client
    }

    @Test("over the limit the connection that has been idle longest is closed, and the new one served")
    func evictsOldestIdle() async throws {
        try await withLimit(3) { server, refusals in
            var busy = try await busyClient(server)
            var older = try await idleClient(server)
            var newer = try await idleClient(server)
            // Used again, so that the other one is the older now.
            try await older.send(Self.get)
            #expect(try await older.response().status == 200)
            var fourth = try await idleClient(server)
            #expect(try await newer.remainder() == "")
            #expect(refusals.all == [.connectionEvicted: 1])
            try await poll("the evicted one is gone") { server.connectionCount == 3 }
            try await busy.send("{}")
            #expect(try await busy.response().status == 200)
            try await older.send(Self.get)
            #expect(try await older.response().status == 200)
            try await fourth.send(Self.get)
            #expect(try await fourth.response().status == 200)
        }
    }

    @Test("when no connection can be spared the new one is closed, until there is room")
    func refusesWhenAllAreBusy() async throws {
        try await withLimit(2) { server, refusals in
            var first = try await busyClient(server)
            var second = try await idleClient(server)
            try await second.send("GET /in")
            var third = try await RawClient(server)
            // The part of a request may arrive after the connection.
            while refusals[.connectionLimit] == 0, refusals[.connectionEvicted] == 0 { try await Task.sleep(for: .milliseconds(5)) }
            #expect(try await third.remainder() == "")
            #expect(refusals.all == [.connectionLimit: 1])
            try await first.send("{}")
            #expect(try await first.response().status == 200)
            _ = try await idleClient(server)
            #expect(refusals.all == [.connectionLimit: 1, .connectionEvicted: 1])
            try await second.send("fo HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await second.response().status == 200)
        }
    }

    @Test("a connection that has achieved nothing for a second makes room before an idle one, whatever it has sent")
    func evictsUnproductive() async throws {
        try await withLimit(4) { server, refusals in
            var silent = try await RawClient(server)
            var partial = try await RawClient(server)
            try await partial.send("GET /in")
            var slow = try await RawClient(server)
            try await slow.send(post("/echo", "Content-Length: 1000") + "{")
            try await poll("all are admitted") { server.connectionCount == 3 }
            try await Task.sleep(for: .seconds(1.1))
            var idle = try await idleClient(server)
            var busy: [RawClient] = []
            for _ in 1...3 { busy.append(try await busyClient(server)) }
            #expect(try await silent.remainder() == "")
            #expect(try await partial.remainder() == "")
            #expect(try await slow.remainder() == "")
            busy.append(try await busyClient(server))
            #expect(try await idle.remainder() == "")
            #expect(refusals.all == [.connectionEvicted: 4])
            var refused = try await RawClient(server)
            #expect(try await refused.remainder() == "")
            #expect(refusals[.connectionLimit] == 1)
            for var client in busy {
                try await client.send("{}")
                #expect(try await client.response().status == 200)
            }
        }
    }

    @Test("a closed connection makes room without an eviction")
    func closedMakesRoom() async throws {
        try await withLimit(1) { server, refusals in
            for _ in 1...3 {
                let client = try await idleClient(server)
                await client.close()
                try await poll("it is gone") { server.connectionCount == 0 }
            }
            #expect(refusals.all == [:])
        }
    }

    @Test("a flood of 2,000 silent connections neither grows without bound nor keeps an honest client out")
    func flood() async throws {
        try await withLimit(256) { server, refusals in
            let start = ContinuousClock.now
            var flood: [RawClient] = []
            for _ in 0..<2000 { flood.append(try await RawClient(server)) }
            try await poll("all were accepted") {
                server.connectionCount + refusals[.connectionLimit] + refusals[.connectionEvicted] >= 2000
            }
            let flooding = ContinuousClock.now - start
            #expect(server.connectionCount <= 256 + 128)
            var attempts = 0
            try await poll("an honest client is served", for: .seconds(5)) {
                attempts += 1
                var client = try await RawClient(server)
                await client.trySend(Self.get)
                let status = try? await client.response().status
                await client.close()
                return status == 200
            }
            let served = ContinuousClock.now - start
            var slowest = Duration.zero
            for _ in 1...20 {
                let begin = ContinuousClock.now
                let client = try await idleClient(server)
                slowest = max(slowest, ContinuousClock.now - begin)
                await client.close()
            }
            print("2,000 connections in \(flooding); served after \(served), attempt \(attempts); then in \(slowest) at most")
            for client in flood { await client.close() }
            try await poll("all are gone") { server.connectionCount == 0 }
        }
    }
}

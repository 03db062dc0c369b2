import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@testable import HTTPServer

/// Holds an allowance as a connection does.
private final class Connection {
    private var allowance: BodyAllowance

    init(_ memory: BodyMemory, unshared: Int) {
        allowance = BodyAllowance(memory, unshared: unshared)
    }

    func take(_ count: Int) -> Bool { allowance.take(count) }
    func hold(_ count: Int) { allowance.hold(count) }
    func release(_ count: Int) { allowance.release(count) }
    func releaseAll() { allowance.releaseAll() }
}

@Suite("Memory for bodies", .timeLimit(.minutes(1)))
struct BodyMemoryTests {
    @Test("each connection has some bytes of its own, and shares the rest")
    func sharing() {
        let memory = BodyMemory(limit: 100)
        let first = Connection(memory, unshared: 10)
        let second = Connection(memory, unshared: 10)
        #expect(first.take(10))
        #expect(memory.inUse == 0)
        #expect(first.take(90))
        #expect(memory.inUse == 90)
        #expect(second.take(20))
        #expect(!second.take(1))
        #expect(!first.take(1))
        #expect(memory.inUse == 100)
        first.release(50)
        #expect(memory.inUse == 50)
        #expect(second.take(50))
        first.release(50)
        second.releaseAll()
        #expect(memory.inUse == 0)
    }

    @Test("an answer counts even when there is no room for it")
    func overdraft() {
        let memory = BodyMemory(limit: 100)
        let first = Connection(memory, unshared: 10)
        let second = Connection(memory, unshared: 10)
        first.hold(500)
        #expect(memory.inUse == 490)
        #expect(second.take(10))
        #expect(!second.take(1))
        first.release(500)
        #expect(second.take(1))
    }

    @Test("what a connection holds at its end is given back, and no more than it held")
    func end() {
        let memory = BodyMemory(limit: 100)
        do {
            let allowance = Connection(memory, unshared: 10)
            #expect(allowance.take(60))
            allowance.release(20)
            #expect(memory.inUse == 30)
        }
        #expect(memory.inUse == 0)
        let other = Connection(memory, unshared: 0)
        #expect(other.take(5))
        other.release(50)
        #expect(memory.inUse == 0)
    }

    private static func limited(_ configuration: inout HTTPServer.Configuration) {
        configuration.limits.unsharedBodySize = 1000
        configuration.limits.bodyMemory = 100_000
    }

    private static func text(_ count: Int) -> String { String(repeating: "x", count: count) }

    @Test("without room for its body a request gets 503, while small ones are served, and large ones again when there is room")
    func noRoom() async throws {
        let refusals = RefusalCounts()
        let configure = { (configuration: inout HTTPServer.Configuration) in
            Self.limited(&configuration)
            configuration.onRefusal = refusals.count
        }
        try await withServer(configure) { server in
            var large = try await RawClient(server)
            try await large.send(post("/echo", "Content-Length: 100000") + Self.text(90_000))
            try await poll("the body has arrived") { server.bodyMemoryInUse == 89_000 }

            var refused = try await RawClient(server)
            await refused.trySend(post("/echo", "Content-Length: 50000") + Self.text(50_000))
            let refusal = try await refused.response()
            #expect(refusal.status == 503)
            #expect(refusal.body == "refused: body_memory")
            #expect(refusal.fields["retry-after"] == "1")
            #expect(refusal.fields["connection"] == "close")
            #expect(try await refused.remainder() == "")
            #expect(refusals.all == [.bodyMemory: 1])

            var small = try await RawClient(server)
            try await small.send(post("/echo", "Content-Length: 1000") + Self.text(1000))
            #expect(try await small.response().status == 200)

            try await large.send(Self.text(10_000))
            #expect(try await large.response().status == 200)
            try await poll("all is given back") { server.bodyMemoryInUse == 0 }
            try await large.send(post("/echo", "Content-Length: 50000") + Self.text(50_000))
            #expect(try await large.response().status == 200)
        }
    }

    @Test("a client that goes away in the middle of a body leaves none behind", arguments: [true, false])
    func abandonedBody(isSized: Bool) async throws {
        try await withServer(Self.limited) { server in
            let head = isSized ? post("/echo", "Content-Length: 60000") : post("/echo", "Transfer-Encoding: chunked") + "ea60\r\n"
            for closesOutputOnly in [true, false] {
                let client = try await RawClient(server)
                try await client.send(head + Self.text(50_000))
                try await poll("the body has arrived") { server.bodyMemoryInUse == 49_000 }
                if closesOutputOnly { try await client.endOutput() } else { await client.close() }
                try await poll("all is given back") { server.bodyMemoryInUse == 0 }
                await client.close()
            }
        }
    }

    @Test("a body is given back with its answer, whichever thread made it", arguments: [0, 1 << 20])
    func answered(eventLoopBodySize: Int) async throws {
        let configure = { (configuration: inout HTTPServer.Configuration) in
            Self.limited(&configuration)
            configuration.limits.eventLoopBodySize = eventLoopBodySize
        }
        try await withServer(configure) { server in
            var client = try await RawClient(server)
            for _ in 1...3 {
                try await client.send(post("/echo", "Content-Length: 90000") + Self.text(90_000))
                #expect(try await client.response().status == 200)
            }
            try await poll("all is given back") { server.bodyMemoryInUse == 0 }
            #expect(server.connectionCount == 1)
        }
    }

    @Test("a client that goes away while its request is worked on leaves none behind, once the work is done")
    func abandonedWork() async throws {
        let entered = Gate()
        let leave = Gate()
        let responder = EchoResponder { _ in
            entered.open()
            leave.wait()
        }
        let configure = { (configuration: inout HTTPServer.Configuration) in
            Self.limited(&configuration)
            configuration.limits.eventLoopBodySize = 0
        }
        try await withServer(configure, responder: responder) { server in
            let client = try await RawClient(server)
            try await client.send(post("/echo", "Content-Length: 50000") + Self.text(50_000))
            await entered.opened()
            await client.reset()
            // Otherwise the server could not stop when something here fails.
            defer { leave.open() }
            try await poll("the connection is gone") { server.connectionCount == 0 }
            #expect(server.bodyMemoryInUse == 49_000)
            leave.open()
            try await poll("all is given back") { server.bodyMemoryInUse == 0 }
        }
    }

    @Test("unsent answers count, and a client that goes away without reading leaves none behind")
    func abandonedAnswer() async throws {
        try await withServer(Self.limited, responder: LargeResponder(size: 20_000_000)) { server in
            let client = try await RawClient(server, readsAutomatically: false)
            try await client.send(String(repeating: "GET /info HTTP/1.1\r\nHost: a\r\n\r\n", count: 3))
            try await poll("the answer is under way") { server.bodyMemoryInUse > 19_000_000 }
            await client.close()
            try await poll("all is given back") { server.bodyMemoryInUse == 0 }
        }
    }

    @Test("a refused body leaves none behind while its connection is still open")
    func refusedBody() async throws {
        try await withServer({
            Self.limited(&$0)
            $0.limits.bodyTimeout = .seconds(3)
            $0.limits.lingerTimeout = .seconds(20)
        }) { server in
            var client = try await RawClient(server)
            try await client.send(post("/echo", "Content-Length: 60000") + Self.text(50_000))
            try await poll("the body has arrived") { server.bodyMemoryInUse == 49_000 }
            #expect(try await client.response().status == 408)
            #expect(server.bodyMemoryInUse == 0)
            #expect(server.connectionCount == 1)
        }
    }
}

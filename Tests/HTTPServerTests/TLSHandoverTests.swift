import HTTPServer
import NIOCore
import NIOHTTP1
import NIOTLS
import TestSupport
import Testing

/// Stands for a TLS handler: the first line is its handshake and names the protocol, the rest passes unchanged.
private final class LineHandshake: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private var isDone = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if !isDone, let end = bytes.readableBytesView.firstIndex(of: 0x0A) {
            isDone = true
            let name = bytes.readString(length: end - bytes.readerIndex) ?? ""
            bytes.moveReaderIndex(forwardBy: 1)
            context.fireUserInboundEventTriggered(TLSUserEvent.handshakeCompleted(negotiatedProtocol: name.isEmpty ? nil : name))
        }
        if bytes.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(bytes)) }
    }
}

@Suite("After the TLS handshake", .timeLimit(.minutes(1)))
struct TLSHandoverTests {
    @Test("HTTP/1.1 is spoken when it was negotiated or nothing was", arguments: ["", "http/1.1"])
    func http11(name: String) async throws {
        try await withServer({ $0.makeTLSHandler = { LineHandshake() } }) { server in
            var client = try await RawClient(server)
            // The first request in the same segment as the end of the handshake.
            try await client.send("\(name)\nGET /info HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.response().status == 200)
            try await client.send("GET /info HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.response().status == 200)
        }
    }

    @Test("another protocol closes the connection")
    func otherProtocol() async throws {
        try await withServer({ $0.makeTLSHandler = { LineHandshake() } }) { server in
            var client = try await RawClient(server)
            try await client.send("spdy/3\n")
            #expect(try await client.remainder() == "")
        }
    }

    @Test("the header timeout starts when the handshake ends")
    func headerTimeout() async throws {
        let configure = { (configuration: inout HTTPServer.Configuration) in
            configuration.makeTLSHandler = { LineHandshake() }
            configuration.limits.headerTimeout = .milliseconds(1500)
        }
        try await withServer(configure) { server in
            var client = try await RawClient(server)
            try await Task.sleep(for: .milliseconds(1800))
            try await client.send("\nGET /in")
            try await Task.sleep(for: .milliseconds(100))
            try await client.send("fo HTTP/1.1\r\nHost: a\r\n\r\nG")
            #expect(try await client.response().status == 200)
            #expect(try await client.response().status == 408)
        }
    }

    @Test("a handshake that takes too long, or is under way when the server stops, is closed", arguments: [true, false])
    func unfinishedHandshake(stops: Bool) async throws {
        let refusals = RefusalCounts()
        let configure = { (configuration: inout HTTPServer.Configuration) in
            configuration.onRefusal = refusals.count
            configuration.makeTLSHandler = { LineHandshake() }
            if !stops { configuration.limits.handshakeTimeout = .milliseconds(150) }
        }
        try await withServer(configure) { server in
            var client = try await RawClient(server)
            try await client.send("http")
            if stops { server.beginDraining() }
            // What the server has not read yet makes its close a reset.
            let answer = (try? await client.remainder()) ?? ""
            #expect(answer == "")
            #expect(refusals.all == (stops ? [:] : [.handshakeTimeout: 1]))
        }
    }

    @Test("a client that goes away during the handshake leaves nothing behind")
    func abandonedHandshake() async throws {
        try await withServer({ $0.makeTLSHandler = { LineHandshake() } }) { server in
            var client = try await RawClient(server)
            try await client.send("http")
            try await client.endOutput()
            #expect(try await client.remainder() == "")
        }
    }

    @Test("a TLS handler that cannot be made closes only its connection")
    func factoryFails() async throws {
        struct NoContext: Error {}
        let isFirst = Counter()
        let factory: @Sendable () throws -> any ChannelHandler = {
            isFirst.increment()
            guard isFirst.value > 1 else { throw NoContext() }
            return LineHandshake()
        }
        try await withServer({ $0.makeTLSHandler = factory }) { server in
            var refused = try await RawClient(server)
            #expect(try await refused.remainder() == "")
            var served = try await RawClient(server)
            try await served.send("\nGET /info HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await served.response().status == 200)
        }
    }

    @Test("a connection in its handshake for more than a second makes room for another")
    func evictedHandshake() async throws {
        let refusals = RefusalCounts()
        let configure = { (configuration: inout HTTPServer.Configuration) in
            configuration.makeTLSHandler = { LineHandshake() }
            configuration.limits.connections = 1
            configuration.onRefusal = refusals.count
        }
        try await withServer(configure) { server in
            var stalled = try await RawClient(server)
            try await stalled.send("http")
            try await poll("it is admitted") { server.connectionCount == 1 }
            try await Task.sleep(for: .seconds(1.1))
            var client = try await RawClient(server)
            try await client.send("\nGET /info HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.response().status == 200)
            #expect(try await stalled.remainder() == "")
            #expect(refusals.all == [.connectionEvicted: 1])
        }
    }
}

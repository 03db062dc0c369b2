import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import TLS

/// A TLS server on a port of 127.0.0.1 that sends everything back, and closes after a line `bye`.
struct LoopbackServer: Sendable {
    let port: Int
    private let channel: any Channel
    private let failures: NIOLockedValueBox<[TLSError]>
    private let ended: NIOLockedValueBox<Int>

    /// How many connections have come to their end.
    var endedConnections: Int { ended.withLockedValue { $0 } }

    /// The failures of connections so far.
    var errors: [TLSError] { failures.withLockedValue { $0 } }

    /// Runs `body` with a server, all of whose connections share one thread.
    static func run(
        _ context: TLSServerContext, handshakeTimeout: TimeAmount = .seconds(5), _ body: (LoopbackServer) async throws -> Void
    ) async throws {
        try await run(TLSContextStore(context), handshakeTimeout: handshakeTimeout, body)
    }

    /// Runs `body` with a server whose new connections get the current context.
    static func run(
        _ contexts: TLSContextStore, handshakeTimeout: TimeAmount = .seconds(5), _ body: (LoopbackServer) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let failures = NIOLockedValueBox<[TLSError]>([])
            let ended = NIOLockedValueBox(0)
            let channel = try await ServerBootstrap(group: group)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandlers(
                            TLSServerHandler(context: contexts.current, handshakeTimeout: handshakeTimeout), Echo(failures, ended))
                    }
                }
                .bind(host: "127.0.0.1", port: 0).get()
            try await body(LoopbackServer(port: channel.localAddress?.port ?? 0, channel: channel, failures: failures, ended: ended))
            try? await channel.close()
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
    }

    func stopListening() async throws {
        try await channel.close()
    }

    /// Connects and leaves without a word.
    func connectAndLeave() async throws {
        let client = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(host: "127.0.0.1", port: port).get()
        try await client.close()
    }

    /// The failures of connections, as soon as there is one.
    func firstErrors() async throws -> [TLSError] {
        for _ in 0..<500 where errors.isEmpty {
            try await Task.sleep(for: .milliseconds(10))
        }
        return errors
    }

    /// What comes back for bytes sent without TLS, until the server closes.
    func exchangePlain(_ bytes: [UInt8]) async throws -> [UInt8] {
        let client = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await client.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(bytes: bytes))
            var received: [UInt8] = []
            for try await buffer in inbound {
                received.append(contentsOf: buffer.readableBytesView)
            }
            return received
        }
    }

    private final class Echo: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let failures: NIOLockedValueBox<[TLSError]>
        private let ended: NIOLockedValueBox<Int>
        private var tail: [UInt8] = []

        init(_ failures: NIOLockedValueBox<[TLSError]>, _ ended: NIOLockedValueBox<Int>) {
            self.failures = failures
            self.ended = ended
        }

        func channelInactive(context: ChannelHandlerContext) {
            ended.withLockedValue { $0 += 1 }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let buffer = unwrapInboundIn(data)
            tail = (tail + buffer.readableBytesView.suffix(4)).suffix(4)
            context.writeAndFlush(data, promise: nil)
            if tail == Array("bye\n".utf8) {
                context.close(promise: nil)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            guard let error = error as? TLSError else { return }
            failures.withLockedValue { $0.append(error) }
        }
    }
}

import NIOConcurrencyHelpers
import NIOCore
import NIOEmbedded
import NIOTLS
import TLS

/// What the application behind the handler saw, in order.
enum Observation: Equatable {
    case active
    case handshakeCompleted(String?)
    case bytes([UInt8])
    case shutdownCompleted
    case error(TLSError.Code)
    case otherError
    case inactive
}

/// The application behind the handler.
final class Recorder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private(set) var observations: [Observation] = []
    private(set) var errors: [TLSError] = []
    /// Run after each observation.
    var reaction: ((Observation, ChannelHandlerContext) -> Void)?

    func channelActive(context: ChannelHandlerContext) {
        record(.active, context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        record(.bytes(Array(unwrapInboundIn(data).readableBytesView)), context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event as? TLSUserEvent {
        case .handshakeCompleted(let name): record(.handshakeCompleted(name), context)
        case .shutdownCompleted: record(.shutdownCompleted, context)
        case nil: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? TLSError { errors.append(error) }
        record((error as? TLSError).map { .error($0.code) } ?? .otherError, context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        record(.inactive, context)
    }

    private func record(_ observation: Observation, _ context: ChannelHandlerContext) {
        observations.append(observation)
        reaction?(observation, context)
    }
}

/// The socket's side of the handler: counts what the handler asks of the channel and can hold writes back.
final class SocketSide: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private(set) var writes = 0
    private(set) var flushes = 0
    private(set) var reads = 0
    /// While true, writes neither leave nor succeed.
    var holdsWrites = false
    private var held: [(NIOAny, EventLoopPromise<Void>?)] = []

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        writes += 1
        if holdsWrites {
            held.append((data, promise))
        } else {
            context.write(data, promise: promise)
        }
    }

    func flush(context: ChannelHandlerContext) {
        flushes += 1
        context.flush()
    }

    func read(context: ChannelHandlerContext) {
        reads += 1
        context.read()
    }

    func release(_ context: ChannelHandlerContext) {
        holdsWrites = false
        let released = held
        held = []
        for (data, promise) in released {
            context.write(data, promise: promise)
        }
        context.flush()
    }
}

/// A server channel with the handler and a client, back to back in memory.
final class TLSPair {
    let channel: EmbeddedChannel
    let client: TestClient
    let recorder = Recorder()
    let socket = SocketSide()
    private let reported = NIOLockedValueBox<[TLSHandshakeReport]>([])

    /// What the handler told of its handshake.
    var reports: [TLSHandshakeReport] { reported.withLockedValue { $0 } }

    init(
        context: TLSServerContext? = nil, client: TestClient? = nil, handshakeTimeout: TimeAmount = .seconds(10),
        closeTimeout: TimeAmount = .seconds(5)
    ) throws {
        let context = try context ?? TestCertificate.shared.context()
        self.client = try client ?? TestClient()
        channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.addHandlers(
            socket,
            TLSServerHandler(context: context, handshakeTimeout: handshakeTimeout, closeTimeout: closeTimeout) { [reported] report in
                reported.withLockedValue { $0.append(report) }
            },
            recorder)
        channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
    }

    deinit {
        // Only a closed channel lets go of its handlers.
        recorder.reaction = nil
        channel.close(promise: nil)
        channel.embeddedEventLoop.advanceTime(by: .hours(1))
        channel.embeddedEventLoop.run()
    }

    /// A pair whose handshake is complete.
    static func connected(
        version: CInt? = nil, alpn: [String] = [], serverALPN: [String] = ["http/1.1"], closeTimeout: TimeAmount = .seconds(5)
    ) throws -> TLSPair {
        let context = try TestCertificate.shared.context(alpn: serverALPN)
        let pair = try TLSPair(context: context, client: TestClient(version: version, alpn: alpn), closeTimeout: closeTimeout)
        try pair.handshake()
        return pair
    }

    /// A pair whose handshake is complete, and whose client has read what came after it: a ticket.
    static func exchanged(context: TLSServerContext? = nil, client: TestClient? = nil) throws -> TLSPair {
        let pair = try TLSPair(context: context, client: client)
        try pair.handshake()
        _ = try pair.client.read()
        return pair
    }

    /// The errors that reached the application.
    var errors: [TLSError] { recorder.errors }

    /// Exchanges messages until neither side has anything to say.
    /// - Throws: The client's failure.
    func handshake() throws {
        var isComplete = false
        repeat {
            if !isComplete {
                isComplete = try client.handshake()
            }
        } while try exchange()
    }

    /// Carries what both sides have to send.
    /// - Returns: Whether there was anything.
    @discardableResult
    func exchange() throws -> Bool {
        let toServer = client.takeOutput()
        if !toServer.isEmpty {
            try send(toServer)
        }
        let toClient = try received()
        client.receive(toClient)
        return !toServer.isEmpty || !toClient.isEmpty
    }

    /// Gives the server bytes as they would come from its socket.
    func send(_ bytes: [UInt8]) throws {
        guard channel.isActive else { return }
        try channel.writeInbound(ByteBuffer(bytes: bytes))
    }

    /// What the server wrote to its socket since the last call.
    func received() throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) {
            bytes.append(contentsOf: buffer.readableBytesView)
        }
        return bytes
    }

    /// The plaintext that reached the application.
    var plaintext: [UInt8] {
        recorder.observations.flatMap { observation -> [UInt8] in
            if case .bytes(let bytes) = observation { bytes } else { [] }
        }
    }
}

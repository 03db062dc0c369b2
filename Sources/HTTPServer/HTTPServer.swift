import Glibc
public import Logging
import NIOConcurrencyHelpers
public import NIOCore
import NIOPosix
public import ServiceLifecycle

/// A listener that answers HTTP/1.1, over TLS when it is given a TLS handler.
///
/// ``bind(_:routes:responder:logger:)`` takes the address, so that a port already in use is known before anything else starts;
/// ``run()`` serves until the service group shuts down.
public final class HTTPServer: Service {
    /// How to listen and how to stop.
    public struct Configuration: Sendable {
        public var address: ListenAddress
        public var limits = HTTPServerLimits()
        /// Threads that serve connections.
        public var eventLoopThreads = System.coreCount
        /// Threads that answer requests with large bodies.
        public var workerThreads = System.coreCount
        /// Connections the system holds until they are accepted (the argument of `listen(2)`).
        public var backlog: Int32 = 1024
        /// How long to go on serving after the request to stop, so that clients learn of it first. In the second half of it each
        /// HTTP/1.1 connection ends with its next answer: one that is closed when it is idle may meet a request on its way, and a
        /// client must not send one that changes something twice (RFC 9112 section 9.6, RFC 9110 section 9.2.2).
        public var shutdownDelay: Duration = .zero
        /// How long requests under way may take to finish after that; then their connections are closed.
        public var shutdownTimeout: Duration = .seconds(20)
        /// Makes the TLS handler of a new connection. It must fire `TLSUserEvent.handshakeCompleted`, pass unknown events on, and
        /// support closing the output alone. Nil serves plain HTTP.
        public var makeTLSHandler: (@Sendable () throws -> any ChannelHandler)?
        /// Told of each refusal, on an event loop; must not block.
        public var onRefusal: (@Sendable (HTTPRefusal.Reason) -> Void)?

        public init(address: ListenAddress) {
            self.address = address
        }
    }

    /// The address that is listened on, with the port the system chose.
    public let localAddress: ListenAddress

    private let configuration: Configuration
    private let listener: any Channel
    private let registry: ConnectionRegistry
    private let bodyMemory: BodyMemory
    private let eventLoops: MultiThreadedEventLoopGroup
    private let workers: NIOThreadPool
    private let logger: Logger

    private init(
        _ configuration: Configuration, listener: any Channel, eventLoops: MultiThreadedEventLoopGroup, shared: HTTPConnectionContext
    ) {
        self.configuration = configuration
        self.listener = listener
        self.registry = shared.registry
        self.bodyMemory = shared.bodyMemory
        self.eventLoops = eventLoops
        self.workers = shared.workers
        self.logger = shared.logger
        self.localAddress = ListenAddress(
            host: listener.localAddress?.ipAddress ?? configuration.address.host,
            port: listener.localAddress?.port.flatMap { UInt16(exactly: $0) } ?? configuration.address.port)
    }

    /// How many connections are open, those in their handshake and those about to close included.
    public var connectionCount: Int { registry.count }

    /// How much of ``HTTPServerLimits/bodyMemory`` is taken, in bytes.
    public var bodyMemoryInUse: Int { bodyMemory.inUse }

    // MARK: Start

    /// Takes the address. Connections wait in the system's backlog until ``run()``.
    ///
    /// A server that was bound must be run or closed.
    public static func bind(
        _ configuration: Configuration, routes: [HTTPRoute], responder: any HTTPResponder, logger: Logger
    ) async throws(HTTPServerError) -> HTTPServer {
        ProcessMemory.configure()
        let eventLoops = MultiThreadedEventLoopGroup(numberOfThreads: max(1, configuration.eventLoopThreads))
        let workers = NIOThreadPool(numberOfThreads: max(1, configuration.workerThreads))
        workers.start()
        let registry = ConnectionRegistry(configuration.limits, eventLoop: eventLoops.any())
        let shared = HTTPConnectionContext(
            routes: RouteTable(routes), limits: configuration.limits, responder: responder, workers: workers, registry: registry,
            bodyMemory: BodyMemory(limit: configuration.limits.bodyMemory), onRefusal: configuration.onRefusal, logger: logger)
        do {
            let listener = try await bind(bootstrap(configuration, eventLoops, shared), configuration.address)
            return HTTPServer(configuration, listener: listener, eventLoops: eventLoops, shared: shared)
        } catch {
            registry.beginDraining()
            try? await workers.shutdownGracefully()
            try? await eventLoops.shutdownGracefully()
            throw .cannotListen(configuration.address, error)
        }
    }

    private static func bootstrap(
        _ configuration: Configuration, _ eventLoops: MultiThreadedEventLoopGroup, _ shared: HTTPConnectionContext
    ) -> ServerBootstrap {
        ServerBootstrap(group: eventLoops)
            .serverChannelOption(.backlog, value: configuration.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.autoRead, value: false)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ConnectionAdmissionHandler(shared))
                }
            }
            // A client may end its side and still read the answer.
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let makeTLSHandler = configuration.makeTLSHandler else {
                        return try HTTP1ConnectionHandler.addHandlers(to: channel, shared)
                    }
                    try channel.pipeline.syncOperations.addHandlers([try makeTLSHandler(), HandshakeHandler(shared)])
                }
            }
    }

    private static func bind(_ bootstrap: ServerBootstrap, _ address: ListenAddress) async throws -> any Channel {
        for host in address.candidates.dropLast() {
            do {
                return try await bootstrap.bind(host: host, port: Int(address.port)).get()
            } catch let error as IOError where [EAFNOSUPPORT, EADDRNOTAVAIL].contains(error.errnoCode) {}
        }
        return try await bootstrap.bind(host: address.candidates.last ?? address.host, port: Int(address.port)).get()
    }

    // MARK: Service

    /// Serves until graceful shutdown, then until the connections are closed or the shutdown timeout has passed. Cancellation closes
    /// everything at once.
    ///
    /// - Throws: ``HTTPServerError`` when the listening socket fails.
    public func run() async throws {
        try await withTaskCancellationHandler {
            try await withGracefulShutdownHandler {
                try await serve()
            } onGracefulShutdown: { [self] in
                let delay = configuration.shutdownDelay
                listener.eventLoop.scheduleTask(in: TimeAmount(delay / 2)) { self.registry.beginEnding() }
                listener.eventLoop.scheduleTask(in: TimeAmount(delay)) { self.beginDraining() }
            }
        } onCancel: { [self] in
            beginDraining()
            registry.closeAll()
        }
    }

    private func serve() async throws {
        let trimming = startTrimming()
        // Fails only when the listener is closed already.
        try? await listener.setOption(.autoRead, value: true).get()
        try? await listener.closeFuture.get()
        let wasAskedToStop = registry.isDraining
        registry.beginDraining()
        let hardStop = listener.eventLoop.scheduleTask(in: TimeAmount(configuration.shutdownTimeout)) { [registry, logger] in
            logger.info("closing connections with requests under way: the shutdown timeout has passed")
            registry.closeAll()
        }
        try? await registry.drained.get()
        hardStop.cancel()
        trimming.cancel()
        try? await workers.shutdownGracefully()
        try? await eventLoops.shutdownGracefully()
        guard wasAskedToStop else { throw HTTPServerError.stoppedListening(localAddress) }
    }

    /// Gives memory back after the start and after each wave of connections or bodies. See ``MemoryTrim``.
    private func startTrimming() -> RepeatedTask {
        let trim = NIOLockedValueBox(MemoryTrim())
        return listener.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) {
            [registry, bodyMemory, workers] _ in
            let highest = MemoryTrim.Load(connections: registry.takeHighest(), bodies: bodyMemory.takeHighest())
            let current = MemoryTrim.Load(connections: registry.count, bodies: bodyMemory.inUse)
            guard trim.withLockedValue({ $0.isDue(highest: highest, current: current) }) else { return }
            workers.submit { _ in ProcessMemory.giveBack() }
        }
    }

    /// Stops accepting, closes idle connections, and lets every other one finish the request it has begun. ``run()`` then returns.
    public func beginDraining() {
        registry.beginDraining()
        listener.close(promise: nil)
    }

    /// Gives the address and the threads back when ``run()`` is not going to be called.
    public func close() async {
        beginDraining()
        registry.closeAll()
        try? await listener.closeFuture.get()
        try? await registry.drained.get()
        try? await workers.shutdownGracefully()
        try? await eventLoops.shutdownGracefully()
    }
}

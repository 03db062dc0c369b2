import JSON
import KubernetesClient
import Logging
import NIOCore
import NIOPosix

/// What kube-proxy does for a Service: connections to one loopback port go to the pods that are ready.
final class ServiceProxy: Sendable {
    /// Where it listens on the loopback address.
    let port: UInt16
    private let listener: any Channel
    private let follower: Task<Void, Never>

    /// Follows the Endpoints of a Service, and listens.
    ///
    /// - Parameters:
    ///   - portName: Of the Service's ports; nil for the first.
    ///   - resolve: Where on the loopback address the pod of an address listens.
    static func open(
        to service: ObjectKey, portName: String?, client: KubernetesClient, logger: Logger,
        resolve: @escaping @Sendable (_ address: String) async -> UInt16?
    ) async throws -> ServiceProxy {
        let selection = ObjectSelection(namespace: service.namespace, fieldSelector: "metadata.name=\(service.name)")
        let endpoints = ObjectCache(NodeTypes.endpoints, selection, client: client, logger: logger)
        let follower = Task { await endpoints.run() }
        do {
            try await endpoints.waitUntilSynced()
            let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .serverChannelOption(.backlog, value: 64)
                .childChannelInitializer { inbound in
                    inbound.eventLoop.makeFutureWithTask { () -> UInt16? in
                        guard let address = readyAddresses(endpoints[service], portName).randomElement() else { return nil }
                        return await resolve(address)
                    }.flatMap { port in
                        // As when nobody listens.
                        guard let port else { return inbound.close() }
                        return connect(inbound, to: port)
                    }
                }
                .bind(host: "127.0.0.1", port: 0).get()
            return ServiceProxy(listener, follower)
        } catch {
            follower.cancel()
            throw error
        }
    }

    private init(_ listener: any Channel, _ follower: Task<Void, Never>) {
        port = UInt16(listener.localAddress?.port ?? 0)
        self.listener = listener
        self.follower = follower
    }

    func close() async {
        follower.cancel()
        await follower.value
        try? await listener.close()
    }

    /// The addresses of the pods that are ready.
    private static func readyAddresses(_ endpoints: KubernetesObject?, _ portName: String?) -> [String] {
        ((try? endpoints?.json())?["subsets"]?.elements ?? []).filter { subset in
            portName == nil || (subset["ports"]?.elements ?? []).contains { $0["name"]?.string == portName }
        }.flatMap { subset in
            (subset["addresses"]?.elements ?? []).compactMap { $0["ip"]?.string }
        }
    }

    private static func connect(_ inbound: any Channel, to port: UInt16) -> EventLoopFuture<Void> {
        ClientBootstrap(group: inbound.eventLoop)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { outbound in
                outbound.eventLoop.makeCompletedFuture { try outbound.pipeline.syncOperations.addHandler(Relay(to: inbound)) }
            }
            .connect(host: "127.0.0.1", port: Int(port))
            .flatMapThrowing { try inbound.pipeline.syncOperations.addHandler(Relay(to: $0)) }
            .flatMap { inbound.setOption(.allowRemoteHalfClosure, value: true) }
    }
}

/// Carries what comes to another channel of the same event loop, as fast as that takes it.
private final class Relay: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let other: any Channel

    init(to other: any Channel) {
        self.other = other
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        other.write(unwrapInboundIn(data), promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        other.flush()
        if !other.isWritable { context.channel.setOption(.autoRead, value: false).whenFailure { _ in } }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        other.setOption(.autoRead, value: context.channel.isWritable).whenFailure { _ in }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent { other.close(mode: .output, promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        other.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

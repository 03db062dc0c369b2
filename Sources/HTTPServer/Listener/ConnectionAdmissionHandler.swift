import Glibc
import Logging
import NIOCore

/// Lets connections in on the listening channel, or turns them away when the registry has no room.
///
/// When the process is out of file descriptors (EMFILE) or the system is short of something else, `accept(2)` fails and NIO keeps the
/// listener open. But the connection stays in the backlog, so the socket stays readable, and a listener that reads by itself would try
/// again at once and for ever, with a core of its own; the bootstrap used here does not prevent that. So accepting waits for a moment,
/// and connections that can be spared are closed meanwhile, since their descriptors are what is missing.
final class ConnectionAdmissionHandler: ChannelInboundHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel

    private static let pause = TimeAmount.milliseconds(50)
    private static let evictionsPerPause = 8

    private let shared: HTTPConnectionContext
    private var isShortOfResources = false

    private init(_ shared: HTTPConnectionContext) {
        self.shared = shared
    }

    /// Adds admission to a listening channel that has no handlers yet. Must be called on the channel's event loop.
    static func addHandlers(to listener: any Channel, _ shared: HTTPConnectionContext) throws {
        let backoff = AcceptBackoffHandler(shouldForwardIOErrorCaught: true) { $0.errnoCode == ECONNABORTED ? nil : Self.pause }
        try listener.pipeline.syncOperations.addHandlers([backoff, ConnectionAdmissionHandler(shared)])
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isShortOfResources = false
        let channel = unwrapInboundIn(data)
        switch shared.registry.admit(channel) {
        case .admitted(let evicted):
            if evicted != nil { shared.onRefusal?(.connectionEvicted) }
            context.fireChannelRead(data)
        case .full:
            shared.onRefusal?(.connectionLimit)
            channel.close(promise: nil)
        case .draining:
            channel.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? IOError, error.errnoCode != ECONNABORTED else {
            context.fireErrorCaught(error)
            return
        }
        if !isShortOfResources {
            isShortOfResources = true
            shared.logger.warning("cannot accept connections for now", metadata: ["error": "\(error)"])
        }
        for _ in 0..<Self.evictionsPerPause where shared.registry.evict() {
            shared.onRefusal?(.connectionEvicted)
        }
    }
}

import Glibc
import Logging
import NIOCore

/// Lets connections in on the listening channel, or turns them away when the registry has no room.
///
/// When the process is out of file descriptors (EMFILE) or the system is short of something else, `accept(2)` fails and NIO keeps the
/// listener open. But the connection stays in the backlog, so the socket stays readable, and NIO tries again at once and for ever, with a
/// core of its own; its `AcceptBackoffHandler` does not help, since the read that failed stays pending. So reading is turned off for a
/// moment, and connections that can be spared are closed meanwhile, since their descriptors are what is missing.
final class ConnectionAdmissionHandler: ChannelInboundHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel

    private static let pause = TimeAmount.milliseconds(50)
    private static let evictionsPerPause = 8
    private static let warningInterval = TimeAmount.seconds(10)

    private let shared: HTTPConnectionContext
    private var lastWarning: NIODeadline?

    init(_ shared: HTTPConnectionContext) {
        self.shared = shared
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let channel = unwrapInboundIn(data)
        switch shared.registry.admit(channel) {
        case .admitted(let isEvicting):
            if isEvicting { shared.onRefusal?(.connectionEvicted) }
            context.fireChannelRead(data)
        case .refused(let reason):
            shared.onRefusal?(reason)
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
        warn(of: error)
        for _ in 0..<Self.evictionsPerPause where shared.registry.evict() {
            shared.onRefusal?(.connectionEvicted)
        }
        guard let options = context.channel.syncOptions else { return }
        // Fails only when the listener is closed already.
        try? options.setOption(.autoRead, value: false)
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.pause) {
            try? options.setOption(.autoRead, value: true)
        }
    }

    private func warn(of error: IOError) {
        let now = NIODeadline.now()
        if let lastWarning, now - lastWarning < Self.warningInterval { return }
        lastWarning = now
        shared.logger.warning("cannot accept connections for now", metadata: ["error": "\(error)"])
    }
}

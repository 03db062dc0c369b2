import Logging
import NIOCore
import NIOTLS

/// Waits for the end of a TLS handshake, then adds the handlers of the protocol it chose (RFC 7301) and leaves.
final class HandshakeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let shared: HTTPConnectionContext
    private var alarm: Scheduled<Void>?

    init(_ shared: HTTPConnectionContext) {
        self.shared = shared
    }

    func channelActive(context: ChannelHandlerContext) {
        alarm = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(shared.limits.handshakeTimeout)) {
            self.shared.logger.debug("TLS handshake took too long")
            context.close(promise: nil)
        }
        context.fireChannelActive()
        if shared.isDraining() { context.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        alarm?.cancel()
        alarm = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        alarm?.cancel()
        alarm = nil
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case TLSUserEvent.handshakeCompleted(let negotiatedProtocol):
            handshakeCompleted(negotiatedProtocol, context)
        case is ChannelShouldQuiesceEvent, ChannelEvent.inputClosed:
            context.close(promise: nil)
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        shared.logger.debug("TLS handshake failed", metadata: ["error": "\(error)"])
        context.close(promise: nil)
    }

    private func handshakeCompleted(_ negotiatedProtocol: String?, _ context: ChannelHandlerContext) {
        do {
            switch negotiatedProtocol {
            case nil, "http/1.1": try HTTP1ConnectionHandler.addHandlers(to: context.channel, shared)
            case "h2": try HTTP2ConnectionHandler.addHandlers(to: context.channel, shared)
            default:
                shared.logger.debug("no such protocol", metadata: ["tls.alpn": "\(negotiatedProtocol ?? "")"])
                context.close(promise: nil)
                return
            }
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        } catch {
            context.fireErrorCaught(error)
            context.close(promise: nil)
        }
    }
}

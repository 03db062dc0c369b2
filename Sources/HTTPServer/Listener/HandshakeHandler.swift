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
            self.shared.onRefusal?(.handshakeTimeout)
            self.close(context)
        }
        context.fireChannelActive()
        if shared.isDraining() { close(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        cancelAlarm()
    }

    func channelInactive(context: ChannelHandlerContext) {
        cancelAlarm()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case TLSUserEvent.handshakeCompleted(let negotiatedProtocol):
            handshakeCompleted(negotiatedProtocol, context)
        case is ChannelShouldQuiesceEvent, is ConnectionEvictionEvent, ChannelEvent.inputClosed:
            close(context)
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        shared.logger.debug("TLS handshake failed", metadata: ["error": "\(error)"])
        close(context)
    }

    /// The TLS handler may take a moment to close, which is no handshake any more.
    private func close(_ context: ChannelHandlerContext) {
        cancelAlarm()
        context.close(promise: nil)
    }

    private func cancelAlarm() {
        alarm?.cancel()
        alarm = nil
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

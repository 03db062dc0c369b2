import NIOCore

/// The client's end of a probe: a handshake, a `close_notify`, and the wait for the server to close.
final class HandshakeProbeHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let connection: TLSConnection
    private let deadline: NIODeadline
    private let presented: EventLoopPromise<Certificate>
    private var alarm: Scheduled<Void>?
    private var isDecided = false

    /// - Parameters:
    ///   - deadline: When the connection is closed at the latest.
    ///   - presented: Gets the server's certificate, or a `HandshakeProbeError`, once the channel was active.
    init(_ connection: TLSConnection, deadline: NIODeadline, presented: EventLoopPromise<Certificate>) {
        self.connection = connection
        self.deadline = deadline
        self.presented = presented
    }

    func channelActive(context: ChannelHandlerContext) {
        alarm = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [self] in
            end(.timedOut, context)
        }
        proceed(context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // After the handshake there is nothing to learn: session tickets, perhaps the alert that a client's certificate is missing.
        guard !isDecided else { return }
        connection.receive(unwrapInboundIn(data))
        proceed(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        alarm?.cancel()
        alarm = nil
        decide(.failure(.interrupted))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(.handshakeFailed("\(error)"), context)
    }

    private func proceed(_ context: ChannelHandlerContext) {
        switch connection.handshake() {
        case .needsInput:
            send(context)
        case .complete:
            guard let certificate = connection.peerCertificate else {
                end(.handshakeFailed("the server presented no certificate"), context)
                return
            }
            decide(.success(certificate))
            connection.sendCloseNotify()
            send(context)
        case .failed(let error):
            send(context)
            end(.handshakeFailed(error.description), context)
        }
    }

    private func send(_ context: ChannelHandlerContext) {
        guard connection.outboundBytes > 0 else { return }
        context.writeAndFlush(wrapOutboundOut(connection.takeOutbound()), promise: nil)
    }

    private func end(_ error: HandshakeProbeError, _ context: ChannelHandlerContext) {
        decide(.failure(error))
        context.close(promise: nil)
    }

    private func decide(_ outcome: Result<Certificate, HandshakeProbeError>) {
        guard !isDecided else { return }
        isDecided = true
        switch outcome {
        case .success(let certificate): presented.succeed(certificate)
        case .failure(let error): presented.fail(error)
        }
    }
}

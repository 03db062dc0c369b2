public import NIOCore
import NIOTLS

/// Terminates TLS on a server's connection: ciphertext on the side of the socket, plaintext on the side of the application.
///
/// - Fires `TLSUserEvent.handshakeCompleted(negotiatedProtocol:)` when the application may start, and
///   `TLSUserEvent.shutdownCompleted` when both sides said `close_notify`.
/// - Fires a `TLSError` through `errorCaught` when the connection fails, and then ends it. An end of stream without
///   `close_notify` is such a failure.
/// - Closing the channel sends what was written, then `close_notify`, and waits for the peer's up to `closeTimeout`. Closing it a second
///   time ends the wait (RFC 8446, section 6.1, demands none).
///   The peer's `close_notify` is answered and closes the channel: a connection half of which is closed is not kept.
/// - A write succeeds when its ciphertext was written. Plaintext that was flushed is encrypted only as fast as the channel
///   takes the ciphertext.
/// - Plain HTTP is answered with a readable `400`.
/// - While the peer does not take what it is sent, the application's wish to read waits: otherwise what TLS answers by itself, such as
///   alerts to renegotiation, would pile up.
public final class TLSServerHandler: ChannelDuplexHandler {
    public typealias InboundIn = ByteBuffer
    public typealias InboundOut = ByteBuffer
    public typealias OutboundIn = ByteBuffer
    public typealias OutboundOut = ByteBuffer

    private let connection: TLSConnection
    private let handshakeTimeout: TimeAmount
    private let closeTimeout: TimeAmount
    /// Nil once the handshake's end was told.
    private var onHandshake: ((TLSHandshakeReport) -> Void)?

    private var lifecycle = TLSLifecycle()
    private var clientHelloLimit = ClientHelloLimit()
    private var writes = PendingWrites()
    private var plaintext = ByteBuffer()
    private var deadline: Scheduled<Void>?
    private var closePromise: EventLoopPromise<Void>?
    private var isSending = false
    /// The application asked to read and has received nothing since.
    private var isReadPending = false

    /// The ciphertext handed to the channel at once, in bytes; one record may exceed it.
    private static let sendLimit = 64 * 1024

    /// - Parameters:
    ///   - context: The certificate and the protocols of the server.
    ///   - handshakeTimeout: The time from the connection's start to the end of its handshake.
    ///   - closeTimeout: The time from the request to close until the channel is closed without the peer's consent.
    ///   - onHandshake: Told once, on the event loop, how the handshake ended; must not block.
    /// - Throws: `TLSError` when memory is short.
    public init(
        context: TLSServerContext, handshakeTimeout: TimeAmount = .seconds(10), closeTimeout: TimeAmount = .seconds(5),
        onHandshake: (@Sendable (TLSHandshakeReport) -> Void)? = nil
    ) throws(TLSError) {
        self.connection = try context.makeConnection()
        self.handshakeTimeout = handshakeTimeout
        self.closeTimeout = closeTimeout
        self.onHandshake = onHandshake
    }

    // MARK: Life of the channel

    public func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive {
            startHandshake(context)
        }
    }

    public func handlerRemoved(context: ChannelHandlerContext) {
        reportHandshake(TLSHandshakeReport(.abandoned))
        _ = lifecycle.end()
        release(failingWritesWith: ChannelError.ioOnClosedChannel)
        answerClose()
    }

    public func channelActive(context: ChannelHandlerContext) {
        startHandshake(context)
        context.fireChannelActive()
    }

    public func channelInactive(context: ChannelHandlerContext) {
        endOfStream(context)
        answerClose()
        context.fireChannelInactive()
    }

    public func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // With `allowRemoteHalfClosure` the end of the peer's stream is an event instead of the channel's end.
        let isEndOfStream = (event as? ChannelEvent) == .inputClosed
        if isEndOfStream {
            endOfStream(context)
        }
        context.fireUserInboundEventTriggered(event)
        if isEndOfStream {
            closeChannelNow(context)
        }
    }

    public func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Peers often answer the end with a reset; the application has nothing left to lose by it.
        guard !lifecycle.isEnding else { return }
        context.fireErrorCaught(error)
    }

    private func startHandshake(_ context: ChannelHandlerContext) {
        guard lifecycle.activate() else { return }
        schedule(after: handshakeTimeout, context) { handler, context in
            handler.fail(.handshakeTimedOut, context)
        }
        context.read()
    }

    // MARK: Inbound

    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard lifecycle.acceptsInput else { return }
        let ciphertext = unwrapInboundIn(data)
        if lifecycle.isHandshaking, !clientHelloLimit.accepts(ciphertext.readableBytesView) {
            fail(.clientHelloTooLong, context)
            return
        }
        connection.receive(ciphertext)
        if lifecycle.isHandshaking {
            proceedWithHandshake(context)
        }
        if lifecycle.acceptsInput, !lifecycle.isHandshaking {
            decrypt(context)
        }
    }

    public func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        // What the handshake, tickets and key updates produced, unless the application's flush took it along.
        send(context)
        if lifecycle.needsInput || (lifecycle.isEstablished && isReadPending) {
            requestInput(context)
        }
    }

    private func proceedWithHandshake(_ context: ChannelHandlerContext) {
        switch connection.handshake() {
        case .needsInput:
            break
        case .complete:
            let negotiatedProtocol = connection.negotiatedProtocol
            reportHandshake(TLSHandshakeReport(connection, alpn: negotiatedProtocol))
            lifecycle.completeHandshake()
            cancelDeadline()
            context.fireUserInboundEventTriggered(TLSUserEvent.handshakeCompleted(negotiatedProtocol: negotiatedProtocol))
        case .failed(let error):
            fail(error, context)
        }
    }

    private func decrypt(_ context: ChannelHandlerContext) {
        var plaintext = self.plaintext
        self.plaintext = ByteBuffer()
        let result = connection.read(into: &plaintext)
        if lifecycle.isEstablished, plaintext.readableBytes > 0 {
            isReadPending = false
            context.fireChannelRead(wrapInboundOut(plaintext))
        } else {
            // Nothing came out yet, or nobody wants it any more: the memory serves again.
            plaintext.clear()
            self.plaintext = plaintext
        }
        switch result {
        case .needsInput:
            break
        case .closed:
            receiveCloseNotify(context)
        case .failed(let error):
            fail(error, context)
        }
    }

    /// Tells how the handshake ended, if one is under way.
    private func reportHandshake(_ report: @autoclosure () -> TLSHandshakeReport) {
        guard lifecycle.isHandshaking, let onHandshake else { return }
        self.onHandshake = nil
        onHandshake(report())
    }

    private func endOfStream(_ context: ChannelHandlerContext) {
        reportHandshake(TLSHandshakeReport(.interrupted))
        let error = lifecycle.endOfStream()
        release(failingWritesWith: error ?? ChannelError.ioOnClosedChannel)
        if let error {
            context.fireErrorCaught(error)
        }
    }

    // MARK: Outbound

    public func read(context: ChannelHandlerContext) {
        isReadPending = true
        requestInput(context)
    }

    private func requestInput(_ context: ChannelHandlerContext) {
        guard lifecycle.needsInput || context.channel.isWritable else { return }
        context.read()
    }

    public func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard lifecycle.acceptsWrites else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        writes.append(unwrapOutboundIn(data), promise: promise)
    }

    public func flush(context: ChannelHandlerContext) {
        writes.flush()
        send(context)
    }

    public func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            send(context)
            if isReadPending { requestInput(context) }
        }
        context.fireChannelWritabilityChanged()
    }

    /// Hands ciphertext to the channel: everything OpenSSL produced by itself, and flushed plaintext as long as the channel is writable.
    private func send(_ context: ChannelHandlerContext) {
        // Flushing calls out; what those calls add is seen by the loop below.
        guard !isSending else { return }
        isSending = true
        defer { isSending = false }
        while true {
            var batch = PendingWrites.Batch()
            if lifecycle.canEncrypt, context.channel.isWritable {
                do {
                    try writes.encrypt(with: connection, limit: Self.sendLimit, into: &batch)
                } catch {
                    batch.fail(error)
                    fail(error, context)
                    return
                }
            }
            let saysGoodbye = lifecycle.owesCloseNotify && !writes.hasFlushed
            if saysGoodbye {
                connection.sendCloseNotify()
                lifecycle.sendCloseNotify()
            }
            guard connection.outboundBytes > 0 || !batch.isEmpty || saysGoodbye else { return }
            let promise = batch.promise(on: context.eventLoop, always: saysGoodbye)
            if saysGoodbye {
                promise?.futureResult.assumeIsolated().whenComplete { [self] _ in
                    lifecycle.writeCloseNotify()
                    finishClosing(context)
                }
            }
            context.writeAndFlush(wrapOutboundOut(connection.takeOutbound()), promise: promise)
        }
    }

    // MARK: Closing

    public func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        // A connection half of which is closed is not kept (RFC 8446 allows it, nothing here needs it): ending the output ends
        // the connection in the orderly way, which takes what the peer still sends until it leaves too.
        guard mode != .input else {
            promise?.fail(ChannelError.operationUnsupported)
            return
        }
        reportHandshake(TLSHandshakeReport(.abandoned))
        switch lifecycle.close() {
        case .closeChannel:
            release(failingWritesWith: ChannelError.ioOnClosedChannel)
            context.close(promise: promise)
        case .startClosing:
            answerOnClose(promise)
            startClosing(context)
            context.read()
        case .joinClosing:
            answerOnClose(promise)
        case .closeNow:
            answerOnClose(promise)
            closeChannelNow(context)
        case .forward:
            context.close(promise: promise)
        }
    }

    private func receiveCloseNotify(_ context: ChannelHandlerContext) {
        if lifecycle.receiveCloseNotify() {
            startClosing(context)
        } else {
            finishClosing(context)
        }
    }

    private func startClosing(_ context: ChannelHandlerContext) {
        schedule(after: closeTimeout, context) { handler, context in
            handler.closeChannel(context)
        }
        writes.flush()
        send(context)
    }

    private func finishClosing(_ context: ChannelHandlerContext) {
        guard lifecycle.finishIfComplete() else { return }
        context.fireUserInboundEventTriggered(TLSUserEvent.shutdownCompleted)
        closeChannelNow(context)
    }

    /// Reports `error`, sends OpenSSL's alert, or an answer to plain HTTP, and ends the connection.
    private func fail(_ error: TLSError, _ context: ChannelHandlerContext) {
        reportHandshake(TLSHandshakeReport(TLSHandshakeReport.Result(error)))
        switch lifecycle.fail() {
        case .ignore:
            return
        case .closeChannel:
            closeChannelNow(context)
        case .reportAndEnd:
            release(failingWritesWith: error)
            context.fireErrorCaught(error)
            // Whoever caught the error may have ended the connection.
            guard lifecycle.isLingering else { return }
            let lastWords = error.code == .plainHTTP ? PlainHTTPAnswer.buffer(context.channel.allocator) : connection.takeOutbound()
            guard lastWords.readableBytes > 0 else {
                closeChannel(context)
                return
            }
            schedule(after: closeTimeout, context) { handler, context in
                handler.closeChannel(context)
            }
            context.writeAndFlush(wrapOutboundOut(lastWords), promise: nil)
            context.close(mode: .output, promise: nil)
            context.read()
        }
    }

    private func closeChannel(_ context: ChannelHandlerContext) {
        guard lifecycle.end() else { return }
        closeChannelNow(context)
    }

    private func closeChannelNow(_ context: ChannelHandlerContext) {
        let promise = closePromise
        closePromise = nil
        release(failingWritesWith: ChannelError.ioOnClosedChannel)
        context.close(promise: promise)
    }

    private func answerOnClose(_ promise: EventLoopPromise<Void>?) {
        guard let promise else { return }
        if let closePromise {
            closePromise.futureResult.cascade(to: promise)
        } else {
            closePromise = promise
        }
    }

    /// Lets go of everything that waits. Its fields are empty before anything is called.
    private func release(failingWritesWith error: any Error) {
        cancelDeadline()
        let abandoned = writes
        writes = PendingWrites()
        abandoned.fail(error)
    }

    private func answerClose() {
        let promise = closePromise
        closePromise = nil
        promise?.succeed()
    }

    // MARK: Deadlines

    private func schedule(
        after delay: TimeAmount, _ context: ChannelHandlerContext,
        _ action: @escaping (TLSServerHandler, ChannelHandlerContext) -> Void
    ) {
        cancelDeadline()
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: delay) { [self] in
            deadline = nil
            action(self, context)
        }
    }

    private func cancelDeadline() {
        deadline?.cancel()
        deadline = nil
    }
}

import Logging
import NIOCore
import NIOHTTP1
import NIOPosix

/// Carries out what ``HTTP1ConnectionState`` decides: bytes in and out, the clock, the worker threads.
///
/// It stands before the decoder, feeds it through ``HTTP1Framer``, and gets the parts back from ``HTTP1PartReceiver`` behind it.
final class HTTP1ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let shared: HTTPConnectionContext
    private let activity: ConnectionActivity
    private var allowance: BodyAllowance
    private var state: HTTP1ConnectionState
    private var framer: HTTP1Framer
    private var body = RequestBody()
    private var headers = HTTPHeaders()
    private var contentLength: Int?
    private var clock = ConnectionClock()
    private var context: ChannelHandlerContext?
    private var inputEnded = false
    private var isPumping = false
    private var needsFlush = false
    private var hasHeldRead = false

    private init(_ shared: HTTPConnectionContext, _ activity: ConnectionActivity) {
        self.shared = shared
        self.activity = activity
        self.allowance = shared.makeBodyAllowance()
        self.state = HTTP1ConnectionState(routes: shared.routes, limits: shared.limits)
        self.framer = HTTP1Framer(limits: shared.limits)
    }

    /// Adds HTTP/1.1 to the end of a pipeline. Must be called on the channel's event loop.
    static func addHandlers(to channel: any Channel, _ shared: HTTPConnectionContext) throws {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = shared.limits.headerSize
        limits.maxHeaderListSize = shared.limits.headerSize
        limits.maxHeaderFieldCount = shared.limits.headerFields
        let connection = HTTP1ConnectionHandler(shared, shared.registry.activity(of: channel))
        let decoder = HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: limits)
        try channel.pipeline.syncOperations.addHandlers([
            connection, ByteToMessageHandler(decoder), HTTP1PartReceiver(connection)
        ])
    }

    // MARK: Life of the channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { start(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
    }

    func channelActive(context: ChannelHandlerContext) {
        start(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    private func start(_ context: ChannelHandlerContext) {
        if shared.registry.isEnding { state.endWithAnswer() }
        if shared.isDraining() {
            perform(state.beginDraining(hasInput: !framer.isEmpty))
        }
        followClock(context)
    }

    private func end() {
        state.closed()
        clock.stop()
        dropBody()
        context = nil
    }

    // MARK: Input

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !state.discardsInput else { return }
        framer.append(unwrapInboundIn(data))
        pump()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        pump()
        context.fireChannelWritabilityChanged()
    }

    func read(context: ChannelHandlerContext) {
        guard readsMore(context) else {
            hasHeldRead = true
            return
        }
        context.read()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            // Not for the decoder, which would take it for the end of whatever it is parsing.
            inputEnded = true
            if state.discardsInput { perform(state.needsInput(hasPartialHeader: false, inputEnded: true)) }
            pump()
        case is LastAnswerEvent:
            state.endWithAnswer()
        case is ChannelShouldQuiesceEvent:
            perform(state.beginDraining(hasInput: !framer.isEmpty))
            pump()
        case is ConnectionEvictionEvent:
            if activity.isEvicted, state.evict(hasInput: !framer.isEmpty) == .close { context.closeWithoutWaiting() }
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        shared.logger.debug("connection failed", metadata: ["error": "\(error)"])
        context.close(promise: nil)
    }

    /// A client that does not read its answers gets no further ones made.
    private func readsMore(_ context: ChannelHandlerContext) -> Bool {
        state.discardsInput || (state.parsesInput && (context.channel.isWritable || !state.isBetweenRequests))
    }

    /// Parses what is at hand for as long as the state allows, then sees to flush, clock and reads.
    private func pump() {
        guard !isPumping, let context else { return }
        isPumping = true
        parse(context)
        isPumping = false
        guard self.context != nil else { return }
        if state.discardsInput { framer.removeAll() }
        if needsFlush {
            needsFlush = false
            context.flush()
        }
        followClock(context)
        if hasHeldRead, readsMore(context) {
            hasHeldRead = false
            context.read()
        }
    }

    private func parse(_ context: ChannelHandlerContext) {
        while state.parsesInput, context.channel.isWritable || !state.isBetweenRequests {
            do throws(HTTPRefusal) {
                guard let piece = try framer.next() else {
                    perform(state.needsInput(hasPartialHeader: !framer.isEmpty, inputEnded: inputEnded))
                    return
                }
                context.fireChannelRead(wrapInboundOut(piece))
            } catch {
                perform(state.received(error))
            }
        }
    }

    /// A part of a request, from the decoder.
    fileprivate func received(_ part: HTTPServerRequestPart) {
        switch part {
        case .head(let head):
            do throws(HTTPRefusal) {
                let framing = try MessageFraming(head)
                framer.beginBody(framing)
                headers = head.headers
                contentLength = framing.contentLength
                perform(state.receivedHead(head, framing: framing, bodyHasBegun: !framer.isEmpty))
            } catch {
                perform(state.received(error))
            }
        case .body(let piece):
            framer.bodyReceived()
            if case .collect = act(on: state.receivedBody(byteCount: piece.readableBytes)), let context {
                guard allowance.take(piece.readableBytes) else { return perform(state.received(.bodyMemory)) }
                activity.received(piece.readableBytes)
                body.append(piece, contentLength: contentLength, allocator: context.channel.allocator)
            }
        case .end:
            framer.endMessage()
            perform(state.receivedEnd())
        }
    }

    fileprivate func received(_ error: any Error) {
        switch error {
        case HTTPParserError.headerOverflow: perform(state.received(HTTPRefusal.headerTooLarge(shared.limits)))
        case let error as HTTPParserError: perform(state.received(.malformed("malformed request: \(error.debugDescription)")))
        default:
            shared.logger.debug("connection failed", metadata: ["error": "\(error)"])
            context?.close(promise: nil)
        }
    }

    // MARK: Actions

    private func perform(_ action: HTTP1ConnectionState.Action) {
        act(on: action)
    }

    @discardableResult
    private func act(on action: HTTP1ConnectionState.Action) -> HTTP1ConnectionState.Action {
        guard let context else { return action }
        switch action {
        case .none, .collect: break
        case .sendContinue:
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
        case .respond(let admitted): respond(to: admitted, context)
        case .refuse(let refusal, let answer): refuse(refusal, answer, context)
        case .shutDownOutput: context.close(mode: .output, promise: nil)
        case .close: context.close(promise: nil)
        case .abandon(let reason):
            shared.noteRefusal(reason)
            context.close(promise: nil)
        }
        return action
    }

    private func respond(to admitted: AdmittedHead, _ context: ChannelHandlerContext) {
        let request = HTTPRequest(
            method: admitted.route.method, path: admitted.target.path, query: admitted.target.query,
            headers: headers, body: body.bytes)
        let bodySize = request.body.readableBytes
        headers = [:]
        body = RequestBody()
        guard bodySize > shared.limits.eventLoopBodySize else {
            let response = shared.responder.respond(to: request)
            allowance.release(bodySize)
            write(response, context)
            return
        }
        let loopBound = NIOLoopBound(self, eventLoop: context.eventLoop)
        shared.work(on: request, for: context.eventLoop).whenComplete { result in
            let connection = loopBound.value
            connection.allowance.release(bodySize)
            guard let context = connection.context else { return }
            switch result {
            case .success(let answer):
                if let reason = answer.refusal { connection.shared.noteRefusal(reason) }
                withExtendedLifetime(answer.memory) { connection.write(answer.response, context) }
            case .failure: context.close(promise: nil)
            }
            connection.pump()
        }
    }

    private func write(_ response: HTTPResponse, _ context: ChannelHandlerContext) {
        guard let answer = state.answer(inputEnded: inputEnded && framer.isEmpty) else { return }
        activity.answered(status: response.status.code)
        write(response, answer, context)
    }

    private func refuse(_ refusal: HTTPRefusal, _ answer: HTTP1Answer, _ context: ChannelHandlerContext) {
        shared.noteRefusal(refusal.reason)
        dropBody()
        let response = shared.responder.answer(to: refusal)
        write(response, answer, context)
        // A refusal can come from the clock, with no input to pump.
        if !isPumping { pump() }
    }

    private func dropBody() {
        allowance.release(body.bytes.readableBytes)
        body = RequestBody()
    }

    private func write(_ response: HTTPResponse, _ answer: HTTP1Answer, _ context: ChannelHandlerContext) {
        let (first, rest) = response.http1Encoded(answer, allocator: context.channel.allocator)
        let size = first.readableBytes + (rest?.readableBytes ?? 0)
        allowance.hold(size)
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { result in
            self.allowance.release(size)
            guard case .success = result else { return }
            self.perform(self.state.answerFlushed(hasInput: !self.framer.isEmpty))
            self.pump()
        }
        if let rest {
            context.write(wrapOutboundOut(first), promise: nil)
            context.write(wrapOutboundOut(rest), promise: promise)
        } else {
            context.write(wrapOutboundOut(first), promise: promise)
        }
        needsFlush = true
    }

    // MARK: Time

    private func followClock(_ context: ChannelHandlerContext) {
        guard let now = clock.follow(state, on: context.eventLoop, wake: { self.wake() }) else { return }
        switch state.timer?.kind {
        case .firstHeader: break
        case .idle: activity.becameIdle(at: now)
        case .header, .body, .answer, .linger: activity.becameWaiting(at: now)
        case nil: activity.becameBusy()
        }
    }

    private func wake() {
        guard let context, clock.isDue(state, on: context.eventLoop, wake: { self.wake() }) else { return }
        perform(state.timedOut())
        pump()
    }
}

/// Hands the decoder's parts and errors back to the connection before it.
private final class HTTP1PartReceiver: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart

    private let connection: HTTP1ConnectionHandler

    init(_ connection: HTTP1ConnectionHandler) {
        self.connection = connection
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        connection.received(unwrapInboundIn(data))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        connection.received(error)
    }
}

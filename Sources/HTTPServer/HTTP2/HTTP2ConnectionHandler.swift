import Logging
import NIOCore
import NIOHTTP1
import NIOPosix

/// Serves HTTP/2 on a connection: carries bytes between the channel and ``HTTP2Session``, its events to ``HTTP2ConnectionState``, and does
/// what that decides.
final class HTTP2ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        case open
        /// The last GOAWAY is on its way out. What still comes is discarded.
        case ending
        /// The output is shut down; the client may still be sending. Closing now could take the GOAWAY away from it by a connection reset.
        case lingering
        case closed
    }

    private enum Doing {
        case nothing, waiting, answering
    }

    private let shared: HTTPConnectionContext
    private let session: HTTP2Session
    private let activity: ConnectionActivity
    private var state: HTTP2ConnectionState
    private var scanner = HTTP2FrameScanner()
    private var meter: HTTP2FloodMeter
    private var frameCheck = HTTP2FrameCheck()
    private var phase = Phase.open
    /// What the listener was told of last.
    private var notedDoing: Doing?
    private var context: ChannelHandlerContext?
    private var alarm: (task: Scheduled<Void>, time: NIODeadline)?
    private var inputEnded = false
    private var isPumping = false

    private init(_ shared: HTTPConnectionContext, _ session: HTTP2Session, _ activity: ConnectionActivity) {
        self.shared = shared
        self.session = session
        self.activity = activity
        self.state = HTTP2ConnectionState(routes: shared.routes, limits: shared.limits, allowance: shared.makeBodyAllowance(), at: .now())
        self.meter = HTTP2FloodMeter(limits: shared.limits)
    }

    /// Adds HTTP/2 to the end of a pipeline. Must be called on the channel's event loop.
    ///
    /// - Throws: `ChannelError` when memory is short.
    static func addHandlers(to channel: any Channel, _ shared: HTTPConnectionContext) throws {
        guard let session = HTTP2Session(limits: shared.limits) else { throw ChannelError.inappropriateOperationForState }
        try channel.pipeline.syncOperations.addHandler(HTTP2ConnectionHandler(shared, session, shared.registry.activity(of: channel)))
    }

    // MARK: Life of the channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if shared.isDraining() { perform(state.beginDraining(at: .now())) }
        pump()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end(.closed)
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(.closed)
        self.context = nil
        context.fireChannelInactive()
    }

    // MARK: Input

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard phase == .open else { return }
        var bytes = unwrapInboundIn(data)
        let now = NIODeadline.now()
        var fault: (code: HTTP2ErrorCode, offset: Int)?
        let endedBefore = scanner.ended
        scanner.scan(bytes) { frame, offset in
            meter.count(frame, at: now)
            if fault == nil { fault = frameCheck.check(frame).map { ($0, offset) } }
        }
        if let excess = meter.excess {
            perform(.terminate(.enhanceYourCalm, excess))
        } else {
            do throws(HTTP2Session.Failure) {
                // What comes before a fault may be one as well.
                try session.receive(fault.flatMap { bytes.readSlice(length: max(0, $0.offset)) } ?? bytes)
                if let fault { throw HTTP2Session.Failure(code: fault.code) }
            } catch {
                perform(.terminate(error.code, error.reason))
            }
            state.received(awaitsRest: scanner.awaitsRest, hasEnded: scanner.ended != endedBefore, at: now)
        }
        pump()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        pump()
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            inputEnded = true
            pump()
        case is ConnectionEvictionEvent:
            guard activity.isEvicted else { break }
            perform(.terminate(.noError, nil))
            pump()
            context.closeWithoutWaiting()
        case is ChannelShouldQuiesceEvent:
            perform(state.beginDraining(at: .now()))
            pump()
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        shared.logger.debug("connection failed", metadata: ["error": "\(error)"])
        context.close(promise: nil)
    }

    // MARK: Events and output

    /// Handles what has happened and sends what there is to say, until both are done or the client takes no more for now.
    private func pump() {
        guard !isPumping, let context else { return }
        isPumping = true
        while phase == .open || phase == .ending {
            handleEvents()
            guard context.channel.isWritable, let output = session.takeOutput(context.channel.allocator) else { break }
            // Flushed at once, or the channel would not tell when it has enough.
            context.writeAndFlush(wrapOutboundOut(output), promise: nil)
        }
        isPumping = false
        guard self.context != nil else { return }
        noteActivity()
        switch phase {
        case .open, .ending:
            guard session.isOver || (inputEnded && state.isIdle) else { break }
            end(.lingering)
            context.close(mode: inputEnded ? .all : .output, promise: nil)
        case .lingering:
            if inputEnded { context.close(promise: nil) }
        case .closed: break
        }
        followClock(context)
    }

    /// Tells the listener of a change, or of a request that was answered meanwhile.
    private func noteActivity() {
        let doing: Doing = state.isAnswering ? .answering : state.isIdle && phase == .open ? .nothing : .waiting
        guard doing != notedDoing else { return }
        notedDoing = doing
        switch doing {
        case .nothing: activity.becameIdle()
        case .waiting: activity.becameWaiting()
        case .answering: activity.becameBusy()
        }
    }

    private func handleEvents() {
        while true {
            let events = session.takeEvents()
            guard !events.isEmpty else { return }
            for event in events { handle(event) }
        }
    }

    private func handle(_ event: HTTP2Event) {
        let now = NIODeadline.now()
        switch event {
        case .head(let stream, let block, let endsRequest):
            perform(state.receivedHead(stream, block, endsRequest: endsRequest, at: now))
        case .data(let stream, let bytes):
            guard let allocator = context?.channel.allocator else { return }
            activity.received(bytes.readableBytes)
            perform(state.receivedData(stream, bytes, allocator: allocator))
        case .requestEnded(let stream): perform(state.requestEnded(stream))
        case .answerSent(let stream): perform(state.answerSent(stream))
        case .streamClosed(let stream):
            state.streamClosed(stream, at: now)
        case .emptyData: count(.emptyFrame, at: now)
        case .faultyStream: count(.reset, at: now)
        case .pingAnswered: perform(state.noticeSeen())
        case .goAwaySent(let code):
            // Our own reasons were counted when they arose.
            if code != .noError, code != .enhanceYourCalm { shared.noteRefusal(.http2Protocol) }
        }
    }

    private func count(_ nuisance: HTTP2FloodMeter.Nuisance, at now: NIODeadline) {
        guard meter.excess == nil else { return }
        meter.count(nuisance, at: now)
        if let excess = meter.excess { perform(.terminate(.enhanceYourCalm, excess)) }
    }

    // MARK: Actions

    private func perform(_ action: HTTP2ConnectionState.Action?) {
        switch action {
        case nil: break
        case .sendContinue(let stream): session.submitContinue(stream)
        case .respond(let stream, let request, let omitsBody): respond(stream, request, omitsBody: omitsBody)
        case .refuse(let stream, let refusal, let omitsBody):
            shared.noteRefusal(refusal.reason)
            let response = shared.responder.answer(to: refusal)
            state.refused(stream, size: response.body.readableBytes, at: .now())
            session.submit(response, to: stream, omitsBody: omitsBody)
        case .reset(let stream, let code, let reason):
            if let reason { shared.noteRefusal(reason) }
            session.reset(stream, code)
        case .terminate(let code, let reason):
            guard phase == .open else { break }
            if let reason { shared.noteRefusal(reason) }
            session.terminate(code)
            end(.ending)
        case .submitShutdownNotice: session.submitShutdownNotice()
        case .submitGoAway: session.submitGoAway()
        }
    }

    private func respond(_ stream: HTTP2StreamID, _ request: HTTPRequest, omitsBody: Bool) {
        guard request.body.readableBytes > shared.limits.eventLoopBodySize, let context else {
            answer(stream, shared.responder.respond(to: request), omitsBody: omitsBody)
            return
        }
        let loopBound = NIOLoopBound(self, eventLoop: context.eventLoop)
        shared.work(on: request, for: context.eventLoop).whenComplete { result in
            let connection = loopBound.value
            switch result {
            case .success(let answer):
                if let reason = answer.refusal { connection.shared.noteRefusal(reason) }
                withExtendedLifetime(answer.memory) { connection.answer(stream, answer.response, omitsBody: omitsBody) }
            case .failure: connection.context?.close(promise: nil)
            }
            connection.pump()
        }
    }

    private func answer(_ stream: HTTP2StreamID, _ response: HTTPResponse, omitsBody: Bool) {
        let now = NIODeadline.now()
        guard state.answered(stream, size: response.body.readableBytes, at: now) else { return }
        activity.answered(status: response.status.code, at: now)
        notedDoing = nil
        session.submit(response, to: stream, omitsBody: omitsBody)
    }

    /// Nothing more is taken in; the client has ``HTTPServerLimits/lingerTimeout`` to take what was sent.
    private func end(_ phase: Phase) {
        self.phase = phase
        state.closed()
        alarm?.task.cancel()
        alarm = nil
    }

    // MARK: Time

    /// Sets the alarm when it is not set, or too late. One that is too early is left alone: it looks again.
    private func followClock(_ context: ChannelHandlerContext) {
        let time =
            switch phase {
            case .open: state.nextDeadline
            case .ending, .lingering: alarm?.time ?? .now() + TimeAmount(shared.limits.lingerTimeout)
            case .closed: NIODeadline.distantFuture
            }
        guard time < alarm?.time ?? .distantFuture else { return }
        alarm?.task.cancel()
        alarm = (context.eventLoop.assumeIsolated().scheduleTask(deadline: time) { self.wake() }, time)
    }

    private func wake() {
        alarm = nil
        guard let context else { return }
        switch phase {
        case .open:
            let actions = state.expire(at: .now())
            for action in actions { perform(action) }
            // Nothing can be told to a client that takes no bytes at all.
            if !context.channel.isWritable, actions.contains(where: \.isReset) { context.close(promise: nil) }
            pump()
        case .ending, .lingering: context.close(promise: nil)
        case .closed: break
        }
    }
}

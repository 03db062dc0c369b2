import NIOCore
import NIOHTTP1

/// The decisions about the requests of one HTTP/2 connection, without sockets, frames and clocks: which are served, how long each may
/// take, when the connection ends.
struct HTTP2ConnectionState: ~Copyable {
    enum Action {
        /// Send the interim response 100.
        case sendContinue(HTTP2StreamID)
        /// The request is complete: answer it, then call ``answered(_:size:at:)``.
        case respond(HTTP2StreamID, HTTPRequest, omitsBody: Bool)
        case refuse(HTTP2StreamID, HTTPRefusal, omitsBody: Bool)
        case reset(HTTP2StreamID, HTTP2ErrorCode, HTTPRefusal.Reason?)
        /// Send GOAWAY with this code and close.
        case terminate(HTTP2ErrorCode, HTTPRefusal.Reason?)
        case submitShutdownNotice
        case submitGoAway

        var isReset: Bool {
            if case .reset = self { true } else { false }
        }
    }

    private struct Stream {
        enum Phase {
            case receivingBody(AdmittedHead, HTTPHeaders, RequestBody)
            case responding
            /// The answer was handed over, and waits until the client takes it.
            case answering
            /// The client has reset the stream while a worker thread makes the answer.
            case abandoned
        }

        var phase: Phase
        var began: NIODeadline
        /// Nil while the server makes the answer.
        var deadline: NIODeadline?
        var requestHasEnded: Bool
        var omitsBody: Bool
        /// Bytes taken from the allowance.
        var held = 0
    }

    private enum Draining: Equatable {
        case no
        /// The first GOAWAY was sent. The second follows when the client has seen it, or at the time given.
        case noticed(NIODeadline)
        case yes
    }

    /// How long a client's answer to the PING behind the first GOAWAY is waited for.
    private static let noticeTime = TimeAmount.seconds(1)

    private let routes: RouteTable
    private let limits: HTTPServerLimits
    private let pace: BodyPace
    private var allowance: BodyAllowance
    private var streams: [HTTP2StreamID: Stream] = [:]
    /// Requests on worker threads, those whose streams the client has reset included.
    private var unfinished = 0
    private var idleSince: NIODeadline
    /// When the client has begun a frame or a header block that is not complete.
    private var restAwaitedSince: NIODeadline?
    private var draining = Draining.no
    /// No deadline is earlier. It may be too early, after what it was for has happened.
    private(set) var nextDeadline: NIODeadline

    /// - Parameter now: when the connection's handshake ended.
    init(routes: RouteTable, limits: HTTPServerLimits, allowance: consuming BodyAllowance, at now: NIODeadline) {
        self.routes = routes
        self.limits = limits
        self.pace = BodyPace(limits)
        self.allowance = allowance
        self.idleSince = now
        self.restAwaitedSince = now
        self.nextDeadline = now + TimeAmount(min(limits.headerTimeout, limits.idleTimeout))
    }

    /// Whether no request is under way.
    var isIdle: Bool { streams.isEmpty }

    /// Whether answers are being made, be it for streams that the client has reset.
    var isAnswering: Bool { unfinished > 0 }

    // MARK: Requests

    mutating func receivedHead(
        _ stream: HTTP2StreamID, _ block: HTTP2HeaderBlock, endsRequest: Bool, at now: NIODeadline
    ) -> Action? {
        let omitsBody = block.method == .HEAD
        streams[stream] = Stream(phase: .responding, began: now, requestHasEnded: endsRequest, omitsBody: omitsBody)
        let head: HTTPRequestHead
        let admitted: AdmittedHead
        do throws(HTTPRefusal) {
            head = try block.makeHead()
            admitted = try routes.admit(head, framing: MessageFraming(http2: head, endsRequest: endsRequest))
        } catch {
            return .refuse(stream, error, omitsBody: omitsBody)
        }
        guard !endsRequest else { return respond(stream, admitted, head.headers, RequestBody()) }
        streams[stream]?.phase = .receivingBody(admitted, head.headers, RequestBody())
        setDeadline(of: stream, pace.deadline(start: now, received: 0))
        return admitted.expectsContinue ? .sendContinue(stream) : nil
    }

    mutating func receivedData(_ stream: HTTP2StreamID, _ bytes: ByteBuffer, allocator: ByteBufferAllocator) -> Action? {
        guard var entry = streams[stream], case .receivingBody(let head, let headers, var body) = entry.phase else { return nil }
        let limit = head.route.maximumBodySize
        guard bytes.readableBytes <= limit - body.bytes.readableBytes else {
            return .refuse(stream, .bodyTooLarge(limit: limit), omitsBody: entry.omitsBody)
        }
        guard allowance.take(bytes.readableBytes) else {
            return .refuse(stream, .bodyMemory, omitsBody: entry.omitsBody)
        }
        entry.held += bytes.readableBytes
        // Not to be shared while it grows.
        entry.phase = .responding
        streams[stream] = entry
        body.append(bytes, contentLength: head.contentLength, allocator: allocator)
        streams[stream]?.phase = .receivingBody(head, headers, body)
        return nil
    }

    mutating func requestEnded(_ stream: HTTP2StreamID) -> Action? {
        guard let entry = streams[stream] else { return nil }
        streams[stream]?.requestHasEnded = true
        guard case .receivingBody(let head, let headers, let body) = entry.phase else { return nil }
        return respond(stream, head, headers, body)
    }

    private mutating func respond(
        _ stream: HTTP2StreamID, _ head: AdmittedHead, _ headers: HTTPHeaders, _ body: RequestBody
    ) -> Action {
        guard unfinished < limits.concurrentStreams else {
            // Nothing is being worked on that its end would have to wait for.
            streams[stream]?.phase = .answering
            return .reset(stream, .refusedStream, nil)
        }
        unfinished += 1
        streams[stream]?.phase = .responding
        streams[stream]?.deadline = nil
        let request = HTTPRequest(
            method: head.route.method, path: head.target.path, query: head.target.query, headers: headers, body: body.bytes)
        return .respond(stream, request, omitsBody: streams[stream]?.omitsBody == true)
    }

    /// The answer to a complete request is at hand.
    ///
    /// - Parameter size: of the answer's body, in bytes.
    /// - Returns: whether the client still waits for it.
    mutating func answered(_ stream: HTTP2StreamID, size: Int, at now: NIODeadline) -> Bool {
        unfinished -= 1
        switch streams[stream]?.phase {
        case .responding:
            beginAnswer(stream, size: size, at: now)
            return true
        case .abandoned:
            remove(stream, at: now)
            return false
        default: return false
        }
    }

    /// A refusal is on its way.
    mutating func refused(_ stream: HTTP2StreamID, size: Int, at now: NIODeadline) {
        beginAnswer(stream, size: size, at: now)
    }

    private mutating func beginAnswer(_ stream: HTTP2StreamID, size: Int, at now: NIODeadline) {
        guard let held = streams[stream]?.held else { return }
        allowance.release(held)
        allowance.hold(size)
        streams[stream]?.held = size
        streams[stream]?.phase = .answering
        // As for bodies of requests: whoever takes a byte now and then does not take the answer.
        let time = limits.idleTimeout + .seconds(size / max(1, limits.minimumBodyRate))
        setDeadline(of: stream, now + TimeAmount(time))
    }

    /// The last byte of an answer has left. When it came before the end of the request, the rest of that is not wanted (RFC 9113 section
    /// 8.1).
    func answerSent(_ stream: HTTP2StreamID) -> Action? {
        guard let entry = streams[stream], !entry.requestHasEnded else { return nil }
        return .reset(stream, .noError, nil)
    }

    mutating func streamClosed(_ stream: HTTP2StreamID, at now: NIODeadline) {
        if case .responding = streams[stream]?.phase {
            streams[stream]?.phase = .abandoned
        } else {
            remove(stream, at: now)
        }
    }

    private mutating func remove(_ stream: HTTP2StreamID, at now: NIODeadline) {
        guard let entry = streams.removeValue(forKey: stream) else { return }
        allowance.release(entry.held)
        guard streams.isEmpty else { return }
        idleSince = now
        note(now + TimeAmount(limits.idleTimeout))
    }

    // MARK: Time

    /// All bytes at hand were taken in.
    ///
    /// - Parameters:
    ///   - awaitsRest: whether a frame or a header block is incomplete.
    ///   - hasEnded: whether one has ended among these bytes, so that the incomplete one is another. On a busy connection hardly any read ends where a
    ///     frame does.
    mutating func received(awaitsRest: Bool, hasEnded: Bool, at now: NIODeadline) {
        guard awaitsRest != (restAwaitedSince != nil) || awaitsRest && hasEnded else { return }
        restAwaitedSince = awaitsRest ? now : nil
        if awaitsRest { note(now + TimeAmount(limits.headerTimeout)) }
    }

    /// What is due; call it at ``nextDeadline``.
    mutating func expire(at now: NIODeadline) -> [Action] {
        var actions: [Action] = []
        nextDeadline = .distantFuture
        if let restAwaitedSince, isDue(restAwaitedSince + TimeAmount(limits.headerTimeout), now) {
            return [.terminate(.enhanceYourCalm, .headerTimeout)]
        }
        if streams.isEmpty, isDue(idleSince + TimeAmount(limits.idleTimeout), now) { return [.terminate(.noError, nil)] }
        if case .noticed(let deadline) = draining, isDue(deadline, now) { actions += noticeSeen().map { [$0] } ?? [] }
        for (id, stream) in streams {
            guard let deadline = stream.deadline else { continue }
            switch stream.phase {
            case .receivingBody(_, _, let body):
                let current = pace.deadline(start: stream.began, received: body.bytes.readableBytes)
                guard isDue(current, now) else { continue }
                actions.append(.refuse(id, .bodyTimeout, omitsBody: stream.omitsBody))
            case .answering where isDue(deadline, now):
                actions.append(.reset(id, .cancel, .answerTimeout))
            case .answering, .responding, .abandoned: break
            }
        }
        return actions
    }

    /// Whether a deadline has passed; else it counts for ``nextDeadline``.
    private mutating func isDue(_ deadline: NIODeadline, _ now: NIODeadline) -> Bool {
        guard deadline > now else { return true }
        note(deadline)
        return false
    }

    private mutating func note(_ deadline: NIODeadline) {
        nextDeadline = min(nextDeadline, deadline)
    }

    private mutating func setDeadline(of stream: HTTP2StreamID, _ deadline: NIODeadline) {
        streams[stream]?.deadline = deadline
        note(deadline)
    }

    // MARK: Ends

    /// The server stops: finish the streams that the client has opened or is opening, then close (RFC 9113 section 6.8).
    mutating func beginDraining(at now: NIODeadline) -> Action? {
        guard draining == .no else { return nil }
        let deadline = now + Self.noticeTime
        draining = .noticed(deadline)
        note(deadline)
        return .submitShutdownNotice
    }

    /// The client has seen the first GOAWAY, or had the time to.
    mutating func noticeSeen() -> Action? {
        guard case .noticed = draining else { return nil }
        draining = .yes
        return .submitGoAway
    }

    /// The connection is gone.
    mutating func closed() {
        streams = [:]
        allowance.releaseAll()
    }
}

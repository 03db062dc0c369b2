import NIOHTTP1

/// The protocol decisions of one HTTP/1.1 connection, without its sockets, bytes and clocks.
///
/// One request is under way at a time; bytes of the next are not parsed before the answer to the one before was handed over, which
/// keeps answers in order.
struct HTTP1ConnectionState {
    enum Action: Equatable {
        case none
        /// Keep these body bytes.
        case collect
        /// Write the interim response 100.
        case sendContinue
        /// The request is complete: answer it, then call ``answer(inputEnded:)`` to send the answer.
        case respond(AdmittedHead)
        /// Write this refusal, and call ``answerFlushed(hasInput:)`` once it has left.
        case refuse(HTTPRefusal, HTTP1Answer)
        /// Tell the client that nothing more will be sent, and keep reading.
        case shutDownOutput
        case close
        /// Close without an answer, for a reason that counts as a refusal.
        case abandon(HTTPRefusal.Reason)
    }

    /// What the connection waits for, for as long as ``patience`` says.
    struct Timer: Equatable {
        enum Kind: Equatable {
            /// A first request, with TLS from the end of the handshake.
            case firstHeader
            case header, body, idle
            /// That the client reads its answers.
            case answer
            case linger
        }
        var kind: Kind
        /// Changes whenever the time starts anew.
        var epoch: UInt64
    }

    private struct Exchange: Equatable {
        var head: AdmittedHead
        var persistence: HTTP1Answer.Connection
        var omitsBody: Bool
    }

    private enum Phase: Equatable {
        /// Between requests. A connection's first request has the header timeout from the start.
        case awaitingRequest(isFirst: Bool, hasPartialHeader: Bool)
        case receivingBody(Exchange, received: Int)
        /// The request is complete and its answer is being made.
        case responding(Exchange)
        /// Refused and answered, but the rest of its body is still to come.
        case discardingBody
        /// The last answer is on its way out.
        case flushing
        /// The output is shut down; the client may still be sending.
        case lingering
        case closed
    }

    private var phase = Phase.awaitingRequest(isFirst: true, hasPartialHeader: false) {
        didSet { if restartsTimer(from: oldValue) { epoch &+= 1 } }
    }
    private var epoch: UInt64 = 0
    private var isDraining = false
    /// Whether the next answer is the last one of this connection.
    private var endsWithAnswer = false
    private var inputHasEnded = false
    /// Answers handed over that have not left yet.
    private var unsentAnswers = 0
    private let routes: RouteTable
    private let limits: HTTPServerLimits

    init(routes: RouteTable, limits: HTTPServerLimits) {
        self.routes = routes
        self.limits = limits
    }

    // MARK: What the connection does with its input

    /// Whether bytes are to be parsed.
    var parsesInput: Bool {
        switch phase {
        case .awaitingRequest, .receivingBody, .discardingBody: true
        case .responding, .flushing, .lingering, .closed: false
        }
    }

    /// Whether the next byte starts a request.
    var isBetweenRequests: Bool {
        if case .awaitingRequest = phase { true } else { false }
    }

    /// Whether bytes are to be read and thrown away.
    var discardsInput: Bool {
        switch phase {
        case .flushing, .lingering, .closed: true
        case .awaitingRequest, .receivingBody, .responding, .discardingBody: false
        }
    }

    var timer: Timer? {
        let kind: Timer.Kind? =
            switch phase {
            case .awaitingRequest(isFirst: true, _): .firstHeader
            case .awaitingRequest(_, hasPartialHeader: true): .header
            case .awaitingRequest: unsentAnswers == 0 ? .idle : .answer
            case .receivingBody, .discardingBody: .body
            case .flushing: .answer
            case .lingering: .linger
            case .responding, .closed: nil
            }
        return kind.map { Timer(kind: $0, epoch: epoch) }
    }

    /// How long the connection may wait for what ``timer`` says, as things stand: a body that arrives is given more time.
    var patience: Duration {
        switch phase {
        case .awaitingRequest(let isFirst, let hasPartialHeader):
            isFirst || hasPartialHeader ? limits.headerTimeout : limits.idleTimeout
        case .receivingBody(_, let received): BodyPace(limits).patience(received: received)
        case .discardingBody: limits.bodyTimeout
        case .lingering: limits.lingerTimeout
        case .responding, .flushing, .closed: limits.idleTimeout
        }
    }

    private func restartsTimer(from old: Phase) -> Bool {
        switch (old, phase) {
        case (.awaitingRequest(true, _), .awaitingRequest(true, _)), (.receivingBody, .receivingBody): false
        default: old != phase
        }
    }

    // MARK: Events

    /// A request's head arrived.
    ///
    /// - Parameter bodyHasBegun: whether bytes after the head are at hand, which makes an interim response needless.
    mutating func receivedHead(_ head: HTTPRequestHead, framing: MessageFraming, bodyHasBegun: Bool) -> Action {
        guard case .awaitingRequest = phase else { return .none }
        let exchange: Exchange
        do throws(HTTPRefusal) {
            exchange = Exchange(
                head: try routes.admit(head, framing: framing), persistence: persistence(after: head), omitsBody: head.method == .HEAD)
        } catch {
            return refuse(head, framing: framing, with: error)
        }
        phase = .receivingBody(exchange, received: 0)
        return exchange.head.expectsContinue && !bodyHasBegun ? .sendContinue : .none
    }

    /// The bytes cannot be understood or kept, or the head's framing is refused; nothing after them can be used either.
    mutating func received(_ refusal: HTTPRefusal) -> Action {
        switch phase {
        case .awaitingRequest: refuseAndClose(refusal)
        case .receivingBody(let exchange, _): refuseAndClose(refusal, omitsBody: exchange.omitsBody)
        case .discardingBody: shutDownOutput()
        case .responding, .flushing, .lingering, .closed: .none
        }
    }

    mutating func receivedBody(byteCount: Int) -> Action {
        guard case .receivingBody(let exchange, let received) = phase else { return .none }
        let limit = exchange.head.route.maximumBodySize
        guard byteCount <= limit - received else {
            return refuseAndClose(.bodyTooLarge(limit: limit), omitsBody: exchange.omitsBody)
        }
        phase = .receivingBody(exchange, received: received + byteCount)
        return .collect
    }

    mutating func receivedEnd() -> Action {
        switch phase {
        case .receivingBody(let exchange, _):
            phase = .responding(exchange)
            return .respond(exchange.head)
        case .discardingBody:
            guard !isDraining else { return shutDownOutput() }
            phase = .awaitingRequest(isFirst: false, hasPartialHeader: false)
            return .none
        case .awaitingRequest, .responding, .flushing, .lingering, .closed:
            return .none
        }
    }

    /// All input at hand has been parsed.
    ///
    /// - Parameters:
    ///   - hasPartialHeader: whether part of a request's header is left over.
    ///   - inputEnded: whether the client will send nothing more.
    mutating func needsInput(hasPartialHeader: Bool, inputEnded: Bool) -> Action {
        if case .awaitingRequest(let isFirst, let hadPartialHeader) = phase, hasPartialHeader != hadPartialHeader {
            phase = .awaitingRequest(isFirst: isFirst, hasPartialHeader: hasPartialHeader)
        }
        guard inputEnded else { return .none }
        inputHasEnded = true
        switch phase {
        case .awaitingRequest(_, hasPartialHeader: false): return unsentAnswers == 0 ? close() : .none
        case .awaitingRequest, .receivingBody: return refuseAndClose(.malformed("the request ended before it was complete"))
        case .discardingBody, .lingering: return close()
        case .responding, .flushing, .closed: return .none
        }
    }

    /// The answer to the complete request is ready to be written.
    ///
    /// - Parameter inputEnded: whether the client sent all it will, and all of it has been parsed.
    /// - Returns: how to send it, or nil when the connection is gone. Call ``answerFlushed(hasInput:)`` once it has left.
    mutating func answer(inputEnded: Bool) -> HTTP1Answer? {
        guard case .responding(let exchange) = phase else { return nil }
        inputHasEnded = inputHasEnded || inputEnded
        unsentAnswers += 1
        let connection = isDraining || endsWithAnswer || inputEnded ? .close : exchange.persistence
        phase = connection == .close ? .flushing : .awaitingRequest(isFirst: false, hasPartialHeader: false)
        return HTTP1Answer(connection: connection, omitsBody: exchange.omitsBody)
    }

    /// An answer has left.
    ///
    /// - Parameter hasInput: whether bytes of a request are at hand.
    mutating func answerFlushed(hasInput: Bool) -> Action {
        unsentAnswers -= 1
        guard unsentAnswers == 0 else { return .none }
        switch phase {
        case .flushing: return shutDownOutput()
        case .awaitingRequest(_, hasPartialHeader: false) where !hasInput && (isDraining || inputHasEnded): return close()
        case .awaitingRequest, .receivingBody, .responding, .discardingBody, .lingering, .closed: return .none
        }
    }

    /// What the connection waited for did not come for as long as ``patience`` says.
    mutating func timedOut() -> Action {
        switch phase {
        case .awaitingRequest(_, hasPartialHeader: true):
            return refuseAndClose(HTTPRefusal(.headerTimeout, .requestTimeout, "the request header did not arrive in time"))
        case .receivingBody(let exchange, _):
            return refuseAndClose(.bodyTimeout, omitsBody: exchange.omitsBody)
        case .awaitingRequest(isFirst: true, _):
            return abandon(.headerTimeout)
        case .awaitingRequest:
            return unsentAnswers == 0 ? close() : abandon(.answerTimeout)
        case .flushing:
            return abandon(.answerTimeout)
        case .discardingBody:
            return abandon(.bodyTimeout)
        case .lingering:
            return close()
        case .responding, .closed:
            return .none
        }
    }

    /// Another connection needs the place of this one, which could be spared when it was last looked at.
    ///
    /// - Parameter hasInput: whether bytes of a request are at hand.
    mutating func evict(hasInput: Bool) -> Action {
        switch phase {
        case .awaitingRequest(isFirst: false, hasPartialHeader: false) where hasInput: .none
        case .responding, .closed: .none
        case .awaitingRequest, .receivingBody, .discardingBody, .flushing, .lingering: close()
        }
    }

    /// The server stops soon: the next answer tells the client to close, which never meets a request of the client's on its way.
    mutating func endWithAnswer() {
        endsWithAnswer = true
    }

    /// The server stops: finish what has begun, then close.
    ///
    /// - Parameter hasInput: whether bytes of a request are at hand.
    mutating func beginDraining(hasInput: Bool) -> Action {
        isDraining = true
        guard case .awaitingRequest(_, let hasPartialHeader) = phase, !hasInput, !hasPartialHeader, unsentAnswers == 0 else { return .none }
        return close()
    }

    /// The connection is gone.
    mutating func closed() {
        phase = .closed
    }

    // MARK: Ends

    private func persistence(after head: HTTPRequestHead) -> HTTP1Answer.Connection {
        // The decoder parses nothing after a request to upgrade or to open a tunnel, neither of which is offered here.
        guard head.isKeepAlive, head.method != .CONNECT, !head.headers.contains(name: "upgrade") else { return .close }
        return head.version == .http1_0 ? .keepAlive : .persistent
    }

    private mutating func refuse(_ head: HTTPRequestHead, framing: MessageFraming, with refusal: HTTPRefusal) -> Action {
        let persistence = persistence(after: head)
        // After an early answer a client that expects 100 may send its body or not (RFC 9110 section 10.1.1), so that the start of
        // the next request cannot be known; nor can the length of a chunked rest.
        guard !isDraining, !endsWithAnswer, persistence != .close, !head.headers.contains(name: "expect"),
            let length = framing.contentLength, length <= limits.discardedBodySize
        else {
            return refuseAndClose(refusal, omitsBody: head.method == .HEAD)
        }
        phase = .discardingBody
        unsentAnswers += 1
        return .refuse(refusal, HTTP1Answer(connection: persistence, omitsBody: head.method == .HEAD))
    }

    private mutating func refuseAndClose(_ refusal: HTTPRefusal, omitsBody: Bool = false) -> Action {
        phase = .flushing
        unsentAnswers += 1
        return .refuse(refusal, HTTP1Answer(connection: .close, omitsBody: omitsBody))
    }

    private mutating func shutDownOutput() -> Action {
        guard !inputHasEnded else { return close() }
        phase = .lingering
        return .shutDownOutput
    }

    private mutating func close() -> Action {
        phase = .closed
        return .close
    }

    private mutating func abandon(_ reason: HTTPRefusal.Reason) -> Action {
        phase = .closed
        return .abandon(reason)
    }
}

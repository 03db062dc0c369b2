/// Where the server's end of a TLS connection is in its life. No I/O: the methods say what to do.
struct TLSLifecycle {
    private enum State: Equatable {
        /// The channel is not active yet.
        case idle
        case handshaking
        case established
        case closing(Closing)
        /// TLS is over after a failure; the last words are on their way and the peer's end of stream is awaited, so that
        /// the kernel does not answer unread input with a reset that overtakes them.
        case lingering
        case closed
    }

    /// The exchange of `close_notify` alerts (RFC 8446, section 6.1).
    private struct Closing: Equatable {
        enum Notify { case due, sent, written }

        var notify = Notify.due
        var peerNotified = false
        /// The application has asked to close, not only the peer.
        var isAskedFor = false

        var isComplete: Bool { notify == .written && peerNotified }
    }

    enum CloseAction: Equatable {
        /// Nothing was exchanged that needs a farewell: close the channel.
        case closeChannel
        /// Send what was written and then a `close_notify`.
        case startClosing
        /// It closes already; its end answers this request too.
        case joinClosing
        /// It closes already, at the application's request; a second one means that it does not wait for the peer.
        case closeNow
        /// The channel was closed by this handler before.
        case forward
    }

    enum FailureAction: Equatable {
        /// Report the error, send what OpenSSL has to say and end the connection.
        case reportAndEnd
        /// The connection was being closed anyway.
        case closeChannel
        case ignore
    }

    private var state = State.idle

    var isHandshaking: Bool { state == .handshaking }
    var isEstablished: Bool { state == .established }
    var isLingering: Bool { state == .lingering }

    /// Whether the connection is ending, so that how the peer leaves no longer matters.
    var isEnding: Bool {
        switch state {
        case .closing, .lingering, .closed: true
        case .idle, .handshaking, .established: false
        }
    }

    /// Whether received ciphertext is still of interest to TLS.
    var acceptsInput: Bool {
        switch state {
        case .handshaking, .established, .closing: true
        case .idle, .lingering, .closed: false
        }
    }

    /// Whether the application may still hand over plaintext.
    var acceptsWrites: Bool {
        switch state {
        case .idle, .handshaking, .established: true
        case .closing, .lingering, .closed: false
        }
    }

    /// Whether plaintext handed over before may be encrypted now.
    var canEncrypt: Bool {
        switch state {
        case .established: true
        case .closing(let closing): closing.notify == .due
        case .idle, .handshaking, .lingering, .closed: false
        }
    }

    /// Whether this handler needs input for itself, be the application reading or not.
    var needsInput: Bool {
        switch state {
        case .handshaking, .closing, .lingering: true
        case .idle, .established, .closed: false
        }
    }

    /// Whether a `close_notify` is to follow once everything written is encrypted.
    var owesCloseNotify: Bool {
        guard case .closing(let closing) = state else { return false }
        return closing.notify == .due
    }

    /// The channel is active.
    /// - Returns: Whether the handshake starts now.
    mutating func activate() -> Bool {
        guard state == .idle else { return false }
        state = .handshaking
        return true
    }

    mutating func completeHandshake() {
        guard state == .handshaking else { return }
        state = .established
    }

    /// The application asks to close.
    mutating func close() -> CloseAction {
        switch state {
        case .idle, .handshaking:
            state = .closed
            return .closeChannel
        case .established:
            state = .closing(Closing(isAskedFor: true))
            return .startClosing
        case .closing(var closing):
            guard !closing.isAskedFor else {
                state = .closed
                return .closeNow
            }
            closing.isAskedFor = true
            state = .closing(closing)
            return .joinClosing
        case .lingering:
            return .joinClosing
        case .closed:
            return .forward
        }
    }

    /// The peer's `close_notify` came.
    /// - Returns: Whether the connection starts closing with it.
    mutating func receiveCloseNotify() -> Bool {
        switch state {
        case .established:
            state = .closing(Closing(peerNotified: true))
            return true
        case .closing(var closing):
            closing.peerNotified = true
            state = .closing(closing)
            return false
        case .idle, .handshaking, .lingering, .closed:
            return false
        }
    }

    /// Our `close_notify` was handed to the channel.
    mutating func sendCloseNotify() {
        setNotify(.sent)
    }

    /// Our `close_notify` was written by the channel.
    mutating func writeCloseNotify() {
        setNotify(.written)
    }

    /// Ends the exchange of `close_notify` alerts.
    /// - Returns: Whether both alerts were exchanged and the channel is to be closed now.
    mutating func finishIfComplete() -> Bool {
        guard case .closing(let closing) = state, closing.isComplete else { return false }
        state = .closed
        return true
    }

    /// Something is wrong with the connection.
    mutating func fail() -> FailureAction {
        switch state {
        case .idle, .handshaking, .established:
            state = .lingering
            return .reportAndEnd
        case .closing:
            state = .closed
            return .closeChannel
        case .lingering, .closed:
            return .ignore
        }
    }

    /// Gives up waiting for the peer.
    /// - Returns: Whether the channel is to be closed now.
    mutating func end() -> Bool {
        defer { state = .closed }
        return state != .closed
    }

    /// The stream ended.
    /// - Returns: The error to report, nil when nothing is lost.
    mutating func endOfStream() -> TLSError? {
        defer { state = .closed }
        switch state {
        case .handshaking: return .handshakeInterrupted
        case .established: return .truncated
        case .idle, .closing, .lingering, .closed: return nil
        }
    }

    private mutating func setNotify(_ notify: Closing.Notify) {
        guard case .closing(var closing) = state else { return }
        closing.notify = notify
        state = .closing(closing)
    }
}

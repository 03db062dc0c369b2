import NIOCore
import Synchronization

/// What a connection is doing, as far as the listener has to know to make room for another.
///
/// The connection tells it from its event loop, without a lock; the listener looks when it has reached a limit.
final class ConnectionActivity: Sendable {
    enum Kind: UInt64 {
        /// No request was ever completed on it, and none is being worked on: in the TLS handshake, silent, or slow. Since its start, or since it
        /// has last got on with a body.
        case unproductive
        /// All requests are answered, the answers are sent, and nothing of another has arrived.
        case idle
        /// It has completed requests; now it sends another, or is to take an answer. Since then, or since it has last got on with a body.
        case waiting
        /// The server is working on a request.
        case busy
        /// Told to close. One that had sent a request by then goes on, and says so.
        case evicted
    }

    struct Standing {
        /// The kind in the three lowest bits, the nanoseconds of the time in the others.
        fileprivate let word: UInt64

        fileprivate init(word: UInt64) {
            self.word = word
        }

        fileprivate init(_ kind: Kind, since time: NIODeadline) {
            word = time.uptimeNanoseconds & ~7 | kind.rawValue
        }

        var kind: Kind { Kind(rawValue: word & 7) ?? .busy }
        var since: NIODeadline { .uptimeNanoseconds(word & ~7) }
    }

    /// With so many bytes of a body a connection gets on, since a client that is in earnest sends them in much less than a second.
    static let progress = 64 * 1024

    private let word: Atomic<UInt64>
    private let start: NIODeadline
    private let peer: Peer?
    // These two are of the connection's event loop alone.
    private let hasCompletedRequest = Atomic(false)
    private let receivedSinceProgress = Atomic(0)

    /// A connection that starts.
    ///
    /// - Parameter peer: is told of completed requests.
    init(of peer: Peer? = nil, at now: NIODeadline = .now()) {
        word = Atomic(Standing(.unproductive, since: now).word)
        start = now
        self.peer = peer
    }

    var standing: Standing { Standing(word: word.load(ordering: .relaxed)) }

    /// Whether it was told to close and has not become busy since.
    var isEvicted: Bool { standing.kind == .evicted }

    /// A whole request is being worked on.
    func becameBusy() {
        word.store(Kind.busy.rawValue, ordering: .relaxed)
    }

    /// The server has made an answer to a whole request.
    ///
    /// - Parameter status: when it is an error, the request counts for nothing: anyone can send such ones.
    func answered(status: UInt, at now: NIODeadline = .now()) {
        guard status < 400 else { return }
        hasCompletedRequest.store(true, ordering: .relaxed)
        peer?.completed(at: now)
    }

    /// The last answer has left, and nothing of another request has arrived.
    func becameIdle(at now: NIODeadline = .now()) {
        rest(.idle, at: now)
    }

    /// It is for the client to send the rest of a request, or to take an answer.
    func becameWaiting(at now: NIODeadline = .now()) {
        rest(.waiting, at: now)
    }

    private func rest(_ kind: Kind, at now: NIODeadline) {
        if hasCompletedRequest.load(ordering: .relaxed) {
            word.store(Standing(kind, since: now).word, ordering: .relaxed)
        } else {
            replace(with: Standing(.unproductive, since: start))
        }
    }

    /// Some bytes of a body have arrived.
    func received(_ count: Int, at now: @autoclosure () -> NIODeadline = .now()) {
        let sum = receivedSinceProgress.load(ordering: .relaxed) &+ count
        receivedSinceProgress.store(sum < Self.progress ? sum : 0, ordering: .relaxed)
        guard sum >= Self.progress else { return }
        let kind = standing.kind
        guard kind == .unproductive || kind == .waiting else { return }
        replace(with: Standing(kind, since: now()))
    }

    /// Puts another standing in place of what there is, unless the connection was told to close: a few bytes more are no reason to keep it.
    private func replace(with standing: Standing) {
        let current = self.standing
        guard current.kind != .evicted else { return }
        // Only the listener can come in between, to evict.
        _ = word.compareExchange(expected: current.word, desired: standing.word, ordering: .relaxed)
    }

    /// Marks the connection as about to be closed, unless it has done anything since `standing` was read.
    func evict(ifStill standing: Standing) -> Bool {
        word.compareExchange(
            expected: standing.word, desired: Kind.evicted.rawValue, ordering: .relaxed
        ).exchanged
    }
}

/// Asks a connection to close to make room for another, if it still can be spared when the event arrives.
struct ConnectionEvictionEvent: Sendable {}

extension ChannelHandlerContext {
    /// Says farewell, but waits neither for the client to take it nor for its own: the place is needed now.
    func closeWithoutWaiting() {
        close(mode: .output, promise: nil)
        close(promise: nil)
    }
}

/// Asks a connection to close with its next answer.
struct LastAnswerEvent: Sendable {}

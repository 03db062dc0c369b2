import NIOCore
import Synchronization

/// What a connection is doing, as far as the listener has to know to make room for another.
///
/// The connection tells it from its event loop, without a lock; the listener looks when it has reached its limit.
final class ConnectionActivity: Sendable {
    enum Kind: UInt64 {
        /// No request has been received up to the end of its header: in the TLS handshake, silent, or slow.
        case starting
        /// All requests are answered, the answers are sent, and nothing of another has arrived.
        case idle
        case busy
        /// Told to close. One that had become busy by then goes on, and says so.
        case evicted
    }

    struct Standing {
        /// The kind in the two lowest bits, the nanoseconds of the time in the others.
        fileprivate let word: UInt64

        fileprivate init(word: UInt64) {
            self.word = word
        }

        fileprivate init(_ kind: Kind, since time: NIODeadline) {
            word = time.uptimeNanoseconds & ~3 | kind.rawValue
        }

        var kind: Kind { Kind(rawValue: word & 3) ?? .busy }
        var since: NIODeadline { .uptimeNanoseconds(word & ~3) }
    }

    private let word: Atomic<UInt64>

    /// A connection that starts.
    init(at now: NIODeadline = .now()) {
        word = Atomic(Standing(.starting, since: now).word)
    }

    var standing: Standing { Standing(word: word.load(ordering: .relaxed)) }

    /// A request is under way: for the connection's first, its header is complete; for a later one, its first byte has arrived.
    func becameBusy() {
        word.store(Kind.busy.rawValue, ordering: .relaxed)
    }

    /// The last answer has left, and nothing of another request has arrived.
    func becameIdle(at now: NIODeadline = .now()) {
        word.store(Standing(.idle, since: now).word, ordering: .relaxed)
    }

    /// Marks the connection as about to be closed, unless it has done anything since `standing` was read.
    func evict(ifStill standing: Standing) -> Bool {
        word.compareExchange(
            expected: standing.word, desired: Kind.evicted.rawValue, ordering: .relaxed
        ).exchanged
    }
}

/// Asks a connection to close to make room for another, if it is idle or has not received a first request yet when the event arrives.
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

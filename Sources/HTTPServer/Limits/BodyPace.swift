import NIOCore

/// How fast a request body must arrive.
///
/// A body has ``HTTPServerLimits/bodyTimeout`` from the end of its header, and within that time no more than a grace period plus the time
/// that the bytes received so far take at ``HTTPServerLimits/minimumBodyRate``. In other words, it is too slow once
/// `received < rate × (elapsed − grace)`. Bytes that came early count for later, so that an honest client may pause for as long as it has
/// been ahead; the grace period covers a slow start and a few lost packets.
///
/// Nothing has to be done when bytes arrive: an alarm at a deadline asks for the deadline again, with what has arrived by then.
struct BodyPace: Sendable {
    static let grace = Duration.seconds(5)

    private let timeout: Duration
    private let rate: Int

    init(_ limits: HTTPServerLimits) {
        timeout = limits.bodyTimeout
        rate = limits.minimumBodyRate
    }

    /// How long a body of which `received` bytes have arrived may be under way, from the end of its header.
    func patience(received: Int) -> Duration {
        guard rate > 0 else { return timeout }
        return min(timeout, Self.grace + .seconds(Double(received) / Double(rate)))
    }

    /// When a body is late, unless more than `received` bytes have arrived by then.
    ///
    /// - Parameter start: when its header was complete.
    func deadline(start: NIODeadline, received: Int) -> NIODeadline {
        start + TimeAmount(patience(received: received))
    }
}

import NIOCore

/// Wakes a connection when its state has waited too long.
///
/// A busy connection changes what it waits for several times a request, nearly always to a later deadline. So a scheduled task is left
/// alone, and looks at the deadline again when it runs; only an earlier deadline replaces it.
struct ConnectionClock {
    private var timer: HTTP1ConnectionState.Timer?
    private var deadline: NIODeadline?
    private var alarm: (task: Scheduled<Void>, time: NIODeadline)?

    /// Whether the deadline has passed.
    var isDue: Bool {
        deadline.map { $0 <= .now() } ?? false
    }

    /// Sets the deadline for what the state waits for now.
    ///
    /// - Parameter wake: called on `eventLoop` at the deadline or before it.
    mutating func follow(
        _ timer: HTTP1ConnectionState.Timer?, limits: HTTPServerLimits, on eventLoop: any EventLoop, wake: @escaping () -> Void
    ) {
        guard timer != self.timer else { return }
        self.timer = timer
        deadline = timer.map { .now() + TimeAmount(limits.duration(of: $0.kind)) }
        guard let deadline else { return }
        if let alarm, alarm.time <= deadline { return }
        alarm?.task.cancel()
        schedule(deadline, on: eventLoop, wake)
    }

    /// Called when woken before the deadline: sets the next alarm.
    mutating func sleepOn(_ eventLoop: any EventLoop, wake: @escaping () -> Void) {
        alarm = nil
        if let deadline { schedule(deadline, on: eventLoop, wake) }
    }

    mutating func stop() {
        alarm?.task.cancel()
        alarm = nil
        deadline = nil
        timer = nil
    }

    private mutating func schedule(_ time: NIODeadline, on eventLoop: any EventLoop, _ wake: @escaping () -> Void) {
        alarm = (eventLoop.assumeIsolated().scheduleTask(deadline: time) { wake() }, time)
    }
}

extension HTTPServerLimits {
    fileprivate func duration(of kind: HTTP1ConnectionState.Timer.Kind) -> Duration {
        switch kind {
        case .header: headerTimeout
        case .body: bodyTimeout
        case .idle: idleTimeout
        case .linger: lingerTimeout
        }
    }
}

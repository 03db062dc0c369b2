import NIOCore

/// Wakes a connection when its state has waited too long.
///
/// A busy connection changes what it waits for several times a request, nearly always to a later deadline, and a body moves its own with
/// every byte. So a scheduled task is left alone, and the deadline is looked at again when it runs; only an earlier one replaces it.
struct ConnectionClock {
    private var timer: HTTP1ConnectionState.Timer?
    private var start = NIODeadline.uptimeNanoseconds(0)
    private var alarm: (task: Scheduled<Void>, time: NIODeadline)?

    /// Starts to measure when the state waits for something else than before.
    ///
    /// - Parameter wake: called on `eventLoop` at the deadline or before it. Is to call ``isDue(_:on:wake:)``.
    /// - Returns: the time, if there was such a change.
    mutating func follow(
        _ state: borrowing HTTP1ConnectionState, on eventLoop: any EventLoop, wake: @escaping () -> Void
    ) -> NIODeadline? {
        let timer = state.timer
        guard timer != self.timer else { return nil }
        self.timer = timer
        start = .now()
        guard timer != nil else { return start }
        let deadline = start + TimeAmount(state.patience)
        if let alarm, alarm.time <= deadline { return start }
        alarm?.task.cancel()
        schedule(deadline, on: eventLoop, wake)
        return start
    }

    /// Whether the state has waited for as long as it may. If it has not, `wake` is called again.
    mutating func isDue(_ state: borrowing HTTP1ConnectionState, on eventLoop: any EventLoop, wake: @escaping () -> Void) -> Bool {
        alarm = nil
        guard timer != nil else { return false }
        let deadline = start + TimeAmount(state.patience)
        guard deadline > .now() else { return true }
        schedule(deadline, on: eventLoop, wake)
        return false
    }

    mutating func stop() {
        alarm?.task.cancel()
        alarm = nil
        timer = nil
    }

    private mutating func schedule(_ time: NIODeadline, on eventLoop: any EventLoop, _ wake: @escaping () -> Void) {
        alarm = (eventLoop.assumeIsolated().scheduleTask(deadline: time) { wake() }, time)
    }
}

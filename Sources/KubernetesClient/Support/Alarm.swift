/// Wakes at a time. Setting it anew replaces the time.
struct Alarm {
    private let wake: AsyncStream<Void>.Continuation
    private var due: ContinuousClock.Instant?
    private var sleeper: Task<Void, Never>?

    init(wake: AsyncStream<Void>.Continuation) {
        self.wake = wake
    }

    /// - Parameter due: Nil for never.
    mutating func set(_ due: ContinuousClock.Instant?) {
        // A time that has passed has woken already; what was due then has been taken.
        guard due != self.due else { return }
        cancel()
        self.due = due
        guard let due else { return }
        sleeper = Task { [wake] in
            guard (try? await Task.sleep(until: due, clock: .continuous)) != nil else { return }
            wake.yield()
        }
    }

    mutating func cancel() {
        sleeper?.cancel()
        sleeper = nil
        due = nil
    }
}

import HTTPCalls

/// What to do next to know the objects of a selection: list, watch, or wait. No I/O, and no time.
struct ReflectorState: Sendable {
    enum Action: Sendable, Equatable {
        case list
        case watch(from: String)
        case wait(Duration)
    }

    /// How a watch ended.
    enum WatchEnd: Sendable, Equatable {
        /// As the API server was asked to end it.
        case finished
        /// What we know is too old to go on from.
        case expired
        case failed(retryAfter: Duration?)
    }

    private enum Position: Equatable {
        case unknown
        case listed(resourceVersion: String)
    }

    private let backoff: Backoff
    private var position = Position.unknown
    private var failures = 0
    private var pause: Duration?

    /// - Parameter backoff: Between attempts that fail.
    init(backoff: Backoff) {
        self.backoff = backoff
    }

    mutating func next() -> Action {
        if let pause {
            self.pause = nil
            return .wait(pause)
        }
        switch position {
        case .unknown: return .list
        case .listed(let version): return .watch(from: version)
        }
    }

    mutating func listed(_ resourceVersion: String) {
        position = .listed(resourceVersion: resourceVersion)
    }

    mutating func listFailed(retryAfter: Duration?, jitter: Double) {
        fail(retryAfter, jitter)
    }

    /// The watch told of something: it works.
    mutating func progressed(to resourceVersion: String) {
        position = .listed(resourceVersion: resourceVersion)
        failures = 0
    }

    /// - Parameters:
    ///   - wasShort: Whether it lasted a moment only. When it told of nothing either, that counts as a failure, so that an API server that
    ///     ends each watch at once is not asked without pause.
    ///   - hadEvents: Whether it told of anything.
    mutating func watchEnded(_ end: WatchEnd, wasShort: Bool, hadEvents: Bool, jitter: Double) {
        switch end {
        case .finished:
            if wasShort && !hadEvents {
                fail(nil, jitter)
            } else {
                failures = 0
            }
        case .expired:
            position = .unknown
            // The first time is nothing unusual; a list whose version is too old at once is.
            if wasShort && !hadEvents && failures > 0 { fail(nil, jitter) } else { failures += 1 }
        case .failed(let retryAfter):
            fail(retryAfter, jitter)
        }
    }

    private mutating func fail(_ retryAfter: Duration?, _ jitter: Double) {
        failures += 1
        pause = max(backoff.pause(after: failures, jitter: jitter), retryAfter ?? .zero)
    }
}

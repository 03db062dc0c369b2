import HTTPCalls

/// Which keys are to be worked on, and when. No I/O, and no clock: the time is passed in.
///
/// A key is worked on once at a time; what is added meanwhile is worked on once more afterwards, however often it was added.
struct WorkQueueState<Key: Hashable & Sendable>: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// What became of work.
    enum Result: Sendable, Equatable {
        case done
        /// Once more, after a pause that grows with each failure in a row.
        case failed
        /// Once more at a time.
        case again(at: Instant)
    }

    /// A key to work on now.
    struct Work: Sendable, Equatable {
        let key: Key
        /// Since when it has waited.
        let since: Instant
    }

    private let backoff: Backoff
    /// Waiting, in order; each also has its entry in `readySince`.
    private var ready = RingQueue<Key>()
    private var readySince: [Key: Instant] = [:]
    /// Being worked on; with the time of the first addition meanwhile.
    private var working: [Key: Instant?] = [:]
    private var delayed = DelayedKeys<Key>()
    private var failures: [Key: Int] = [:]

    /// - Parameter backoff: Between failures of one key.
    init(backoff: Backoff) {
        self.backoff = backoff
    }

    /// How many keys wait to be worked on now.
    var depth: Int { readySince.count }

    /// How many keys are known to have failed since they last succeeded.
    var failing: Int { failures.count }

    /// When the first of the delayed keys is due.
    var nextDue: Instant? { delayed.first }

    /// Adds a key to be worked on as soon as possible.
    ///
    /// - Returns: False when it waits already.
    @discardableResult
    mutating func add(_ key: Key, at now: Instant) -> Bool {
        if let addition = working[key] {
            guard addition == nil else { return false }
            working[key] = .some(now)
            return true
        }
        guard readySince[key] == nil else { return false }
        readySince[key] = now
        ready.append(key)
        return true
    }

    /// Adds a key at a later time. Of several such times, the first counts.
    mutating func add(_ key: Key, due: Instant) {
        delayed.add(key, at: due)
    }

    /// Takes the next key to work on.
    mutating func take(at now: Instant) -> Work? {
        while let key = delayed.takeDue(at: now) { add(key, at: now) }
        guard let key = ready.popFirst(), let since = readySince.removeValue(forKey: key) else { return nil }
        working[key] = .some(nil)
        return Work(key: key, since: since)
    }

    /// Ends the work on a key that was taken.
    ///
    /// - Parameter jitter: From 0 to 1.
    mutating func finish(_ key: Key, _ result: Result, at now: Instant, jitter: Double) {
        guard let addition = working.removeValue(forKey: key) else { return }
        if let addition {
            readySince[key] = addition
            ready.append(key)
        }
        switch result {
        case .done: failures[key] = nil
        case .again(let due):
            failures[key] = nil
            delayed.add(key, at: due)
        case .failed:
            let count = min(failures[key, default: 0], 1_000) + 1
            failures[key] = count
            delayed.add(key, at: now + backoff.pause(after: count, jitter: jitter))
        }
    }
}

import KubernetesAPI

/// Which events to write, and when: what repeats becomes a number of one event, and nobody can cause many writes. No I/O; the time is
/// passed in.
struct EventSeries: Sendable {
    typealias Instant = ContinuousClock.Instant

    struct Limits: Sendable {
        /// How many different events are remembered.
        var remembered = 1_000
        /// How many new events one object may cause at once.
        var burst = 25
        /// How long it takes until it may cause one more.
        var refill = Duration.seconds(60)
        /// From one write of an event to the next.
        var interval = Duration.seconds(10)
        /// After so long without a repetition, the next one is a new event.
        var forgetting = Duration.seconds(360)
        /// How often a write is tried.
        var attempts = 5
    }

    enum Write: Sendable, Equatable {
        case create(EventOccurrence, name: String, time: Timestamp)
        /// The event happened so often.
        case patch(EventOccurrence, name: String, count: Int64, lastObserved: Timestamp)

        var occurrence: EventOccurrence {
            switch self {
            case .create(let occurrence, _, _), .patch(let occurrence, _, _, _): occurrence
            }
        }
    }

    enum WriteResult: Sendable {
        case written
        /// The event to be patched is not there any more.
        case gone
        /// It may succeed later.
        case failed
        /// It will never succeed.
        case refused
    }

    private struct Entry {
        var name: String
        var first: Timestamp
        var last: Timestamp
        var count: Int64 = 1
        /// How many of them the API server knows of.
        var written: Int64 = 0
        var attempts = 0
        /// Not before then.
        var due: Instant
        var lastSeen: Instant
        /// Which of all was recorded before which.
        let order: UInt64
    }

    private struct Bucket {
        /// Of the burst, how much is used.
        var used: Double
        var updated: Instant
    }

    private let limits: Limits
    private var entries: [EventOccurrence: Entry] = [:]
    private var buckets: [ObjectReference: Bucket] = [:]
    private var recorded: UInt64 = 0

    init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// Notes something that happened.
    ///
    /// - Parameter name: The name of the event, if it becomes a new one.
    /// - Returns: False when it is left out because there are too many.
    mutating func record(_ occurrence: EventOccurrence, name: String, at now: Instant, wallClock: Timestamp) -> Bool {
        forget(at: now)
        if var entry = entries[occurrence], !isForgotten(entry, at: now) {
            // The API's integer has 32 bits.
            entry.count = min(entry.count + 1, Int64(Int32.max))
            entry.last = wallClock
            entry.lastSeen = now
            entries[occurrence] = entry
            return true
        }
        guard entries.count < limits.remembered, takeToken(for: occurrence.regarding, at: now) else { return false }
        recorded += 1
        entries[occurrence] = Entry(name: name, first: wallClock, last: wallClock, due: now, lastSeen: now, order: recorded)
        return true
    }

    private mutating func takeToken(for object: ObjectReference, at now: Instant) -> Bool {
        var bucket = buckets[object] ?? Bucket(used: 0, updated: now)
        bucket.used = max(0, bucket.used - (now - bucket.updated) / limits.refill)
        bucket.updated = now
        defer { buckets[object] = bucket }
        guard bucket.used + 1 <= Double(limits.burst) else { return false }
        bucket.used += 1
        return true
    }

    /// Lets go of what is silent and of objects that caused nothing for long, when there is much of it.
    private mutating func forget(at now: Instant) {
        guard entries.count >= limits.remembered || buckets.count >= limits.remembered else { return }
        entries = entries.filter { !isForgotten($0.value, at: now) }
        buckets = buckets.filter { $0.value.used - (now - $0.value.updated) / limits.refill > 0 }
    }

    private func isForgotten(_ entry: Entry, at now: Instant) -> Bool {
        entry.count == entry.written && now - entry.lastSeen >= limits.forgetting
    }

    // MARK: Writing

    /// The write that is due, oldest first.
    ///
    /// - Parameter isLast: Whether to write everything now, since there is no later.
    func next(at now: Instant, isLast: Bool = false) -> Write? {
        let due = entries.filter { $0.value.count > $0.value.written && (isLast || $0.value.due <= now) }
        guard let (occurrence, entry) = due.min(by: { ($0.value.due, $0.value.order) < ($1.value.due, $1.value.order) }) else { return nil }
        if entry.written == 0 { return .create(occurrence, name: entry.name, time: entry.first) }
        return .patch(occurrence, name: entry.name, count: entry.count, lastObserved: entry.last)
    }

    /// When the next write is due; nil when there is none.
    var nextDue: Instant? { entries.values.lazy.filter { $0.count > $0.written }.map(\.due).min() }

    /// - Parameter newName: The name of the event, if it must be created anew.
    mutating func finish(_ write: Write, _ result: WriteResult, newName: String, at now: Instant) {
        guard var entry = entries[write.occurrence] else { return }
        entry.due = now + limits.interval
        switch result {
        case .written:
            entry.attempts = 0
            switch write {
            case .create: entry.written = 1
            case .patch(_, _, let count, _): entry.written = count
            }
        case .gone:
            entry = Entry(
                name: newName, first: entry.last, last: entry.last, count: 1, due: now, lastSeen: entry.lastSeen, order: entry.order)
        case .failed:
            entry.attempts += 1
            if entry.attempts >= limits.attempts {
                entries[write.occurrence] = nil
                return
            }
        case .refused:
            entries[write.occurrence] = nil
            return
        }
        entries[write.occurrence] = entry
    }
}

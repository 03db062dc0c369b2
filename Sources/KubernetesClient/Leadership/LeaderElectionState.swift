import KubernetesAPI

/// Who leads, as one contender knows it. No I/O; the time is passed in, by a clock that only goes forward.
///
/// Two contenders never lead at once, whatever the wall clocks say and however calls are delayed or lost:
///
/// - The holder leads until `renewDeadline` after it *began* the last write that succeeded.
/// - Another one takes over only when it has seen the lease unchanged for its duration, by its own clock. It cannot have seen that write
///   before it began, so it waits at least until `duration` after that beginning, and `duration` is longer than `renewDeadline`.
/// - Every write names the resourceVersion that it is based on, so that of two writers one fails.
/// - Where a lease was seen and is gone, its holder is given time to write it again. Whoever writes it instead leads only when it has
///   held the lease without a gap for its duration: nothing else tells how lately others wrote the one that was deleted.
///
/// One thing can break it: somebody deletes a lease that is held, and a process that never saw it starts before its holder has written it
/// again, at most `retryPeriod` later. To wait in that case as well would delay the first start of all.
struct LeaderElectionState: Sendable {
    typealias Instant = ContinuousClock.Instant

    enum Action: Sendable, Equatable {
        /// Read the lease.
        case read
        /// Write a lease that is not there.
        case create(LeaseRecord)
        /// Write the lease, if it is still at the version.
        case update(LeaseRecord, resourceVersion: String)
        case wait(until: Instant)
    }

    /// The lease as it was seen at last.
    private struct Sight: Equatable {
        var record: LeaseRecord
        var resourceVersion: String
        /// When it was first seen so.
        var since: Instant
        /// Whether it is as we wrote it, as far as the answer tells.
        var isOurWrite: Bool
    }

    let identity: String
    let timing: LeaderElection.Timing

    private var sight: Sight?
    /// There is no lease, as far as is known.
    private var isAbsent = false
    /// Whether the next thing is to read the lease.
    private var mustRead = true
    /// Until when to do nothing.
    private var pause: Instant?
    /// When the last write began that made or kept us the leader.
    private var renewal: Instant?
    /// Writes that begin before do not make us the leader.
    private var probation: Instant?

    init(identity: String, timing: LeaderElection.Timing) {
        self.identity = identity
        self.timing = timing
    }

    // MARK: Leading

    /// Until when we lead; nil when we do not.
    var leadsUntil: Instant? { renewal.map { $0 + timing.renewDeadline } }

    func leads(at now: Instant) -> Bool { leadsUntil.map { now < $0 } ?? false }

    /// Who leads, as far as is known; nil when nobody does.
    var holder: String? {
        guard let sight, !sight.record.holder.isEmpty else { return nil }
        return sight.record.holder
    }

    // MARK: What to do next

    /// - Parameter wallClock: For people to read in the lease. Nothing depends on it.
    mutating func next(at now: Instant, wallClock: Timestamp) -> Action {
        if let leadsUntil, now >= leadsUntil {
            // Too late to renew: it may be another's by now.
            renewal = nil
            mustRead = true
        }
        if let pause, now < pause { return .wait(until: pause) }
        pause = nil
        if mustRead { return .read }
        guard let sight, !isAbsent else {
            // Two periods are enough for a holder that lives.
            if let sight, renewal == nil, now < sight.since + timing.retryPeriod * 2 { return wait(from: now) }
            return .create(record(after: sight?.record, wallClock))
        }
        if renewal == nil, now < free(from: sight) { return wait(from: now) }
        return .update(record(after: sight.record, wallClock), resourceVersion: sight.resourceVersion)
    }

    /// From when a lease that was seen is anybody's.
    private func free(from sight: Sight) -> Instant {
        // What we wrote and did not renew in time may be taken again: it is still at our version, so nobody else has had it since. A
        // record of ours at another version comes from a write whose answer was lost, before which others may have had the lease.
        guard !sight.record.holder.isEmpty, !sight.isOurWrite else { return sight.since }
        // A lease without a usable duration was not written by a contender like us; its holder gets as long as we would.
        return sight.since + (sight.record.duration > 0 ? .seconds(sight.record.duration) : timing.leaseDuration)
    }

    private mutating func wait(from now: Instant) -> Action {
        let until = now + timing.retryPeriod
        pause = until
        mustRead = true
        return .wait(until: until)
    }

    private var seconds: Int64 { max(1, timing.leaseDuration.components.seconds) }

    private func record(after last: LeaseRecord?, _ wallClock: Timestamp) -> LeaseRecord {
        guard let last else {
            return LeaseRecord(holder: identity, duration: seconds, acquired: wallClock, renewed: wallClock, transitions: 0)
        }
        let isOurs = last.holder == identity
        // The API's integer has 32 bits.
        let transitions = isOurs ? last.transitions : min(max(last.transitions, 0), Int64(Int32.max) - 1) + 1
        return LeaseRecord(
            holder: identity, duration: seconds, acquired: isOurs ? last.acquired : wallClock, renewed: wallClock, transitions: transitions)
    }

    // MARK: What became of it

    /// The lease was read; nil when there is none.
    mutating func saw(_ lease: (record: LeaseRecord, resourceVersion: String)?, at now: Instant) {
        mustRead = false
        guard let lease else {
            // That there was one is not forgotten.
            if !isAbsent { sight?.since = now }
            isAbsent = true
            return
        }
        isAbsent = false
        if sight?.resourceVersion != lease.resourceVersion {
            sight = Sight(record: lease.record, resourceVersion: lease.resourceVersion, since: now, isOurWrite: false)
        }
        // Somebody else wrote it: we do not lead any more, however much of our time is left.
        if lease.record.holder != identity { (renewal, probation) = (nil, nil) }
    }

    /// A write succeeded, which began at a time.
    mutating func wrote(_ record: LeaseRecord, resourceVersion: String, began: Instant, at now: Instant) {
        if isAbsent, sight != nil, renewal == nil { probation = began + timing.leaseDuration }
        isAbsent = false
        sight = Sight(record: record, resourceVersion: resourceVersion, since: now, isOurWrite: true)
        if let end = probation, began < end {
            renewal = nil
        } else {
            renewal = began
            probation = nil
        }
        pause = began + timing.retryPeriod
    }

    /// A read or a write did not succeed. A write may have been done nevertheless, so the lease is read first.
    ///
    /// - Parameter isContested: Whether somebody else was faster. Then it is read at once.
    mutating func failed(isContested: Bool, at now: Instant) {
        mustRead = true
        pause = isContested ? nil : now + min(timing.retryPeriod, timing.renewDeadline / 8)
    }

    /// What gives the lease back; nil when it is not ours. Leading ends here: whatever depends on it must have ended before.
    mutating func release(wallClock: Timestamp) -> Action? {
        guard renewal != nil, let sight, !isAbsent, sight.record.holder == identity else { return nil }
        renewal = nil
        var record = sight.record
        record.holder = ""
        record.duration = 1
        record.renewed = wallClock
        return .update(record, resourceVersion: sight.resourceVersion)
    }
}

import AzureMySQL
import HTTPCalls

/// What a process remembers of its work on one server. Nothing of it has to last: without it, the next look tells what is true, only later.
/// No I/O, and no clock: the time is passed in.
struct AzureMemory: Sendable {
    typealias Instant = ContinuousClock.Instant

    struct Running: Sendable {
        var operation: AzureOperation
        let change: AzureChange
        /// Not looked at before.
        var due: Instant
        /// How often in a row it could not be looked at.
        var losses = 0
    }

    struct Failure: Sendable {
        let remark: StatusReport.Remark
        let count: Int
        /// What the spec was: with another one, it is tried at once.
        let generation: Int64
        let retryAt: Instant
    }

    /// Looks that failed.
    private struct Blindness: Sendable {
        let remark: StatusReport.Remark
        let generation: Int64
        let count: Int
    }

    /// The last write that succeeded, and how often the same one did in a row.
    private struct Done: Sendable {
        let change: AzureChange
        let at: Instant
        let count: Int
    }

    private(set) var running: Running?
    private(set) var failures: [AzureChange.Kind: Failure] = [:]
    /// When a server was last asked for, so that one may be in the making though Azure shows none.
    private(set) var askedAt: Instant?
    /// Whether Azure has agreed to make it, so that it is only to be waited for.
    private var isPromised = false
    private(set) var absentSince: Instant?
    /// Whether Azure has said that it deleted the server.
    private(set) var isDeleted = false
    /// Until then nothing is written: Azure was busy, or shows what was written only later.
    private(set) var pause: (until: Instant, remark: StatusReport.Remark)?
    /// Nil when the last look succeeded.
    private var blindness: Blindness?
    private var done: Done?
    /// Who called last.
    var account: AzureAccount?
    /// When to look again.
    private(set) var nextLook: Instant?

    private let options: AzureOptions

    /// How often in a row the same write may succeed before it counts as being in vain.
    private static let patience = 3

    private var backoff: Backoff { Backoff(first: options.firstRetryPause, longest: options.longestRetryPause) }

    init(_ options: AzureOptions) {
        self.options = options
    }

    // MARK: Writing

    mutating func accepted(_ change: AzureChange, _ operation: AzureOperation?, generation: Int64, at now: Instant) {
        if change.isCreation { asked(at: now, isPromised: true) }
        guard let operation else {
            if case .delete = change { isDeleted = true }
            pause = (now + .seconds(1), (.updating, "the server changes: \(change)"))
            return succeeded(change, generation: generation, at: now)
        }
        running = Running(operation: operation, change: change, due: now + operation.pause)
    }

    /// From now on it counts for nothing that there was none.
    private mutating func asked(at now: Instant, isPromised: Bool) {
        (askedAt, absentSince, isDeleted) = (now, nil, false)
        self.isPromised = isPromised
    }

    private mutating func succeeded(_ change: AzureChange, generation: Int64, at now: Instant) {
        for kind in [change.kind, .any] { failures[kind] = nil }
        // What somebody changes back now and then is put right again and again; what has to be written at every look is in vain.
        let window = options.interval + options.longestRetryPause
        let before = done.flatMap { $0.change == change && now - $0.at <= window ? $0.count : nil } ?? 0
        let count = min(before + 1, 100)
        done = Done(change: change, at: now, count: count)
        guard count > Self.patience, !change.isCreation, change != .delete else { return }
        let remark: StatusReport.Remark = (.refused, "Azure accepts this and does not keep it: \(change)")
        fail(change.kind, remark, generation, nil, count: count - Self.patience, at: now)
    }

    /// A write was not accepted, or nobody knows whether it was.
    mutating func refused(_ change: AzureChange, _ error: AzureError, generation: Int64, at now: Instant) {
        if change.isCreation {
            if error.isAmbiguous || error.isBusy {
                asked(at: now, isPromised: false)
            } else if askedAt == nil, error.cause != .throttled {
                // It was refused for good, and nobody has asked for it before.
                isDeleted = true
            }
        }
        let retryAfter = max(error.retryAfter ?? .zero, options.transitionPause)
        if error.isBusy {
            pause = (now + retryAfter, (.updating, "Azure is busy with the server"))
        } else if error.cause == .throttled {
            pause = (now + retryAfter, (.throttled, "Azure asks for fewer requests"))
        } else {
            fail(error.metric == .refused ? change.kind : .any, error.remark, generation, error.retryAfter, at: now)
        }
    }

    /// - Parameter count: Failures in a row; nil for one more than before.
    private mutating func fail(
        _ kind: AzureChange.Kind, _ remark: StatusReport.Remark, _ generation: Int64, _ retryAfter: Duration?, count: Int? = nil,
        at now: Instant
    ) {
        let count = count ?? min((failures[kind]?.count ?? 0) + 1, 100)
        failures[kind] = Failure(
            remark: remark, count: count, generation: generation,
            retryAt: now + max(retryAfter ?? .zero, backoff.pause(after: count, jitter: 1)))
    }

    // MARK: Operations

    mutating func saw(_ state: OperationState, generation: Int64, at now: Instant) {
        guard let running else { return }
        switch state {
        case .running(let operation):
            self.running?.operation = operation
            self.running?.due = now + operation.pause
            self.running?.losses = 0
        case .succeeded:
            self.running = nil
            if running.change == .delete { isDeleted = true }
            // It may show up only now.
            if running.change.isCreation { asked(at: now, isPromised: true) }
            succeeded(running.change, generation: generation, at: now)
        case .failed(let code, let message):
            self.running = nil
            if running.change.isCreation { askedAt = nil }
            fail(running.change.kind, (.operationFailed, "\(running.change): \(code): \(message)"), generation, nil, at: now)
        }
    }

    /// It could not be asked for; so it is looked at later, and after a while the server itself has to tell.
    mutating func lost(_ error: AzureError, at now: Instant) {
        guard var lost = running else { return }
        lost.losses += 1
        lost.due = now + max(error.retryAfter ?? .zero, options.transitionPause)
        var isGone = false
        if case .status(let code, _, _) = error.cause, code == 404 { isGone = true }
        running = isGone || lost.losses >= 5 ? nil : lost
    }

    // MARK: Looking

    mutating func saw(_ server: Server?, at now: Instant) {
        blindness = nil
        guard server == nil else {
            (absentSince, askedAt, isDeleted) = (nil, nil, false)
            return
        }
        absentSince = absentSince ?? now
        if isDeleted { askedAt = nil }
    }

    mutating func forgetPast(generation: Int64, at now: Instant) {
        failures = failures.filter { $0.value.generation == generation }
        if let pause, pause.until <= now { self.pause = nil }
        if let askedAt, now - askedAt > options.settling, running == nil { self.askedAt = nil }
    }

    /// What is waited for.
    func wait(isPresent: Bool, at now: Instant) -> StatusReport.Remark? {
        if let running {
            let reason: Condition.Reason = running.change == .delete ? .deleting : running.change.isCreation ? .provisioning : .updating
            return (reason, "under way on Azure: \(running.change)")
        }
        if let pause { return pause.remark }
        guard !isPresent, askedAt != nil, isPromised else { return nil }
        return (.provisioning, "the server was asked for and has not shown up on Azure yet")
    }

    /// Whether there is surely no server: Azure has said that it deleted it, or the one that was there is gone.
    ///
    /// - Parameter wasWhole: Whether the server is known to have been there.
    func isAbsenceCertain(wasWhole: Bool) -> Bool { isDeleted || wasWhole }

    func isLongAbsent(at now: Instant) -> Bool { absentSince.map { now - $0 >= options.settling } ?? false }

    // MARK: Time

    /// Adds to a look what is remembered, and says when the next one is due.
    mutating func complete(_ sight: inout AzureSight, _ situation: Situation, at now: Instant) {
        sight.wait = wait(isPresent: sight.server != nil, at: now)
        sight.failures = failures.mapValues { AzureSight.Failure(remark: $0.remark, isResting: now < $0.retryAt) }
        sight.isAbsenceCertain = isAbsenceCertain(wasWhole: situation.azureStatus.created)
        sight.isLongAbsent = isLongAbsent(at: now)
        plan(sight.server, isAwaited: situation.mayHaveServer, at: now)
    }

    private mutating func plan(_ server: Server?, isAwaited: Bool, at now: Instant) {
        let dates = [running?.due, pause?.until, absenceCertainAt(server, isAwaited)].compactMap { $0 }
        let times = (dates + failures.values.map(\.retryAt)).filter { $0 > now }
        let isSettled = server.map { [.ready, .stopped, .disabled].contains($0.state) } ?? !isAwaited
        nextLook = times.min() ?? (running != nil ? now + .seconds(1) : now + (isSettled ? options.interval : options.transitionPause))
    }

    private func absenceCertainAt(_ server: Server?, _ isAwaited: Bool) -> Instant? {
        guard server == nil, isAwaited, let absentSince else { return nil }
        return absentSince + options.settling
    }

    /// Looking failed. It is not tried again before ``nextLook``, but with another spec.
    mutating func blinded(_ remark: StatusReport.Remark, _ retryAfter: Duration?, generation: Int64, at now: Instant) {
        let count = min((blindness?.count ?? 0) + 1, 100)
        blindness = Blindness(remark: remark, generation: generation, count: count)
        nextLook = now + max(retryAfter ?? .zero, backoff.pause(after: count, jitter: 1))
    }

    /// Why there is no use in looking now.
    func blindness(generation: Int64, at now: Instant) -> StatusReport.Remark? {
        guard let blindness, blindness.generation == generation, let nextLook, now < nextLook else { return nil }
        return blindness.remark
    }

    /// Rules or parameters could not be looked at; the next look comes sooner.
    mutating func look(within pause: Duration, at now: Instant) {
        nextLook = min(nextLook ?? now + pause, now + pause)
    }
}

extension AzureChange {
    var isCreation: Bool { if case .create = self { true } else { false } }
}

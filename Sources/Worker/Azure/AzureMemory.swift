import AzureMySQL
import KubernetesClient

/// What a process remembers of its work on one server. Nothing of it has to last: without it, the next look tells what is true, only later.
/// No I/O, and no clock: the time is passed in.
struct AzureMemory: Sendable {
    typealias Instant = ContinuousClock.Instant

    struct Running: Sendable {
        var operation: AzureOperation
        let change: String
        let isCreation: Bool
        let isDeletion: Bool
        /// Not looked at before.
        var due: Instant
    }

    struct Failure: Sendable {
        let remark: StatusReport.Remark
        let count: Int
        /// What the spec was: with another one, it is tried at once.
        let generation: Int64
        let retryAt: Instant
    }

    private(set) var running: Running?
    private(set) var failure: Failure?
    /// When a server was last asked for. Until it shows up, that there is none means nothing.
    private(set) var askedAt: Instant?
    private(set) var absentSince: Instant?
    /// Whether Azure has said that it deleted the server.
    private(set) var isDeleted = false
    /// Until then nothing is written: Azure was busy, or shows what was written only later.
    private(set) var pause: (until: Instant, remark: StatusReport.Remark)?
    /// Failures of looking, in a row.
    private(set) var blindness = 0
    /// Who called last.
    var account: AzureAccount?
    /// When to look again.
    private(set) var nextLook: Instant?

    private let options: AzureOptions

    init(_ options: AzureOptions) {
        self.options = options
    }

    // MARK: Writing

    mutating func accepted(_ change: AzureChange, _ operation: AzureOperation?, at now: Instant) {
        if case .create = change { (askedAt, isDeleted) = (now, false) }
        guard let operation else {
            if case .delete = change { isDeleted = true }
            failure = nil
            pause = (now + .seconds(1), (.updating, "the server changes: \(change)"))
            return
        }
        let (isCreation, isDeletion) = (change.isCreation, change == .delete)
        running = Running(
            operation: operation, change: "\(change)", isCreation: isCreation, isDeletion: isDeletion, due: now + operation.pause)
    }

    /// A write was not accepted, or nobody knows whether it was.
    mutating func refused(_ change: AzureChange, _ error: AzureError, generation: Int64, at now: Instant) {
        if error.isBusy {
            pause = (now + (error.retryAfter ?? options.transitionPause), (.updating, "Azure is busy with the server"))
        } else if error.cause == .throttled {
            pause = (now + (error.retryAfter ?? options.transitionPause), (.throttled, "Azure asks for fewer requests"))
        } else {
            fail(error.remark, generation, error.retryAfter, at: now)
        }
    }

    private mutating func fail(_ remark: StatusReport.Remark, _ generation: Int64, _ retryAfter: Duration?, at now: Instant) {
        let count = min((failure?.count ?? 0) + 1, 100)
        let backoff = Backoff(first: options.firstRetryPause, longest: options.longestRetryPause)
        failure = Failure(
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
        case .succeeded:
            if running.isDeletion { isDeleted = true }
            (self.running, failure) = (nil, nil)
        case .failed(let code, let message):
            self.running = nil
            if running.isCreation { askedAt = nil }
            fail((.operationFailed, "\(running.change): \(code): \(message)"), generation, nil, at: now)
        }
    }

    /// It could not be asked for; so it is looked at later.
    mutating func lost(_ error: AzureError, at now: Instant) {
        guard case .status(let code, _, _) = error.cause, code == 404 else {
            let due = now + (error.retryAfter ?? options.transitionPause)
            running?.due = due
            return
        }
        running = nil
    }

    // MARK: Looking

    mutating func saw(_ server: Server?, at now: Instant) {
        blindness = 0
        guard server == nil else {
            (absentSince, askedAt, isDeleted) = (nil, nil, false)
            return
        }
        absentSince = absentSince ?? now
        if isDeleted { askedAt = nil }
    }

    mutating func forgetPast(generation: Int64, at now: Instant) {
        if let failure, failure.generation != generation { self.failure = nil }
        if let pause, pause.until <= now { self.pause = nil }
        if let askedAt, now - askedAt > options.settling, running == nil { self.askedAt = nil }
    }

    /// What is waited for.
    func wait(isPresent: Bool, at now: Instant) -> StatusReport.Remark? {
        if let running {
            return (
                running.isDeletion ? .deleting : running.isCreation ? .provisioning : .updating, "under way on Azure: \(running.change)"
            )
        }
        if let pause { return pause.remark }
        guard !isPresent, askedAt != nil else { return nil }
        return (.provisioning, "the server was asked for and has not shown up on Azure yet")
    }

    func isResting(at now: Instant) -> Bool { failure.map { now < $0.retryAt } ?? false }

    /// - Parameter wasWhole: Whether the server is known to have been there.
    func isAbsenceCertain(wasWhole: Bool, at now: Instant) -> Bool {
        if isDeleted || wasWhole { return true }
        return absentSince.map { now - $0 >= options.settling } ?? false
    }

    // MARK: Time

    /// Adds to a look what is remembered, and says when the next one is due.
    mutating func complete(_ sight: inout AzureSight, _ situation: Situation, at now: Instant) {
        sight.wait = wait(isPresent: sight.server != nil, at: now)
        sight.failure = failure?.remark
        sight.isResting = isResting(at: now)
        sight.isAbsenceCertain = isAbsenceCertain(wasWhole: situation.azureStatus.created, at: now)
        plan(sight.server, isAwaited: situation.mayHaveServer, at: now)
    }

    private mutating func plan(_ server: Server?, isAwaited: Bool, at now: Instant) {
        let times = [running?.due, pause?.until, failure?.retryAt, absenceCertainAt(server, isAwaited)].compactMap { $0 }.filter {
            $0 > now
        }
        let isSettled = server.map { [.ready, .stopped, .disabled].contains($0.state) } ?? !isAwaited
        nextLook = times.min() ?? (running != nil ? now + .seconds(1) : now + (isSettled ? options.interval : options.transitionPause))
    }

    private func absenceCertainAt(_ server: Server?, _ isAwaited: Bool) -> Instant? {
        guard server == nil, isAwaited, let absentSince else { return nil }
        return absentSince + options.settling
    }

    /// Looking failed.
    mutating func blinded(_ retryAfter: Duration?, at now: Instant) {
        blindness = min(blindness + 1, 100)
        let backoff = Backoff(first: options.firstRetryPause, longest: options.longestRetryPause)
        nextLook = now + (retryAfter ?? backoff.pause(after: blindness, jitter: 1))
    }
}

extension AzureChange {
    var isCreation: Bool { if case .create = self { true } else { false } }
}

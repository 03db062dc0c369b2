import FoundationEssentials
import HTTPCalls
import JSON
import TestSupport

/// The flexible servers of a subscription. It knows no clock: whoever calls it says when it is.
struct EmulatedSubscription: Sendable {
    /// What somebody saw of a server before, for as long as it looks like that.
    struct View: Sendable {
        let server: EmulatedServer?
        let until: ContinuousClock.Instant
    }

    let options: EmulatorOptions
    /// Of the Resource Manager, without a slash at the end.
    var url = ""
    /// By their names in lower case, which are unique in all of Azure.
    var servers: [String: EmulatedServer] = [:]
    var operations: [String: ResourceOperation] = [:]
    private var views: [String: View] = [:]
    /// Where the pages of lists begin, by what their links carry.
    var pages: [String: Int] = [:]
    /// When creations were accepted, by the names of servers.
    private(set) var creations: [String: [ContinuousClock.Instant]] = [:]
    private(set) var deletions: [String: [ContinuousClock.Instant]] = [:]
    /// What was wrong with the client since they were taken away.
    var complaints: [String] = []
    var random: SeededGenerator
    private let epoch: (instant: ContinuousClock.Instant, date: Date)

    init(_ options: EmulatorOptions, now: ContinuousClock.Instant, date: Date) {
        self.options = options
        random = SeededGenerator(seed: options.seed)
        epoch = (now, date)
    }

    func text(of instant: ContinuousClock.Instant) -> String {
        let (seconds, attoseconds) = (instant - epoch.instant).components
        let date = epoch.date.addingTimeInterval(Double(seconds) + Double(attoseconds) / 1e18)
        return date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    // MARK: Time

    /// Ends the operations that are due.
    mutating func advance(to now: ContinuousClock.Instant) {
        let due = operations.values.compactMap { operation in
            operation.endsAt.flatMap { operation.isRunning && $0 <= now ? (end: $0, operation: operation) : nil }
        }
        for (end, operation) in due.sorted(by: { $0.end < $1.end }) { finish(operation, at: end) }
        views = views.filter { $0.value.until > now }
    }

    private mutating func finish(_ operation: ResourceOperation, at end: ContinuousClock.Instant) {
        var operation = operation
        let old = shown(operation.key)
        if servers[operation.key] == nil {
            // Somebody has deleted it meanwhile.
            operation.failure = .init(code: "ServerNotExist", message: "The server does not exist.", leftover: .nothing)
        }
        operation.status = operation.failure == nil ? .succeeded : .failed
        operations[operation.id] = operation
        if let server = servers[operation.key] {
            var result: EmulatedServer? = server
            if let failure = operation.failure {
                switch (operation.work, failure.leftover) {
                case (.create, .nothing): result = nil
                case (.create, .disabledServer): result?.state = .disabled
                default: result?.state = operation.stateBefore
                }
            } else {
                result = operation.work.applied(to: server)
                // Somebody else may have stopped it meanwhile.
                result?.state = server.state == .stopped ? .stopped : .ready
            }
            servers[operation.key] = result
        }
        if options.staleness > .zero { views[operation.key] = View(server: old, until: end + options.staleness) }
    }

    /// Lets all operations that stall end now.
    mutating func release(at now: ContinuousClock.Instant) {
        for operation in operations.values where operation.isRunning && operation.endsAt == nil { operations[operation.id]?.endsAt = now }
        advance(to: now)
    }

    // MARK: Looking

    /// How a server looks from outside.
    func visible(_ name: String, at now: ContinuousClock.Instant) -> EmulatedServer? {
        let key = name.lowercased()
        if let view = views[key], view.until > now { return view.server }
        return shown(key)
    }

    private func shown(_ key: String) -> EmulatedServer? {
        if options.creationState == nil, let running = runningOperation(on: key), case .create = running.work { return nil }
        return servers[key]
    }

    func runningOperation(on name: String) -> ResourceOperation? {
        operations.values.first { $0.key == name.lowercased() && $0.isRunning }
    }

    // MARK: Beginning

    /// Puts a server that is being created.
    mutating func beginCreation(
        _ server: EmulatedServer, _ disturbance: ResourceOperation.Disturbance?, at now: ContinuousClock.Instant
    ) -> ResourceOperation {
        let key = server.name.lowercased()
        let old = shown(key)
        var begun = server
        begun.state = options.creationState ?? .starting
        servers[key] = begun
        creations[key, default: []].append(now)
        if options.staleness > .zero { views[key] = View(server: old, until: now + options.staleness) }
        return begin(.create, on: begun, for: options.creationTime, disturbance, at: now)
    }

    /// Begins work on a server that is there.
    mutating func beginWork(
        _ work: ResourceOperation.Work, on server: EmulatedServer, for duration: Duration, _ disturbance: ResourceOperation.Disturbance?,
        at now: ContinuousClock.Instant
    ) -> ResourceOperation {
        let key = server.name.lowercased()
        if case .delete = work {
            servers[key]?.state = .dropping
            deletions[key, default: []].append(now)
        } else {
            servers[key]?.state = .updating
        }
        return begin(work, on: server, for: duration, disturbance, at: now)
    }

    private mutating func begin(
        _ work: ResourceOperation.Work, on server: EmulatedServer, for duration: Duration, _ disturbance: ResourceOperation.Disturbance?,
        at now: ContinuousClock.Instant
    ) -> ResourceOperation {
        var (end, failure): (ContinuousClock.Instant?, ResourceOperation.Failure?) = (now + duration, nil)
        switch disturbance {
        case .failure(let wanted): failure = wanted
        case .stall: end = nil
        case nil: break
        }
        let operation = ResourceOperation(
            id: random.uuid(), key: server.name.lowercased(), location: server.location, work: work, ticket: random.hex(), startedAt: now,
            endsAt: end, failure: failure, stateBefore: server.state, askAgainAt: now + .seconds(options.retryAfter))
        operations[operation.id] = operation
        return operation
    }

    /// Forgets what the client was told, since it has started anew.
    mutating func forgetPace() {
        for id in operations.keys { operations[id]?.askAgainAt = nil }
    }
}

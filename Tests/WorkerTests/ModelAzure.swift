import AzureMySQL
import JSON

@testable import Worker

/// Azure as far as plans depend on it, and a process's memory of it. Time passes only by `pass`.
struct ModelAzure {
    /// How Azure treats the next write.
    enum Mood: CaseIterable {
        case fine
        /// It does it, and the answer is lost.
        case answerLost
        case unavailable
        case busy
        /// It begins, and fails half way.
        case failsLater
    }

    var server: Server?
    var rules: [FirewallRule] = []
    var parameters: [String: String] = [:]
    var mood = Mood.fine
    /// What it refuses for good.
    var refused: Set<AzureChange.Kind> = []
    /// Nothing can be looked at.
    var isDark = false
    /// For so long a new server does not show up.
    var lag = Duration.zero
    private var visibleAt: ContinuousClock.Instant?
    private(set) var running: (change: AzureChange, fails: Bool, isNew: Bool)?
    /// Whether the last operation has failed.
    private var hasFailed = false
    /// Servers that came to be and were whole.
    private(set) var creations = 0
    private(set) var deletions = 0
    private(set) var now = ContinuousClock.now
    private var memory = AzureMemory(AzureOptions())

    static let standards = ["max_connections": "151", "wait_timeout": "28800"]

    /// The process is another one.
    mutating func forget() {
        memory = AzureMemory(AzureOptions())
    }

    mutating func pass(_ time: Duration) {
        now += time
    }

    // MARK: What a desk does

    mutating func look(_ id: ServerID, _ situation: Situation) -> AzureSight {
        var sight = AzureSight(id)
        guard !isDark else {
            sight.block = (.azureUnavailable, "Azure: dark")
            return sight
        }
        if let known = memory.running, known.due <= now {
            let state: OperationState =
                running != nil ? .running(known.operation) : hasFailed ? .failed(code: "Broken", message: "half way") : .succeeded
            memory.saw(state, generation: situation.generation, at: now)
        }
        memory.forgetPast(generation: situation.generation, at: now)
        if visibleAt.map({ $0 <= now }) ?? true { sight.server = server }
        memory.saw(sight.server, at: now)
        if sight.server?.state == .ready {
            sight.rules = rules
            sight.parameters = Dictionary(
                uniqueKeysWithValues: Self.standards.map {
                    ($0.key, ServerParameter(name: $0.key, value: parameters[$0.key] ?? $0.value, defaultValue: $0.value))
                })
        }
        memory.complete(&sight, situation, at: now)
        return sight
    }

    mutating func write(_ change: AzureChange, _ sight: AzureSight, _ situation: Situation) -> AzureSight {
        var sight = sight
        let operation = AzureOperation(kind: .status, url: "https://management.azure.com/operation", pause: .seconds(1))
        func error(_ cause: AzureError.Cause) -> AzureError { AzureError(cause, call: "PUT /server") }
        if change == .delete, server == nil {
            memory.accepted(change, nil, generation: situation.generation, at: now)
        } else if running != nil || mood == .busy {
            memory.refused(change, error(.status(409, code: "ServerIsBusy", message: "busy")), generation: situation.generation, at: now)
        } else if refused.contains(change.kind) {
            memory.refused(change, error(.status(400, code: "Invalid", message: "no")), generation: situation.generation, at: now)
            memory.complete(&sight, situation, at: now)
            return sight
        } else if mood == .unavailable {
            memory.refused(change, error(.status(503, code: "Down", message: "down")), generation: situation.generation, at: now)
        } else {
            begin(change, sight.id)
            if mood == .answerLost {
                memory.refused(change, error(.transport("cut")), generation: situation.generation, at: now)
            } else {
                memory.accepted(change, operation, generation: situation.generation, at: now)
            }
        }
        memory.complete(&sight, situation, at: now)
        sight.wrote(change, mayBeDone: mood != .busy)
        return sight
    }

    // MARK: What Azure does

    private mutating func begin(_ change: AzureChange, _ id: ServerID) {
        hasFailed = false
        running = (change, mood == .failsLater, server == nil)
        switch change {
        case .create(let new) where server == nil:
            visibleAt = now + lag
            var made = Server(
                id: "\(id)", name: id.name, type: "Microsoft.DBforMySQL/flexibleServers", location: new.location, tags: new.tags)
            (made.sku, made.version, made.storageGB) = (new.sku, new.version, new.storageGB)
            (made.administratorLogin, made.host) = (new.administratorLogin, "\(id.name).mysql.database.azure.com")
            made.state = .starting
            server = made
        case .delete: server?.state = .dropping
        default: server?.state = .updating
        }
    }

    /// What goes on comes to its end.
    mutating func finish() {
        guard let (change, fails, isNew) = running else { return }
        (running, hasFailed) = (nil, fails)
        if fails {
            if change.isCreation, server?.state == .starting {
                (server, rules, parameters) = (nil, [], [:])
            } else {
                server?.state = .ready
            }
            return
        }
        server?.state = .ready
        switch change {
        case .create: creations += isNew ? 1 : 0
        case .delete:
            deletions += 1
            (server, rules, parameters) = (nil, [], [:])
        case .change(let changes):
            if let tags = changes.tags { server?.tags = tags }
            if let sku = changes.sku { server?.sku = sku }
            if let size = changes.storageGB { server?.storageGB = size }
            if let version = changes.version { server?.version = version }
        case .setRule(let rule): rules = rules.filter { $0.name != rule.name } + [rule]
        case .deleteRule(let name): rules.removeAll { $0.name == name }
        case .setParameters(let values): for (name, value) in values { parameters[name] = value }
        }
    }
}

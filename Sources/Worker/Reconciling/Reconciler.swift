import AzureMySQL
import DBMMOMySQLAPI
import JSON
import KubernetesAPI
import KubernetesClient
import Logging

/// Brings one database to what its spec says: makes a plan from what is known, carries it out, and again until nothing is left to do for the moment; then
/// it tells what it has seen.
struct Reconciler: Sendable {
    /// Plans in a row before others have their turn. A database that is made takes four.
    private static let rounds = 12

    /// From one look at a name that is taken to the next: what is not ours is not watched.
    private static let conflictInterval = Duration.seconds(30)

    /// From one try to ask Azure, where others had their turn, to the next.
    private static let lanePause = Duration.seconds(1)

    /// How long a database waits for its turn at Azure until that is told.
    private static let lanePatience = Duration.seconds(30)

    /// From a write to a look whether the watch has told of it.
    private static let watchPatience = Duration.seconds(6)

    let view: ClusterView
    let writer: ObjectWriter
    let desk: AzureDesk
    let lane: AzureLane
    let eventReader: EventReader
    let recorder: EventRecorder
    let metrics: WorkerMetrics
    let logger: Logger
    /// Whether this process leads, by the clock: it may have been stopped for a while.
    let isLeading: @Sendable () -> Bool

    /// Another process works now.
    private struct LeadershipLost: Error {}

    func reconcile(_ key: ObjectKey) async -> WorkQueue<ObjectKey>.Outcome {
        do {
            let outcome = try await work(on: key)
            metrics.count(outcome)
            return outcome
        } catch {
            metrics.count(.failed)
            metrics.countFailure(error)
            if !Task.isCancelled { logger.warning("not reconciled", metadata: ["object": "\(key)", "error": "\(error)"]) }
            return .failed
        }
    }

    private func work(on key: ObjectKey) async throws -> WorkQueue<ObjectKey>.Outcome {
        var memory = Memory()
        defer { if memory.isInLane { lane.leave(key) } }
        var created: [String] = []
        for _ in 0..<Self.rounds {
            guard let situation = try situation(key, memory) else {
                desk.forget(key)
                lane.forget(key)
                eventReader.forget(key)
                return .done
            }
            let plan = Plan(situation, newPassword: Password.random)
            let actions = plan.actions.filter { memory.done.insert("\($0)").inserted }
            guard !actions.isEmpty else {
                if memory.events == nil, try await readEvents(situation, &memory) { continue }
                let isTold = try await tell(plan.status, of: situation, created)
                created = []
                if plan.isCheckpoint, isTold, memory.failure == nil {
                    // What it allows is decided by another look.
                    memory.forgetLook()
                    continue
                }
                if let failure = memory.failure { throw failure }
                if memory.isWaiting { return .again(after: Self.lanePause * .random(in: 0.5...1.5)) }
                return memory.isRacing ? .again(after: .seconds(1)) : outcome(for: situation)
            }
            if let id = actions.lazy.compactMap(\.lookedAt).first, !memory.isInLane {
                if let waited = lane.enter(key, group(of: situation)) {
                    guard waited >= Self.lanePatience else { return .again(after: Self.lanePause * .random(in: 0.5...1.5)) }
                    memory.isWaiting = true
                    memory.sight = .waiting(id, for: waited)
                    continue
                }
                memory.isInLane = true
            }
            for action in actions {
                let didCreate = try await perform(action, situation, &memory)
                if didCreate, case .create(let object) = action { created.append(object.part.title(for: key.name)) }
                if case .removeFinalizer = action, let event = plan.farewell { record(situation, event.type, event.reason, event.note) }
            }
        }
        return .again(after: .seconds(1))
    }

    /// What is known only while one database is worked on.
    private struct Memory {
        var conflicts: Set<Part> = []
        var refusals: [Part: String] = [:]
        var absent: Set<Part> = []
        var sawOrphan = false
        /// Whether something was not, when we looked, as it was known: the watches will tell in a moment.
        var isRacing = false
        var sight: AzureSight?
        /// About what is waited for; nil before they were read.
        var events: [ClusterEvent]?
        /// Whether Azure may be asked.
        var isInLane = false
        /// Whether it may not be asked yet, which is told.
        var isWaiting = false
        /// The first call that the API server answered with a failure of another kind.
        var failure: KubernetesError?
        /// What was done. Each action is done once: when it did not help, the watches will tell more.
        var done: Set<String> = []

        mutating func forgetLook() {
            guard let sight else { return }
            done.remove("\(Plan.Action.look(sight.id))")
            self.sight = nil
        }
    }

    private func situation(_ key: ObjectKey, _ memory: Memory) throws -> Situation? {
        guard let object = view[.databases, key] else { return nil }
        return Situation(
            database: try DBMMOMySQL(try object.json()), owner: Owner(key: key, uid: object.uid), observed: try view.observed(for: key),
            conflicts: memory.conflicts, refusals: memory.refusals, absent: memory.absent, sawOrphan: memory.sawOrphan,
            events: memory.events ?? [],
            sight: memory.sight)
    }

    /// - Returns: Whether there are any, which may tell more.
    private func readEvents(_ situation: Situation, _ memory: inout Memory) async throws -> Bool {
        let key = situation.owner.key
        guard let awaited = ClusterSide(situation).awaited else {
            eventReader.forget(key)
            return false
        }
        let events = await eventReader.events(about: awaited.uid, for: key)
        memory.events = events
        return !events.isEmpty
    }

    private func group(of situation: Situation) -> AzureTurns.Group {
        AzureTurns.Group(
            namespace: situation.owner.key.namespace, endpoint: situation.database.spec.azure.map { AzureAccess($0).resourceManager } ?? "")
    }

    private func outcome(for situation: Situation) -> WorkQueue<ObjectKey>.Outcome {
        if !situation.refusals.isEmpty, situation.sight == nil { return .failed }
        let pauses = [
            situation.conflicts.isEmpty && situation.refusals.isEmpty ? nil : Self.conflictInterval,
            view.isAhead(of: situation.owner.key) ? Self.watchPatience : nil,
            ClusterSide(situation).awaited == nil ? nil : EventReader.interval,
            situation.sight == nil ? nil : desk.pause(for: situation.owner)
        ]
        return pauses.compactMap { $0 }.min().map { .again(after: $0) } ?? .done
    }

    // MARK: Acting

    /// - Returns: Whether an object was created.
    private func perform(_ action: Plan.Action, _ situation: Situation, _ memory: inout Memory) async throws -> Bool {
        guard isLeading() else { throw LeadershipLost() }
        switch action {
        case .look(let id):
            memory.sight = await desk.look(at: id, for: situation)
            return false
        case .azure(let change):
            guard let sight = memory.sight else { return false }
            if case .delete = change, try await !writer.isCurrent(situation) {
                memory.isRacing = true
                return false
            }
            memory.sight = await desk.write(change, sight, for: situation)
            return false
        default: break
        }
        do throws(KubernetesError) {
            switch try await writer.about(situation.owner.key).perform(action, situation) {
            case .done: return false
            case .created: return true
            case .nameTaken(let part): memory.conflicts.insert(part)
            case .absent(let part):
                memory.absent.insert(part)
                if case .create = action { memory.isRacing = true }
            case .stale: memory.isRacing = true
            case .orphaned: memory.sawOrphan = true
            }
        } catch {
            // Nothing else would succeed either.
            guard let status = error.status else { throw error }
            guard let part = action.part, [400, 403, 422].contains(status.code) else {
                memory.failure = memory.failure ?? error
                return false
            }
            // What the API server will not have for what it says is told to the user. It might repeat what it was sent.
            memory.refusals[part] = part == .credentials ? "the API server refuses it (\(status.code))" : status.message
            metrics.countFailure(error)
            logger.warning(
                "the API server refused it", metadata: ["object": "\(situation.owner.key)", "error": "\(error.call): \(status.code)"])
        }
        return false
    }

    // MARK: Telling

    /// - Returns: Whether there was something new to tell.
    private func tell(_ status: DatabaseStatus?, of situation: Situation, _ created: [String]) async throws -> Bool {
        if !created.isEmpty { record(situation, .normal, "Created", created.joined(separator: ", ")) }
        guard let status, let patch = status.patch(for: situation.database.json, at: .now()) else { return false }
        guard isLeading() else { throw LeadershipLost() }
        try await writer.about(situation.owner.key).patchStatus(situation.owner.key, patch)
        for event in StatusEvents.events(from: situation.database.json["status"], to: status) {
            record(situation, event.type, event.reason, event.note)
        }
        return true
    }

    private func record(_ situation: Situation, _ type: EventOccurrence.Kind, _ reason: String, _ note: String) {
        let reference = ObjectReference(
            apiVersion: ServedVersion.v1.groupVersion, kind: ServedVersion.kind, key: situation.owner.key, uid: situation.owner.uid)
        recorder.record(EventOccurrence(regarding: reference, type: type, reason: reason, action: "Reconciling", note: note))
    }
}

extension Plan.Action {
    fileprivate var lookedAt: ServerID? { if case .look(let id) = self { id } else { nil } }

    fileprivate var part: Part? {
        switch self {
        case .create(let object), .apply(let object), .find(let object): object.part
        case .tidy(let part, _, _), .moveOwnership(let part, _, _): part
        case .setProtection(let part, _, _, _): part
        case .growClaim: .claim
        default: nil
        }
    }
}

/// Passwords that are made up: 32 letters and digits, which is 190 bits. Azure wants some of each kind.
enum Password {
    private static let characters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")

    static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        while true {
            let password = String((0..<32).compactMap { _ in characters.randomElement(using: &generator) })
            let kinds: [(Character) -> Bool] = [\.isUppercase, \.isLowercase, \.isNumber]
            if kinds.allSatisfy({ password.contains(where: $0) }) { return password }
        }
    }
}

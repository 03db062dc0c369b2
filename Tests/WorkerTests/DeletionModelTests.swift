import DBMMOMySQLAPI
import Glibc
import JSON
import KubernetesAPI
import TestSupport
import Testing

@testable import Worker

/// A database that is protected, given up, deleted and orphaned at any moment, while the worker's caches lag and its process is killed.
@Suite("the deletion of a database, whatever users, the garbage collector and the process do")
struct DeletionModelTests {
    private static let length = (getenv("DBMMO_MODEL_STEPS").flatMap { Int(String(cString: $0)) } ?? 400) / 4

    @Test("takes nothing that is protected, orphaned or to be retained, and leaves nothing else", arguments: UInt64(1)...40)
    func explores(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for round in 0..<Self.length / 10 {
            var world = try DeletionWorld()
            for _ in 0..<Int.random(in: 1...14, using: &random) { try world.step(&random) }
            try world.calm()
            #expect(world.broken == [], "seed \(seed), round \(round): \(world.history)")
            #expect(world.faultsAtRest == [], "seed \(seed), round \(round): \(world.history)")
            guard world.broken.isEmpty, world.faultsAtRest.isEmpty else { return }
        }
    }
}

private struct DeletionWorld {
    private(set) var cluster: ModelCluster
    private var known: ModelCluster?
    private(set) var history: [String] = []
    private(set) var broken: [String] = []
    private var isDeleted = false
    /// Whether `--cascade=orphan` was asked for.
    private var isOrphaning = false
    private var isDeletedByHand: Set<Part> = []
    /// What the process has deleted, which was right at that time.
    private var isTaken: Set<Part> = []
    /// Whether the database was protected or to be retained when its object went.
    private var end: (isRetained: Bool, parts: Set<Part>)?

    init() throws {
        cluster = try .running()
    }

    private var isProtected: Bool { cluster.spec["deletionProtection"]?.text == "true" }
    private var isRetained: Bool { cluster.spec["deletionPolicy"]?.text == #""Retain""# }
    private var isGone: Bool { isDeleted && cluster.finalizers.isEmpty }

    // MARK: Steps

    mutating func step(_ random: inout SeededGenerator) throws {
        switch Int.random(in: 0..<16, using: &random) {
        case 0..<5:
            let isLate = random.oneIn(2)
            let lag = isLate ? SeededGenerator(seed: .random(in: .min ... .max, using: &random)) : nil
            var other = random
            note("reconcile\(isLate ? " with old caches" : "")")
            try reconcile(limit: random.oneIn(3) ? Int.random(in: 0...3, using: &random) : .max, lag: lag) { world in
                if other.oneIn(4) { world.edit(&other) }
            }
        case 5:
            note("killed")
            known = nil
        case 6, 7: collect(&random)
        case 8: runKubelet()
        default: edit(&random)
        }
    }

    /// What users do.
    private mutating func edit(_ random: inout SeededGenerator) {
        guard !isGone else { return }
        switch Int.random(in: 0..<8, using: &random) {
        case 0, 1:
            let value = random.oneIn(2)
            note("deletionProtection \(value)")
            change("deletionProtection", .boolean(value))
        case 2:
            let value = random.pick(DeletionPolicy.allCases)
            note("deletionPolicy \(value)")
            change("deletionPolicy", .string(value.rawValue))
        case 3:
            guard !isDeleted else { return }
            // The webhook refuses it for one that is protected, when it is there.
            guard !isProtected || random.oneIn(5) else { return }
            isOrphaning = random.oneIn(2)
            isDeleted = true
            note(isOrphaning ? "delete --cascade=orphan" : "delete")
            cluster.metadata.put("2026-11-25T12:00:00Z", at: ["deletionTimestamp"])
            if isOrphaning { cluster.finalizers.append("orphan") }
            cluster.generation += 1
        case 4:
            let part = random.pick([Part.claim, .credentials])
            guard random.oneIn(3), cluster.objects[part] != nil else { return }
            note("delete \(part)")
            isDeletedByHand.insert(part)
            cluster.delete(part)
        case 5:
            guard isOrphaning, random.oneIn(2) else { return }
            let part = random.pick([Part.statefulSet, .clientService, .podService, .configuration])
            note("delete \(part)")
            isDeletedByHand.insert(part)
            cluster.delete(part)
        default: break
        }
    }

    private mutating func change(_ name: String, _ value: JSONTree) {
        cluster.change([name], value)
        cluster.generation += 1
    }

    /// The garbage collector takes references away, one at a time, and then its finalizer.
    private mutating func collect(_ random: inout SeededGenerator) {
        guard cluster.finalizers.contains("orphan") else { return }
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            guard let part = Part.allCases.first(where: { cluster.objects[$0]?["metadata"]?["ownerReferences"] != nil }) else {
                note("orphaned")
                cluster.finalizers.removeAll { $0 == "orphan" }
                return
            }
            cluster.objects[part]?.mergePatch(["metadata": ["ownerReferences": .null]])
        }
    }

    private mutating func runKubelet() {
        if cluster.objects[.claim] != nil { cluster.bindClaim("20Gi") }
        if cluster.objects[.statefulSet] != nil { cluster.run() } else if !isOrphaning { (cluster.pods, cluster.endpoints) = ([], nil) }
    }

    private mutating func note(_ text: String) { history.append(text) }

    // MARK: The process

    @discardableResult
    private mutating func reconcile(
        limit: Int, lag: SeededGenerator?, interrupt: (inout DeletionWorld) -> Void = { _ in }
    ) throws -> Int {
        var view = cluster
        if var lag, let known { view = cluster.seen(since: known, &lag) }
        (view.absent, view.sawOrphan) = ([], false)
        defer { known = cluster }
        var (writes, done) = (0, Set<String>())
        for _ in 0..<12 {
            if isGone { return writes }
            let object = try view.object.value
            let plan = try view.plan
            interrupt(&self)
            let actions = plan.actions.filter { done.insert("\($0)").inserted }
            for action in actions {
                if writes == limit { return writes }
                // To look once more is no write.
                if !"\(action)".hasPrefix("find ") { writes += 1 }
                let before = self
                let isDone = try view.perform(action, on: &cluster)
                if isDone, let fault = before.fault(of: action) { broken.append(fault) }
                if isDone { history.append("  \(action)") }
                for part in DataProtection.parts where before.cluster.objects[part] != nil && cluster.objects[part] == nil {
                    isTaken.insert(part)
                }
                if isGone, end == nil { end = (isRetained, Set(cluster.objects.keys)) }
            }
            guard actions.isEmpty else { continue }
            guard writes < limit, let patch = plan.status?.patch(for: object, at: Timestamp(seconds: 1_000_000)),
                view.resourceVersion == cluster.resourceVersion
            else { return writes }
            writes += 1
            cluster.status.mergePatch(patch["status"] ?? .emptyObject)
            view.takeDatabase(of: cluster)
            guard plan.isCheckpoint else { return writes }
        }
        return writes
    }

    /// What is wrong with something that the process has just done.
    private func fault(of action: Plan.Action) -> String? {
        let part: Part
        switch action {
        case .delete(.claim, _, _): part = .claim
        case .delete(.credentials, _, _): part = .credentials
        case .setProtection(let released, _, false, _):
            // To let go of what stays is no harm.
            guard isProtected, !isOrphaning else { return nil }
            return "\(released) is released while the database is protected"
        case .delete(let other, _, false):
            return isOrphaning
                ? "\(other) is deleted, and was to be orphaned" : isDeleted && isProtected ? "\(other) of a protected database" : nil
        default: return nil
        }
        if isOrphaning { return "\(part) is deleted, and was to be orphaned" }
        if isProtected { return "\(part) is deleted while the database is protected" }
        if isRetained { return "\(part) is deleted, and was to be retained" }
        return isDeleted ? nil : "\(part) of a database that nobody has deleted"
    }

    // MARK: Rest

    mutating func calm() throws {
        var random = SeededGenerator(seed: 1)
        var quiet = 0
        for _ in 0..<40 {
            collect(&random)
            runKubelet()
            quiet = try reconcile(limit: .max, lag: nil) == 0 ? quiet + 1 : 0
            if quiet == 3 { return }
        }
        broken.append("it does not come to rest")
    }

    /// What is wrong with a world at rest.
    var faultsAtRest: [String] {
        var faults: [String] = []
        func demand(_ holds: Bool, _ fault: String) { if !holds { faults.append(fault) } }
        for part in DataProtection.parts {
            let object = cluster.objects[part]
            let isOn = object?["metadata"]?["finalizers"]?.text.contains(DataProtection.finalizer) == true
            let isDeleting = object?["metadata"]?["deletionTimestamp"] != nil
            let isWanted = isProtected && !isGone
            if object != nil, !isDeleting { demand(isOn == isWanted || isDeleted, "\(part) has a finalizer: \(isOn)") }
            if isGone { demand(!isOn, "a finalizer of ours is left on \(part)") }
        }
        guard isDeleted else { return faults }
        guard isOrphaning || !isProtected else { return faults }
        demand(isGone, "the object is left: \(cluster.finalizers)")
        guard let end else { return faults }
        if isOrphaning {
            let expected = Set([Part.credentials, .configuration, .claim, .podService, .clientService, .statefulSet]).subtracting(
                isDeletedByHand)
            demand(end.parts.isSuperset(of: expected), "orphaned, and left are \(end.parts.sorted())")
        } else if end.isRetained {
            let gone = isDeletedByHand.union(isTaken)
            demand(end.parts.subtracting(gone) == DataProtection.parts.subtracting(gone), "retained, and left are \(end.parts.sorted())")
        } else {
            demand(end.parts.isEmpty, "left are \(end.parts.sorted())")
        }
        return faults
    }
}

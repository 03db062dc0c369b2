import AzureMySQL
import DBMMOMySQLAPI
import FoundationEssentials
import JSON
import KubernetesAPI
import KubernetesClient
import Testing

@testable import Worker

/// A database and what was made for it, as an API server would hold it, so far as plans depend on it. Plans are carried out on it at once.
struct ModelCluster {
    static let uid = "3f6c1d62-0000-4000-8000-000000000001"

    var spec: JSONTree
    var metadata: JSONTree = .emptyObject
    var status: JSONTree = .emptyObject
    var finalizers: [String] = []
    var objects: [Part: JSONTree] = [:]
    var pods: [JSONTree] = []
    var generation: Int64 = 3
    var endpoints: JSONTree?
    var conflicts: Set<Part> = []
    var refusals: [Part: String] = [:]
    var absent: Set<Part> = []
    var sawOrphan = false
    var sight: AzureSight?
    var azure = ModelAzure()
    private(set) var changes = 0

    /// - Parameter spec: What is added to a usual spec.
    init(_ spec: JSONTree = .emptyObject) {
        var all = spec
        all.merge(["deploymentType": "OnCluster", "version": "8.4", "replicas": 1, "onCluster": ["storage": ["capacity": "20Gi"]]])
        self.spec = all
    }

    // MARK: Plans

    /// The DBMMOMySQL.
    var object: JSONTree {
        var metadata: JSONTree = [
            "name": "orders", "namespace": "shop", "uid": .string(Self.uid), "generation": .integer(generation),
            "finalizers": .array(finalizers.map { .string($0) })
        ]
        metadata.merge(self.metadata)
        // It differs whenever anything does.
        metadata.insert(.string(ContentHash.text(of: ["metadata": metadata, "spec": spec, "status": status])), at: ["resourceVersion"])
        return ["apiVersion": "cache.my.domain/v1", "kind": "DBMMOMySQL", "metadata": metadata, "spec": spec, "status": status]
    }

    var resourceVersion: String {
        if case .string(let text)? = object["metadata"]?["resourceVersion"] { text } else { "" }
    }

    var situation: Situation {
        get throws {
            let owner = Owner(key: ObjectKey(namespace: "shop", name: "orders"), uid: Self.uid)
            let observed = Observed(
                objects: try objects.mapValues { try $0.value }, pods: try pods.map { try $0.value }, endpoints: try endpoints?.value)
            return Situation(
                database: try DBMMOMySQL(try object.value), owner: owner, observed: observed, conflicts: conflicts,
                refusals: refusals, absent: absent, sawOrphan: sawOrphan, sight: sight)
        }
    }

    var plan: Plan { get throws { Plan(try situation) { "made-up" } } }

    /// Short names of what a plan would do.
    var actions: [String] { get throws { try plan.actions.map(\.description) } }

    func condition(_ kind: Condition.Kind) throws -> String {
        let condition = try #require(try plan.status?.condition(kind))
        return "\(condition.status) \(condition.reason.rawValue)"
    }

    /// Carries plans out until one has nothing to do.
    ///
    /// - Parameter limit: The process ends after so many actions.
    /// - Returns: All that was done.
    @discardableResult
    mutating func settle(rounds: Int = 20, stoppingAfter limit: Int = .max) throws -> [String] {
        var done: [String] = []
        for _ in 0..<rounds {
            let plan = try plan
            let actions = plan.actions
            if actions.isEmpty {
                guard plan.isCheckpoint, let patch = plan.status?.patch(for: try object.value, at: Timestamp(seconds: 1_000_000)) else {
                    return done
                }
                status.mergePatch(patch["status"] ?? .emptyObject)
                continue
            }
            for action in actions {
                if done.count == limit { return done }
                done.append("\(action)")
                try perform(action)
            }
        }
        Issue.record("no end after \(rounds) plans: \(done)")
        return done
    }

    mutating func perform(_ action: Plan.Action) throws {
        changes += 1
        switch action {
        case .addFinalizer: finalizers.append(Situation.finalizer)
        case .removeFinalizer: finalizers.removeAll { $0 == Situation.finalizer }
        case .create(let object):
            var created = object.created
            created.insert(.string("uid-\(object.part)-\(changes)"), at: ["metadata", "uid"])
            if let data = created["stringData"]?[Settings.passwordKey], case .string(let text) = data {
                created.put(.string("\(changes)"), at: ["metadata", "resourceVersion"])
                created.put([Settings.passwordKey: .string(Data(text.utf8).base64EncodedString())], at: ["data"])
            }
            objects[object.part] = created
        case .apply(let object):
            var applied = object.applied
            if let old = objects[object.part] { applied.merge(old) }
            objects[object.part] = applied
        case .tidy(let part, let changes, _):
            for change in changes { try tidy(part, change) }
        case .moveOwnership(let part, let changes, _):
            for change in changes { set(part, ["metadata", "managedFields"], change["value"] ?? .null) }
        case .growClaim(let capacity): set(.claim, ["spec", "resources", "requests", "storage"], .string(capacity))
        case .delete(let part, _, _): delete(part)
        case .setProtection(let part, let change, _, _):
            objects[part]?.mergePatch(["metadata": change])
            if objects[part]?["metadata"]?["deletionTimestamp"] != nil { delete(part) }
        case .deletePod(let name, _): pods.removeAll { $0["metadata"]?["name"]?.text == "\"\(name)\"" }
        case .find(let object): absent.insert(object.part)
        case .deleteStray(let part): absent.insert(part)
        case .noteManaged(let names): metadata.put(.string(names.text), at: ["annotations", ManagedNames.annotation])
        case .look(let id): sight = azure.look(id, try situation)
        case .azure(let change):
            guard let old = sight else { return }
            sight = azure.write(change, old, try situation)
        }
    }

    /// Somebody deletes an object: it goes when no finalizer is on it.
    mutating func delete(_ part: Part) {
        if case .array(let finalizers)? = objects[part]?["metadata"]?["finalizers"], !finalizers.isEmpty {
            set(part, ["metadata", "deletionTimestamp"], "2026-11-25T12:00:00Z")
        } else {
            objects[part] = nil
        }
    }

    /// The one JSON patch that plans make without drift.
    private mutating func tidy(_ part: Part, _ change: JSONTree) throws {
        guard change["path"]?.text == #""/spec""#, let spec = change["value"] else {
            Issue.record("the model knows no such JSON patch: \(change.text)")
            return
        }
        objects[part]?.put(spec, at: ["spec"])
    }

    // MARK: What caches make of it

    /// What a process sees whose watches have not told of all that others did since: each piece is as it is, or as it was.
    func seen<Random: RandomNumberGenerator>(since old: ModelCluster, _ random: inout Random) -> ModelCluster {
        var view = self
        if Int.random(in: 0..<3, using: &random) == 0 { view.takeDatabase(of: old) }
        for part in Part.allCases where Bool.random(using: &random) { view.objects[part] = old.objects[part] }
        if Bool.random(using: &random) { view.pods = old.pods }
        if Bool.random(using: &random) { view.endpoints = old.endpoints }
        return view
    }

    mutating func takeDatabase(of other: ModelCluster) {
        (spec, metadata, status) = (other.spec, other.metadata, other.status)
        (finalizers, generation) = (other.finalizers, other.generation)
    }

    /// Carries an action of this view's plan out on the cluster that it is a view of, as ``ObjectWriter`` does it, and takes the answer over.
    ///
    /// - Returns: Whether it was done.
    mutating func perform(_ action: Plan.Action, on truth: inout ModelCluster) throws -> Bool {
        let check = LiveCheck(situation: try situation)
        let isCurrent = check.isCurrent((Self.uid, truth.resourceVersion))
        switch action {
        case .look:
            azure = truth.azure
            try perform(action)
            truth.azure = azure
            return true
        case .azure(let change):
            if case .delete = change, !isCurrent { return false }
            azure = truth.azure
            try perform(action)
            truth.azure = azure
            return true
        case .find(let object):
            if truth.objects[object.part] == nil { absent.insert(object.part) } else { objects[object.part] = truth.objects[object.part] }
            return true
        case .addFinalizer, .removeFinalizer, .noteManaged:
            guard isCurrent else { return false }
            try truth.perform(action)
            takeDatabase(of: truth)
            return true
        case .create(let object):
            if truth.objects[object.part] == nil { try truth.perform(action) }
        case .apply(let object):
            guard let uid = objects[object.part]?["metadata"]?["uid"]?.text, truth.objects[object.part]?["metadata"]?["uid"]?.text == uid
            else {
                return false
            }
            try truth.perform(action)
        case .tidy(let part, _, _), .moveOwnership(let part, _, _):
            guard objects[part]?.text == truth.objects[part]?.text else { return false }
            try truth.perform(action)
        case .setProtection(let part, _, let isProtected, _):
            guard isProtected || isCurrent, objects[part]?.text == truth.objects[part]?.text else { return false }
            try truth.perform(action)
        case .growClaim:
            try truth.perform(action)
        case .delete(let part, let uid, let orphaning):
            let live = try truth.objects[part]?.value
            if orphaning {
                guard live?["metadata"]?["uid"]?.string == uid else { return false }
                try truth.perform(action)
                break
            }
            guard isCurrent else { return false }
            switch check.verdict(on: part, live, uid: uid) {
            case .proceed: try truth.perform(action)
            case .orphaned: sawOrphan = true
            case .gone, .stale: return false
            }
        case .deleteStray(let part):
            guard isCurrent else { return false }
            if truth.objects[part] != nil { return false }
            absent.insert(part)
        case .deletePod(_, let uid):
            guard check.mayReplacePods(isCurrent: isCurrent, try truth.objects[.statefulSet]?.value) else { return false }
            guard truth.pods.contains(where: { $0["metadata"]?["uid"]?.text == JSONTree.string(uid).text }) else { return false }
            try truth.perform(action)
        }
        (objects, pods, endpoints) = (truth.objects, truth.pods, truth.endpoints)
        return true
    }

    // MARK: What others do

    /// Puts a value in a part in place of what is there.
    mutating func set(_ part: Part, _ path: [String], _ value: JSONTree) {
        objects[part]?.put(value, at: path)
    }

    mutating func bindClaim(_ capacity: String) {
        set(.claim, ["status"], ["phase": "Bound", "capacity": ["storage": .string(capacity)]])
    }

    /// The StatefulSet's controller and a kubelet have done their part: a pod runs from the template as it is.
    mutating func run(ready: Bool = true) {
        guard let statefulSet = objects[.statefulSet], let template = statefulSet["spec"]?["template"] else { return }
        let revision = ContentHash.text(of: template)
        set(.statefulSet, ["status"], ["readyReplicas": ready ? 1 : 0, "updateRevision": .string(revision)])
        var pod: JSONTree = [
            "metadata": [
                "name": "orders-0", "uid": .string("uid-pod-\(revision)"), "labels": ["controller-revision-hash": .string(revision)]
            ],
            "status": ["conditions": [["type": "Ready", "status": ready ? "True" : "False"]]]
        ]
        pod.merge(template)
        pods = [pod]
        endpoints = ready ? ["subsets": [["addresses": [["ip": "10.0.0.1"]]]]] : ["subsets": []]
    }

    /// The controller has seen a new template.
    mutating func noteTemplate() {
        guard let template = objects[.statefulSet]?["spec"]?["template"] else { return }
        set(.statefulSet, ["status", "updateRevision"], .string(ContentHash.text(of: template)))
    }

    /// A database that serves clients.
    static func running(_ spec: JSONTree = .emptyObject) throws -> ModelCluster {
        var cluster = ModelCluster(spec)
        try cluster.settle()
        cluster.bindClaim("20Gi")
        cluster.run()
        return cluster
    }

    mutating func change(_ path: [String], _ value: JSONTree) {
        spec.put(value, at: path)
    }
}

extension JSONTree {
    var value: JSONValue { get throws { try JSONDocument(parsing: text).root } }

    /// Puts a value in place of what is there.
    mutating func put(_ value: JSONTree, at path: [String]) {
        if !insert(value, at: path) { update(at: path[...]) { $0 = value } }
    }

    /// RFC 7386
    mutating func mergePatch(_ patch: JSONTree) {
        guard case .object(let changes) = patch else {
            self = patch
            return
        }
        var members: [Member] = []
        if case .object(let old) = self { members = old }
        for change in changes {
            let place = members.firstIndex { $0.name == change.name }
            if case .null = change.value {
                if let place { members.remove(at: place) }
                continue
            }
            var value = place.map { members[$0].value } ?? .emptyObject
            value.mergePatch(change.value)
            if let place {
                members[place] = Member(name: change.name, value: value)
            } else {
                members.append(Member(name: change.name, value: value))
            }
        }
        self = .object(members)
    }
}

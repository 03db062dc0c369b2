import JSON
import KubernetesAPI
import KubernetesClient
import NIOCore

/// What the status of a DBMMOMySQL is to say.
struct DatabaseStatus: Sendable, Equatable {
    enum Phase: String, Sendable, CaseIterable {
        case pending = "Pending"
        case provisioning = "Provisioning"
        case ready = "Ready"
        case updating = "Updating"
        case migrating = "Migrating"
        case stopped = "Stopped"
        case degraded = "Degraded"
        case deleting = "Deleting"
    }

    struct Endpoint: Sendable, Equatable {
        let host: String
        let secretName: String
    }

    var generation: Int64
    var phase: Phase
    /// The version of MySQL that runs, or ran last.
    var version: String?
    var conditions: [Condition]
    var endpoint: Endpoint?
    var pods: [String] = []
    var services: [String] = []
    var claims: [String] = []
    /// What the volume has.
    var capacity: String?
    /// Nil when nothing was ever on Azure.
    var azure: AzureStatus?
    var migration: MigrationRecord?

    func condition(_ kind: Condition.Kind) -> Condition? { conditions.first { $0.kind == kind } }
}

extension DatabaseStatus {
    /// What turns the object's status into this one (RFC 7386); nil when it is so already.
    ///
    /// It holds the resourceVersion, so that it changes the object that was looked at and no later one: a step of a migration that it tells of is
    /// decided about the spec that is there. What others tell of (conditions of other types) stays.
    func patch(for object: JSONValue, at now: Timestamp) -> JSONTree? {
        let old = object["status"]
        let members: [JSONTree.Member] =
            [
                .init(name: "observedGeneration", value: .integer(generation)), .init(name: "phase", value: .string(phase.rawValue)),
                .init(name: "version", value: version.map { .string($0) } ?? .null),
                .init(name: "conditions", value: .array(conditions(after: old?["conditions"], at: now))),
                .init(name: "endpoint", value: endpointTree),
                .init(name: "onCluster", value: onCluster(after: old?["onCluster"])),
                .init(name: "migration", value: migration?.tree(at: now) ?? .null)
            ] + (azure.map { [.init(name: "azure", value: $0.tree(after: old?["azure"]))] } ?? [])
        let changes = members.filter { !Self.isSame($0.value, old?[$0.name]) }
        guard !changes.isEmpty else { return nil }
        let version = object["metadata"]?["resourceVersion"].map { JSONTree.verbatim($0) }
        return ["metadata": ["resourceVersion": version], "status": .object(changes)]
    }

    private static func isSame(_ new: JSONTree, _ old: JSONValue?) -> Bool {
        guard let old, !old.isNull else { return if case .null = new { true } else { false } }
        return (try? JSONDocument(parsing: new.text).root.isEquivalent(to: old)) ?? false
    }

    private func conditions(after old: JSONValue?, at now: Timestamp) -> [JSONTree] {
        let before = old?.elements ?? []
        let ours = conditions.map { condition -> JSONTree in
            let known = before.first { $0["type"]?.string == condition.kind.rawValue }
            let isSameStatus = known?["status"]?.string == condition.status
            let since = (isSameStatus ? known?["lastTransitionTime"]?.string : nil) ?? now.text
            return [
                "type": .string(condition.kind.rawValue), "status": .string(condition.status),
                "observedGeneration": .integer(generation), "lastTransitionTime": .string(since),
                "reason": .string(condition.reason.rawValue), "message": .string(condition.message)
            ]
        }
        let others = before.filter { other in !conditions.contains { $0.kind.rawValue == other["type"]?.string } }
        return ours + others.map { .verbatim($0) }
    }

    private var endpointTree: JSONTree {
        guard let endpoint else { return .null }
        return ["host": .string(endpoint.host), "port": .integer(DesiredObjects.port), "secretName": .string(endpoint.secretName)]
    }

    private func onCluster(after old: JSONValue?) -> JSONTree {
        func list(_ names: [String]) -> JSONTree { .array(names.map { .string($0) }) }
        var tree: JSONTree = ["pods": list(pods), "services": list(services), "persistentVolumeClaims": list(claims)]
        if let capacity { tree.insert(.string(capacity), at: ["capacity"]) }
        // A merge patch leaves what it does not name.
        if capacity == nil, old?["capacity"] != nil { tree.insert(.null, at: ["capacity"]) }
        return tree
    }
}

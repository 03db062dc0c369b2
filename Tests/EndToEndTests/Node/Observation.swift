import FoundationEssentials
import Glibc
import JSON
import TestSupport
import Testing

// What tests on a node see of a database besides the API.
extension OrdersDatabase {
    // MARK: The pod

    func restartCount() async throws -> Int64? { try await container()?["restartCount"]?.integer }

    /// What the kubelet tells of all containers, of those that set up the database first.
    private func allContainers() async throws -> [JSONValue] {
        let status = try await get("pod", "orders-0")?["status"]
        return ["initContainerStatuses", "containerStatuses"].flatMap { status?[$0]?.elements ?? [] }
    }

    /// Why a container waits, other than for another one; nil when none does.
    func waitingReason() async throws -> String? {
        try await allContainers().compactMap { $0[path: ["state", "waiting", "reason"]]?.string }.first { $0 != "PodInitializing" }
    }

    /// Why a container has ended that should not have; nil when none has.
    func endReason() async throws -> String? {
        try await allContainers().flatMap { container in
            ["state", "lastState"].compactMap { container[path: [$0, "terminated", "reason"]]?.string }
        }.first { $0 != "Completed" }
    }

    func isPodTerminating() async throws -> Bool { try await get("pod", "orders-0")?[path: ["metadata", "deletionTimestamp"]] != nil }

    /// The events of the namespace, as text.
    func events() async throws -> String { try await demandKubectl(["get", "events", "-o", "custom-columns=:.reason,:.message"]) }

    /// Waits until the container has been started again, and the database is ready.
    func isReady(afterRestarts count: Int64, within limit: Duration = .seconds(120)) async throws {
        try await poll("it is ready after \(count) restarts", for: limit, every: .milliseconds(200)) {
            guard let container = try await container(), container["ready"]?.boolean == true else { return false }
            guard container["restartCount"]?.integer == count else { return false }
            return try await condition("Ready") == "True Ready"
        }
    }

    // MARK: What is told

    /// Whether a condition of that status says one of the words, in its reason or its message.
    ///
    /// - Parameter type: Of the condition; nil is any.
    func tells(_ status: String, _ words: [String], as type: String? = "Degraded") async throws -> Bool {
        (try await self.status()?["conditions"]?.elements ?? []).contains { condition in
            guard type == nil || condition["type"]?.string == type, condition["status"]?.string == status else { return false }
            let text = "\(condition["reason"]?.string ?? "") \(condition["message"]?.string ?? "")".lowercased()
            return words.contains { text.contains($0.lowercased()) }
        }
    }

    /// All conditions, as text.
    func conditions() async throws -> String {
        (try await status()?["conditions"]?.elements ?? []).map { condition in
            ["type", "status", "reason", "message"].map { condition[$0]?.string ?? "" }.joined(separator: " ")
        }.joined(separator: "; ")
    }

    // MARK: The volume

    /// Where the volume of the database is on the node. Waits until it is there.
    func volume() async throws -> String {
        var name: String?
        try await poll("the claim has a volume", every: .milliseconds(50)) {
            name = try await get("pvc", "data-orders-0")?["spec"]?["volumeName"]?.string
            return name != nil
        }
        let volume = try json(try await controlPlane.demandKubectl(["get", "pv", try #require(name), "-o", "json"]))
        return try #require(volume[path: ["spec", "local", "path"]]?.string)
    }

    // MARK: Rows

    /// Writes a row besides those that are there.
    func addRow(_ value: Int) async throws { try await writeRow(value) }

    /// Waits until a row can be read that ``addRow(_:)`` has written.
    func keepsRow(_ value: Int, within limit: Duration = .seconds(20)) async throws {
        try await poll("the row is read", for: limit, every: .milliseconds(200)) {
            try await query("SELECT COUNT(*) FROM shop.t WHERE v = \(value)").lines == ["1"]
        }
    }

    /// Whether root can sign in through the Service with the password of the Secret.
    func letsRootIn() async throws -> Bool { try await query("SELECT 1").lines == ["1"] }
}

/// A folder of the node and those below it, without following links.
enum Files {
    /// Whether there is an entry of that name in the folder or at most two levels below it.
    static func contain(_ name: String, in folder: String, levels: Int = 2) -> Bool {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        if names.contains(name) { return true }
        return levels > 0 && names.contains { contain(name, in: "\(folder)/\($0)", levels: levels - 1) }
    }

    /// Waits until there is an entry of that name.
    static func wait(for name: String, in folder: String) async throws {
        try await poll("there is \(name) in \(folder)", for: .seconds(40), every: .milliseconds(2)) { contain(name, in: folder) }
    }
}

import JSON
import TestSupport
import Testing

/// A DBMMOMySQL called `orders` in a namespace of its own, and who plays kubelet for it.
struct Database {
    static let uidAnnotation = "cache.my.domain/owner-uid"

    let cluster: Cluster
    let space: Namespace

    /// - Parameter spec: Members of the spec.
    static func create(_ spec: String = "") async throws -> Database {
        let cluster = try Cluster.current
        let database = Database(cluster: cluster, space: try await cluster.namespace())
        try await database.apply(spec)
        return database
    }

    func apply(_ spec: String) async throws {
        try await space.demandApply(
            #"{"apiVersion":"cache.my.domain/v1","kind":"DBMMOMySQL","metadata":{"name":"orders"},"spec":{\#(spec)}}"#)
    }

    // MARK: Looking

    func get(_ kind: String, _ name: String) async throws -> JSONValue? {
        let text = try await space.demandKubectl(["get", kind, name, "--ignore-not-found", "-o", "json"])
        return text.isEmpty ? nil : try json(text)
    }

    func status() async throws -> JSONValue? { try await get("dbmmo", "orders")?["status"] }

    /// `True Ready`, or the like.
    func condition(_ type: String) async throws -> String? {
        let condition = try await status()?["conditions"]?.elements.first { $0["type"]?.string == type }
        return condition.map { "\($0["status"]?.string ?? "") \($0["reason"]?.string ?? "")" }
    }

    /// Everything in the namespace that carries our label, as `kind/name`.
    func objects() async throws -> Set<String> {
        let kinds = "secret,configmap,persistentvolumeclaim,service,endpoints,statefulset,ingress,pod"
        let text = try await space.demandKubectl(["get", kinds, "-l", "app.kubernetes.io/managed-by=dbmmo", "-o", "name"])
        return Set(text.split(separator: "\n").map(String.init))
    }

    // MARK: Playing kubelet

    /// A volume that fits the claim. The controllers bind it.
    func provideVolume(_ capacity: String, className: String = "") async throws {
        let volume = """
            {"apiVersion":"v1","kind":"PersistentVolume","metadata":{"name":"\(space.name)"},"spec":{"capacity":{"storage":"\(capacity)"},\
            "accessModes":["ReadWriteOnce"],"storageClassName":"\(className)","hostPath":{"path":"/nowhere"},\
            "claimRef":{"namespace":"\(space.name)","name":"data-orders-0"}}}
            """
        try await cluster.demandKubectl(["create", "-f", "-"], input: volume)
        try await poll("the claim is bound") { try await get("pvc", "data-orders-0")?["status"]?["phase"]?.string == "Bound" }
    }

    /// Has the pod be ready on a node of its own.
    ///
    /// - Returns: Its uid.
    @discardableResult
    func runPod() async throws -> String {
        try await poll("there is a pod") { try await get("pod", "orders-0") != nil }
        let node = #"{"apiVersion":"v1","kind":"Node","metadata":{"name":"\#(space.name)"}}"#
        try await cluster.demandKubectl(["apply", "-f", "-"], input: node)
        let binding = """
            {"apiVersion":"v1","kind":"Binding","metadata":{"name":"orders-0"},\
            "target":{"apiVersion":"v1","kind":"Node","name":"\(space.name)"}}
            """
        let path = "/api/v1/namespaces/\(space.name)/pods/orders-0"
        try await cluster.demandKubectl(["create", "--raw", "\(path)/binding", "-f", "-"], input: binding)
        try await patchStatus(
            "pods/orders-0",
            """
            {"status":{"phase":"Running","podIP":"10.1.2.3","podIPs":[{"ip":"10.1.2.3"}],\
            "conditions":[{"type":"Ready","status":"True"}]}}
            """)
        return try #require(try await get("pod", "orders-0")?["metadata"]?["uid"]?.string)
    }

    /// Waits until the pod is to end, and has it end.
    func endPod(_ uid: String) async throws {
        try await poll("the pod is to end") {
            let metadata = try await get("pod", "orders-0")?["metadata"]
            return metadata?["uid"]?.string != uid || metadata?["deletionTimestamp"] != nil
        }
        try await space.demandKubectl(["delete", "pod", "orders-0", "--grace-period=0", "--force", "--ignore-not-found"])
    }

    func patchStatus(_ path: String, _ patch: String) async throws {
        let url = cluster.apiURL("/api/v1/namespaces/\(space.name)/\(path)/status")
        try await Tool.demand(
            "curl",
            cluster.curlAccess + ["--fail", "-X", "PATCH", "-H", "Content-Type: application/merge-patch+json", "--data", patch, url])
    }

    /// Deletes it, with what a kubelet does about its pod.
    func delete() async throws {
        try await space.demandKubectl(["delete", "dbmmo", "orders", "--wait=false"])
        if let uid = try await get("pod", "orders-0")?["metadata"]?["uid"]?.string { try await endPod(uid) }
        try await poll("it is gone") { try await get("dbmmo", "orders") == nil }
    }

    /// A database that serves clients.
    static func running(_ spec: String = "") async throws -> Database {
        let database = try await create(spec)
        try await poll("the claim is there") { try await database.get("pvc", "data-orders-0") != nil }
        try await database.provideVolume("20Gi")
        try await database.runPod()
        try await poll("it is ready") { try await database.condition("Ready") == "True Ready" }
        return database
    }
}

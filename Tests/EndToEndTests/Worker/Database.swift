import JSON
import TestSupport
import Testing

/// A DBMMOMySQL called `orders` in a namespace of its own.
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

    // MARK: Living

    /// A database that serves clients.
    static func running(_ spec: String = "") async throws -> Database {
        let database = try await create(spec)
        try await database.isReady()
        return database
    }

    /// Waits until it serves clients.
    ///
    /// - Parameter old: The uid of a pod that is not meant: another one has to have taken its place.
    func isReady(inPodOtherThan old: String? = nil, within limit: Duration = .seconds(120)) async throws {
        try await poll("it is ready", for: limit, every: .milliseconds(200)) {
            let (uid, condition) = (try await pod(), try await condition("Ready"))
            return uid != nil && uid != old && condition == "True Ready"
        }
    }

    /// Waits for a condition, written as `True Ready`.
    func expect(_ type: String, _ expected: String, within limit: Duration = .seconds(20)) async throws {
        try await poll("\(type) is \(expected)", for: limit, every: .milliseconds(100)) { try await condition(type) == expected }
    }

    /// The uid of the pod; nil when there is none.
    func pod() async throws -> String? { try await get("pod", "orders-0")?["metadata"]?["uid"]?.string }

    /// What the kubelet tells of the container in which MySQL runs.
    func container() async throws -> JSONValue? { try await get("pod", "orders-0")?[path: ["status", "containerStatuses"]]?.elements.first }

    /// Deletes it, and waits until it is gone.
    func delete(within limit: Duration = .seconds(60)) async throws {
        try await space.demandKubectl(["delete", "dbmmo", "orders", "--wait=false"])
        try await poll("it is gone", for: limit, every: .milliseconds(100)) { try await get("dbmmo", "orders") == nil }
    }

    // MARK: Rows

    /// The password of root that the Secret holds.
    func password() async throws -> String {
        let secret = try await get("secret", "orders-credentials")
        let encoded = try #require(secret?["data"]?["MYSQL_ROOT_PASSWORD"]?.string)
        return try await Tool.demand("openssl", ["base64", "-d", "-A"], input: encoded)
    }

    /// Runs SQL as root through the Service, as a client beside the node would.
    func query(_ sql: String, password: String? = nil) async throws -> Outcome {
        let password = if let password { password } else { try await self.password() }
        return try await MariaDB.query(sql, host: "orders.\(space.name).svc.cluster.local", port: 3306, password: password)
    }

    /// Runs a command in the container in which MySQL runs.
    func execute(_ command: [String]) async throws -> Outcome {
        try await space.kubectl(["exec", "orders-0", "--container", "mysql", "--"] + command)
    }

    /// Writes a row that ``findsRow(_:)`` looks for.
    func writeRow(_ value: Int) async throws {
        let sql = "CREATE DATABASE IF NOT EXISTS shop; CREATE TABLE IF NOT EXISTS shop.t (v INT PRIMARY KEY); INSERT INTO shop.t VALUES (\(value))"
        let outcome = try await query(sql)
        try #require(outcome.exitCode == 0, "\(outcome.errorOutput)")
    }

    /// Waits until a row can be read, the only one there is.
    func findsRow(_ value: Int, within limit: Duration = .seconds(40)) async throws {
        try await poll("the row is read", for: limit, every: .milliseconds(200)) {
            try await query("SELECT v FROM shop.t").lines == ["\(value)"]
        }
    }
}

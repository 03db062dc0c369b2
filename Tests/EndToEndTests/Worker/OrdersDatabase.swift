import JSON
import TestSupport
import Testing

/// A DBMMOMySQL called `orders` in a namespace of its own, whoever looks after it.
protocol OrdersDatabase {
    var controlPlane: ControlPlane { get }
    var namespace: String { get }
}

extension OrdersDatabase {
    func kubectl(_ arguments: [String], input: String? = nil) async throws -> Outcome {
        try await controlPlane.kubectl(["--namespace", namespace] + arguments, input: input)
    }

    @discardableResult
    func demandKubectl(_ arguments: [String], input: String? = nil) async throws -> String {
        try await controlPlane.demandKubectl(["--namespace", namespace] + arguments, input: input)
    }

    func apply(_ spec: String) async throws {
        let object = #"{"apiVersion":"cache.my.domain/v1","kind":"DBMMOMySQL","metadata":{"name":"orders"},"spec":{\#(spec)}}"#
        try await demandKubectl(["apply", "-f", "-"], input: object)
    }

    // MARK: Looking

    func get(_ kind: String, _ name: String) async throws -> JSONValue? {
        let text = try await demandKubectl(["get", kind, name, "--ignore-not-found", "-o", "json"])
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
        let text = try await demandKubectl(["get", kinds, "-l", "app.kubernetes.io/managed-by=dbmmo", "-o", "name"])
        return Set(text.split(separator: "\n").map(String.init))
    }

    // MARK: Living

    /// Waits until it serves clients. A kubelet may take a minute until a pod that was deleted is gone.
    ///
    /// - Parameter old: The uid of a pod that is not meant: another one has to have taken its place.
    func isReady(inPodOtherThan old: String? = nil, within limit: Duration = .seconds(180)) async throws {
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
    func delete(within limit: Duration = .seconds(150)) async throws {
        try await demandKubectl(["delete", "dbmmo", "orders", "--wait=false"])
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
    ///
    /// It connects again for some seconds, as clients do: kube-proxy learns of a ready pod when the worker does, and takes a moment for its rules.
    func query(_ sql: String, password: String? = nil) async throws -> Outcome {
        let password = if let password { password } else { try await self.password() }
        let deadline = ContinuousClock.now + .seconds(10)
        while true {
            let outcome = try await MariaDB.query(sql, host: "orders.\(namespace).svc.cluster.local", port: 3306, password: password)
            guard outcome.exitCode != 0, outcome.errorOutput.contains("ERROR 2002"), .now < deadline else { return outcome }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    /// Runs a command in the container in which MySQL runs.
    func execute(_ command: [String]) async throws -> Outcome {
        try await kubectl(["exec", "orders-0", "--container", "mysql", "--"] + command)
    }

    /// Writes a row that ``findsRow(_:)`` looks for.
    func writeRow(_ value: Int) async throws {
        let table = "CREATE DATABASE IF NOT EXISTS shop; CREATE TABLE IF NOT EXISTS shop.t (v INT PRIMARY KEY)"
        let outcome = try await query("\(table); INSERT INTO shop.t VALUES (\(value))")
        try #require(outcome.exitCode == 0, "\(outcome.errorOutput)")
    }

    /// Waits until a row can be read, the only one there is.
    func findsRow(_ value: Int, within limit: Duration = .seconds(40)) async throws {
        try await poll("the row is read", for: limit, every: .milliseconds(200)) {
            try await query("SELECT v FROM shop.t").lines == ["\(value)"]
        }
    }
}

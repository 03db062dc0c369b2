import AzureEmulator
import JSON
import TestSupport
import Testing

/// A DBMMOMySQL called `orders` with settings for both sides, in a namespace of its own that has the Secret to sign in to Azure.
struct AzureDatabase {
    let world: AzureWorld
    let database: Database
    /// Members of the spec besides the deploymentType and `azure`.
    var spec: JSONTree = [
        "version": "8.4", "credentials": ["login": "dbmmo_admin"],
        "onCluster": ["storage": ["capacity": "20Gi", "accessModes": ["ReadWriteOnce"]]]
    ]
    /// `spec.azure`
    var azure: JSONTree

    var emulator: AzureEmulator { world.emulator }
    var space: Namespace { database.space }
    var name: String { "\(space.name)-orders" }

    /// The server on Azure; nil when there is none.
    var server: EmulatedServer? { emulator.servers[name] }

    /// Makes namespace and Secret, and nothing on Azure yet.
    init() async throws {
        world = try AzureWorld.current
        let cluster = try Cluster.current
        database = Database(cluster: cluster, space: try await cluster.namespace())
        let emulator = world.emulator
        azure = [
            "serverName": .string("\(database.space.name)-orders"), "subscriptionID": .string(emulator.subscription),
            "tenantID": .string(emulator.tenant), "clientID": .string(emulator.client),
            "clientSecretRef": ["name": "identity", "key": "AZURE_CLIENT_SECRET"], "resourceGroup": .string(emulator.resourceGroup),
            "location": "westeurope", "sku": ["name": "Standard_B1ms", "tier": "Burstable"], "storageGB": 20,
            "endpoints": [
                "resourceManagerEndpoint": .string(emulator.url), "activeDirectoryEndpoint": .string(emulator.url),
                "tokenAudience": .string(emulator.audience)
            ]
        ]
        try await writeSecret(emulator.secret)
    }

    /// One that serves clients.
    static func running(on side: String = "Azure", _ change: (inout AzureDatabase) -> Void = { _ in }) async throws -> AzureDatabase {
        var database = try await AzureDatabase()
        change(&database)
        try await database.apply(side)
        try await database.expect("Ready", "True Ready", for: .seconds(40))
        return database
    }

    // MARK: Writing

    func writeSecret(_ text: String) async throws {
        let secret: JSONTree = [
            "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "identity"], "stringData": ["AZURE_CLIENT_SECRET": .string(text)]
        ]
        try await space.demandKubectl(["apply", "-f", "-"], input: secret.text)
    }

    func object(_ side: String, name: String = "orders") -> String {
        var spec: JSONTree = ["deploymentType": .string(side), "azure": azure]
        spec.merge(self.spec)
        return (["apiVersion": "cache.my.domain/v1", "kind": "DBMMOMySQL", "metadata": ["name": .string(name)], "spec": spec] as JSONTree)
            .text
    }

    func apply(_ side: String) async throws { try await space.demandApply(object(side)) }

    /// Changes the spec, as far as the webhooks let it.
    func patch(_ spec: JSONTree) async throws -> Outcome { try await space.mergePatch("orders", (["spec": spec] as JSONTree).text) }

    func demandPatch(_ spec: JSONTree) async throws {
        let outcome = try await patch(spec)
        guard outcome.exitCode == 0 else { throw ToolFailure("kubectl patch", [], outcome) }
    }

    func confirm() async throws { try await demandPatch(["migration": ["confirm": true]]) }

    func delete(within limit: Duration = .seconds(40)) async throws {
        try await space.demandKubectl(["delete", "dbmmo", "orders", "--wait=false"])
        try await wait("it is gone", for: limit) { try await database.get("dbmmo", "orders") == nil }
    }

    // MARK: Looking

    /// Waits for a condition, written as `True Ready`.
    func expect(_ condition: String, _ expected: String, for limit: Duration = .seconds(20)) async throws {
        try await wait("\(condition) is \(expected)", for: limit) { try await database.condition(condition) == expected }
    }

    /// Waits for a step of a migration; nil for its end.
    func expectStep(_ step: String?, for limit: Duration = .seconds(40)) async throws {
        try await wait("the step is \(step ?? "none")", for: limit) { try await database.status()?["migration"]?["step"]?.string == step }
    }

    /// Waits, and tells all that is known of the database if it was in vain.
    func wait(_ what: String, for limit: Duration = .seconds(20), _ condition: () async throws -> Bool) async throws {
        do {
            try await poll(what, for: limit, every: .milliseconds(100), condition)
        } catch {
            let status = try await database.status().map { JSONTree.verbatim($0).text } ?? "none"
            let lines = try await Cluster.current.server.log.split(separator: "\n").filter { $0.contains(space.name) }
            let log = lines.suffix(20).joined(separator: "\n")
            throw TimedOut(description: "\(error); the status is \(status); complaints: \(emulator.complaints)\n\(log)")
        }
    }

    func message(_ condition: String) async throws -> String {
        try await database.status()?["conditions"]?.elements.first { $0["type"]?.string == condition }?["message"]?.string ?? ""
    }

    /// What the Service for clients leads to: a host, or `pods`.
    func service() async throws -> String {
        let spec = try await database.get("service", "orders")?["spec"]
        return spec?["externalName"]?.string ?? (spec?["selector"] == nil ? "nothing" : "pods")
    }

    /// The password that the Secret holds.
    func password() async throws -> String {
        let secret = try await database.get("secret", "orders-credentials")
        let encoded = try #require(secret?["data"]?["MYSQL_ROOT_PASSWORD"]?.string)
        return try await Tool.demand("openssl", ["base64", "-d", "-A"], input: encoded)
    }
}

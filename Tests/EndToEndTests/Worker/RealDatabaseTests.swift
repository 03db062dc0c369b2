import Glibc
import JSON
import KubernetesClient
import TestSupport
import Testing

/// What the worker makes of a DBMMOMySQL where the pod's process is a real server: MariaDB, which a node of the tests' own runs.
@Suite(
    "a database that is a real server", .serialized, .controlPlaneAvailable, .controllersAvailable, .mariaDBAvailable, .clusterWithWorker,
    .timeLimit(.minutes(5)))
struct RealDatabaseTests {
    @Test("opens with its made-up password, keeps its rows in another pod and with another image, and leaves nothing behind")
    func rows() async throws {
        try await NodeAgent.with(on: Cluster.current.controlPlane) { agent in
            var start = ContinuousClock.now
            let database = try await Database.create(#""version":"8.0""#)
            try await Self.isReady(database)
            print("figures: a database with a real server is ready \(ContinuousClock.now - start) after kubectl apply returned")
            let proxy = try await agent.proxy(to: ObjectKey(namespace: database.space.name, name: "orders"))
            let password = try await Self.password(of: database)
            func ask(_ sql: String) async throws -> Outcome { try await MariaDB.query(sql, port: proxy.port, password: password) }
            func findsRow() async throws {
                try await poll("the row is read again", for: .seconds(40), every: .milliseconds(100)) {
                    try await ask("SELECT v FROM shop.t").lines == ["42"]
                }
            }
            let written = try await ask("CREATE DATABASE shop; CREATE TABLE shop.t SELECT 42 AS v")
            #expect(written.exitCode == 0, "\(written.errorOutput)")

            let first = try await Self.pod(database)
            try await database.space.demandKubectl(["delete", "pod", "orders-0", "--wait=false"])
            try await Self.isReady(database, inPodOtherThan: first)
            try await findsRow()

            let second = try await Self.pod(database)
            start = .now
            try await database.apply(#""version":"8.0","onCluster":{"image":"registry.test/mysql:8.0.40"}"#)
            try await Self.isReady(database, inPodOtherThan: second)
            print("figures: another image is ready \(ContinuousClock.now - start) after kubectl apply returned")
            let container = try await database.get("pod", "orders-0")?["spec"]?["containers"]?.elements.first
            #expect(container?["image"]?.string == "registry.test/mysql:8.0.40")
            try await findsRow()

            let directory = try #require(agent.directory(of: ObjectKey(namespace: database.space.name, name: "data-orders-0")))
            #expect(access(directory, F_OK) == 0)
            try await database.space.demandKubectl(["delete", "dbmmo", "orders", "--wait=false"])
            try await poll("it is gone", for: .seconds(40)) { try await database.get("dbmmo", "orders") == nil }
            let left = try await database.objects()
            #expect(left.isEmpty)
            try await poll("its data is gone", for: .seconds(20)) { access(directory, F_OK) != 0 }
            #expect(await agent.processIDs.isEmpty)
        }
    }

    private static func isReady(_ database: Database, inPodOtherThan old: String? = nil) async throws {
        try await poll("it is ready", for: .seconds(60), every: .milliseconds(200)) {
            let (uid, condition) = (try await pod(database), try await database.condition("Ready"))
            return uid != nil && uid != old && condition == "True Ready"
        }
    }

    private static func pod(_ database: Database) async throws -> String? {
        try await database.get("pod", "orders-0")?["metadata"]?["uid"]?.string
    }

    private static func password(of database: Database) async throws -> String {
        let secret = try await database.get("secret", "orders-credentials")
        let encoded = try #require(secret?["data"]?["MYSQL_ROOT_PASSWORD"]?.string)
        return try await Tool.demand("openssl", ["base64", "-d", "-A"], input: encoded)
    }
}

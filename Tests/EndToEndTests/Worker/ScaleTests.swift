import Glibc
import JSON
import KubernetesClient
import Logging
import NIOCore
import TestSupport
import Testing

/// What thousands of databases cost. The pods are none of it: each database has none (`replicas: 0`).
@Suite("many databases", .serialized, .controlPlaneAvailable, .controllersAvailable, .clusterWithWorker, .timeLimit(.minutes(15)))
struct ScaleTests {
    private static let count = 2_000
    /// What is written for each: its finalizer, six objects, what the status says of them.
    private static let writesPerDatabase = 14

    private static let databases = ResourceType(
        group: "cache.my.domain", version: "v1", resource: "dbmmomysqls", kind: "DBMMOMySQL", isNamespaced: true)

    @Test("are made; after a restart they are known again without a write; at rest they cost nothing; a change costs what one costs")
    func many() async throws {
        let cluster = try Cluster.current
        let space = try await cluster.namespace()
        var start = ContinuousClock.now
        try await Self.create(in: space.name, cluster)
        print("figures: \(Self.count) databases created in \(ContinuousClock.now - start)")
        try await Self.settle(cluster, databases: Self.count)
        let made = try await Self.counted(cluster)
        let memory = ProcessFigures(pid: await cluster.server.pid).memory
        print("figures: all made \(ContinuousClock.now - start) after the first, with \(made) writes; \(memory.mebibytes) MiB resident")
        #expect(made <= Self.writesPerDatabase * Self.count)
        let sets = try await space.demandKubectl(["get", "statefulsets", "-o", "name"]).split(separator: "\n").count
        #expect(sets == Self.count)

        try await cluster.server.stop()
        start = .now
        try await cluster.server.restart()
        try await Self.settle(cluster, databases: Self.count)
        let after = ProcessFigures(pid: await cluster.server.pid).memory
        print(
            "figures: known again and looked at once \(ContinuousClock.now - start) after a restart, with \(try await Self.counted(cluster)) writes;",
            "\(after.mebibytes) MiB resident")
        #expect(try await Self.counted(cluster) == 0)

        try await Task.sleep(for: .seconds(5))
        #expect(try await Self.counted(cluster) == 0)

        try await space.demandKubectl([
            "patch", "dbmmo", "db7", "--type", "merge", "-p", #"{"spec":{"onCluster":{"service":{"type":"NodePort"}}}}"#
        ])
        try await poll("the change has arrived", for: .seconds(5)) {
            try await space.demandKubectl(["get", "service", "db7", "-o", "jsonpath={.spec.type}"]) == "NodePort"
        }
        try await Task.sleep(for: .seconds(3))
        let writes = try await Self.counted(cluster)
        print("figures: a change of one of \(Self.count) databases costs \(writes) writes")
        // The Service, and the generation that the status has seen.
        #expect((1...3).contains(writes))
    }

    private static func create(in namespace: String, _ cluster: Cluster) async throws {
        let configuration = try ClusterConfiguration.load(kubeconfig: cluster.controlPlane.kubeconfig)
        let client = KubernetesClient(configuration, userAgent: "test", logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withCleanup({ await client.shutdown() }) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<count {
                    if number >= 8 { try await group.next() }
                    let object = Objects.object("db\(number)", .v1, spec: #"{"replicas":0}"#)
                    group.addTask { _ = try await client.create(databases, namespace: namespace, ByteBuffer(string: object)) }
                }
                try await group.waitForAll()
            }
        }
    }

    /// Waits until every database was looked at, none waits, and nothing was written for some seconds.
    private static func settle(_ cluster: Cluster, databases: Int) async throws {
        var last = -1
        var quiet = ContinuousClock.now
        try await poll("the worker has settled", for: .seconds(600), every: .milliseconds(500)) {
            let page = try await cluster.server.metrics()
            let looks = Int(page["dbmmo_worker_reconciles_total", ["outcome": "done"]] ?? 0)
            let seen = looks + writes(page)
            if seen != last || page["dbmmo_worker_queue_depth"] != 0 || looks < databases { (last, quiet) = (seen, .now) }
            return ContinuousClock.now - quiet > .seconds(4)
        }
    }

    /// Writes of the worker since it began.
    private static func counted(_ cluster: Cluster) async throws -> Int {
        writes(try await cluster.server.metrics())
    }

    private static func writes(_ page: MetricsPage) -> Int {
        ["create", "apply", "patch", "status", "delete"].reduce(0) { $0 + Int(page["dbmmo_worker_writes_total", ["write": $1]] ?? 0) }
    }
}

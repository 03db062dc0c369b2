import Glibc
import JSON
import Subprocess
import TestSupport
import Testing

/// What happens to databases while the API server or the worker is gone, and what they cost at rest. Nothing else may happen in the cluster.
@Suite(
    "faults of the control plane and of the worker", .serialized, .controlPlaneAvailable, .controllersAvailable, .mariaDBAvailable,
    .nodeAvailable,
    .clusterOnNode, .namespacesRemoved, .timeLimit(.minutes(10)))
struct WorkerFaultTests {
    @Test("when the API server comes back after a crash, what happened is put right within ten seconds")
    func outage() async throws {
        let database = try await Database.running()
        try await database.cluster.crash("kube-apiserver")
        try await Task.sleep(for: .seconds(3))
        try await database.cluster.revive("kube-apiserver")
        try await poll("kubectl works again") {
            try await database.space.kubectl(["delete", "service", "orders", "--wait=false"]).exitCode == 0
        }
        let start = ContinuousClock.now
        try await poll("the Service is there", for: .seconds(10)) { try await database.get("service", "orders") != nil }
        print("figures: after an outage of the API server a Service was made again \(ContinuousClock.now - start) after its deletion")
    }

    @Test("while the API server cannot be reached, the webhook answers as fast as before")
    func independence() async throws {
        let cluster = try Cluster.current
        let before = try await HonestClient.measure(cluster.server, for: .seconds(3))
        try await cluster.crash("kube-apiserver")
        let during = try await HonestClient.measure(cluster.server, for: .seconds(6))
        try await cluster.revive("kube-apiserver")
        print("figures: reviews with the API server: \(before); without it: \(during)")
        #expect(before.failures.isEmpty && during.failures.isEmpty)
        // Both are some milliseconds; a call that waited for the API server would take seconds.
        #expect(during.times.quantile(0.99) < max(.milliseconds(50), before.times.quantile(0.99) * 3))
        #expect(during.freshTimes.quantile(0.99) < max(.milliseconds(100), before.freshTimes.quantile(0.99) * 3))
        try await poll("kubectl works again") { try await cluster.kubectl(["get", "dbmmo", "-A"]).exitCode == 0 }
    }

    @Test("a process that is killed at any moment leaves nothing that the next one does not finish")
    func killed() async throws {
        let cluster = try Cluster.current
        let space = try await cluster.namespace()
        let names = (0..<8).map { "db\($0)" }
        for name in names {
            try await space.demandApply(Objects.object(name, .v1, spec: #"{"replicas":0}"#))
            // Some of them are half made then.
            if name == "db3" { try await cluster.server.stop(SIGKILL) }
            if name == "db3" { try await cluster.server.restart() }
        }
        // The lease of a dead process lasts 15 s.
        try await poll("all are made", for: .seconds(40), every: .milliseconds(200)) {
            let sets = try await space.demandKubectl([
                "get", "statefulset,secret,service", "-l", "app.kubernetes.io/managed-by=dbmmo", "-o", "name"
            ])
            return sets.split(separator: "\n").count == names.count * 4
        }
    }

    @Test("of two processes one works; when it ends, the other one goes on at once")
    func two() async throws {
        let database = try await Database.create()
        let cluster = database.cluster
        let port = try LoopbackAddress.freePort()
        let arguments = [
            "serve", "--no-webhook", "--ops-listen", "127.0.0.1:\(port)", "--kubeconfig", cluster.workerKubeconfig, "--shutdown-delay",
            "0s"
        ]
        let other = try await ServerProcess.launch(arguments, environment: ["DBMMO_NO_WORKER": nil])
        let stop: @Sendable () async -> Void = {
            other.send(SIGKILL)
            // Also when the test fails: the next ones need it.
            _ = try? await cluster.server.restart()
        }
        try await withCleanup(stop) {
            try await poll("everything is made", for: .seconds(20)) { try await database.get("statefulset", "orders") != nil }
            try await poll("one leads", for: .seconds(40)) { try await Self.isLeading(cluster.server.operationsPort) == true }
            try await poll("the other one is there") { try await Self.isLeading(port) == false }
            try await poll("the other one knows the cluster") { other.log.contains("the worker knows the cluster") }
            // The webhook goes with it: what is put right here needs none.
            try await cluster.server.stop()
            let start = ContinuousClock.now
            try await database.space.demandKubectl(["delete", "service", "orders", "--wait=false"])
            try await poll("the other one leads", for: .seconds(10)) { try await Self.isLeading(port) == true }
            try await poll("the Service is there", for: .seconds(10)) { try await database.get("service", "orders") != nil }
            print("figures: another process took over and made a Service again within \(ContinuousClock.now - start)")
            other.send(SIGTERM)
            #expect(try await other.ended() == .exited(0))
        }
    }

    /// Nil while it does not answer or has no worker.
    private static func isLeading(_ port: UInt16) async throws -> Bool? {
        let outcome = try await Tool.run("curl", ["--silent", "--max-time", "5", "http://127.0.0.1:\(port)/metrics"])
        guard outcome.exitCode == 0 else { return nil }
        return try MetricsPage(parsing: outcome.output)["dbmmo_worker_leader"].map { $0 == 1 }
    }

    @Test("a database that nothing happens to costs no calls")
    func idle() async throws {
        let database = try await Database.running()
        try await Task.sleep(for: .seconds(8))
        let before = try await Self.calls(database.cluster)
        try await Task.sleep(for: .seconds(10))
        #expect(try await Self.calls(database.cluster) == before)
        try await database.space.demandKubectl(["label", "dbmmo", "orders", "a=b"])
        try await Task.sleep(for: .seconds(1))
        // The label itself.
        #expect(try await Self.calls(database.cluster) == before + 1)
    }

    /// Calls on what only the worker and this test use, by the API server's own count.
    private static func calls(_ cluster: Cluster) async throws -> Int {
        let resources: Set = ["dbmmomysqls", "ingresses", "statefulsets"]
        return try await cluster.demandKubectl(["get", "--raw", "/metrics"]).split(separator: "\n").reduce(0) { sum, line in
            guard line.hasPrefix("apiserver_request_total{"), !line.contains(#"verb="WATCH""#), !line.contains(#"verb="LIST""#),
                !line.contains(#"verb="GET""#), resources.contains(where: { line.contains(#"resource="\#($0)""#) }),
                let count = line.split(separator: " ").last.flatMap({ Double($0) })
            else { return sum }
            return sum + Int(count)
        }
    }
}

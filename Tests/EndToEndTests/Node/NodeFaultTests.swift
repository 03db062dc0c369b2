import JSON
import TestSupport
import Testing

/// What happens to databases when their node fails, or has all that it can carry. Nothing else may run on it.
@Suite(
    .serialized, .controlPlaneAvailable, .controllersAvailable, .mariaDBAvailable, .nodeAvailable, .clusterOnNode, .namespacesRemoved,
    .timeLimit(.minutes(10)))
enum NodeFaultTests {}

extension NodeFaultTests {
    @Suite(
        "a running database while its node fails", .serialized,
        .sharedDatabase(
            #""onCluster":{"resources":{"limits":{"memory":"600Mi"}},"storage":{"capacity":"1Gi","storageClassName":"local-sized"}}"#))
    struct RunningTests {}
}

extension NodeFaultTests.RunningTests {
    @Test(
        "when the kubelet or the runtime is restarted, the same pod goes on, and so do its connections",
        arguments: ["kubelet", "containerd"])
    func restarted(program: String) async throws {
        let database = try Database.shared
        try await database.addRow(program == "kubelet" ? 1 : 2)
        let (pod, restarts) = (try await database.pod(), try await database.restartCount())
        async let session = database.query("SELECT CONNECTION_ID(); DO SLEEP(8); SELECT CONNECTION_ID()")
        try await poll("the connection is there", every: .milliseconds(100)) {
            try await database.query("SELECT COUNT(*) FROM performance_schema.processlist WHERE info LIKE 'DO SLEEP%'").lines == ["1"]
        }
        try await database.cluster.crash(program)
        try await Task.sleep(for: .seconds(3))
        try await database.cluster.revive(program)
        try await poll("the kubelet and the runtime work again", every: .milliseconds(200)) {
            try await database.execute(["true"]).exitCode == 0
        }
        let lines = try await session.lines
        #expect(lines.count == 2 && lines.first == lines.last, "\(lines)")
        // The probes have been called since.
        try await Task.sleep(for: .seconds(3))
        try await database.isReady()
        #expect(try await database.pod() == pod)
        #expect(try await database.restartCount() == restarts)
        try await database.keepsRow(program == "kubelet" ? 1 : 2)
    }

    @Test("the pod of a node that goes away is not deleted; when the node is back, the database is ready in it with its rows")
    func nodeAway() async throws {
        let database = try Database.shared
        let cluster = database.cluster
        try await database.addRow(3)
        let pod = try await database.pod()
        let restarts = try #require(try await database.restartCount())
        let address = try #require(try await database.get("pod", "orders-0")?[path: ["status", "podIP"]]?.string)
        let password = try await database.password()
        var start = ContinuousClock.now
        try await cluster.crash("kubelet")
        // The controllers give a node 40 s.
        try await database.expect("Ready", "False PodNotReady", within: .seconds(60))
        print("figures: a database on a node that does not report is no longer ready after \(ContinuousClock.now - start)")
        // It still runs, which nobody can know.
        #expect(try await MariaDB.query("SELECT MAX(v) FROM shop.t", host: address, port: 3306, password: password).lines == ["3"])
        start = .now
        try await poll("that the node does not report is told, and what ends that", for: .seconds(60), every: .milliseconds(300)) {
            let conditions = try await database.conditions()
            return conditions.contains("Degraded True NodeNotReady") && conditions.contains("kubectl taint node")
        }
        print("figures: that a node does not report is told \(ContinuousClock.now - start) later")

        // Now nothing runs any more.
        try await cluster.controlPlane.crash("node")
        #expect(PodProcess.all(inPod: try #require(pod)).isEmpty)
        try await Task.sleep(for: .seconds(4))
        #expect(try await database.pod() == pod)
        #expect(try await !database.isPodTerminating())
        start = .now
        try await cluster.revive("node")
        try await database.isReady(afterRestarts: restarts + 1)
        print("figures: a database is ready \(ContinuousClock.now - start) after its node began to come back")
        #expect(try await database.pod() == pod)
        try await database.keepsRow(3)
    }
}

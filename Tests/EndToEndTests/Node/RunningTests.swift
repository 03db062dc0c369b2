import Glibc
import JSON
import TestSupport
import Testing

extension NodeTests {
    /// One fault after the other for one database. Each test begins and ends with it ready, in a pod whose containers were restarted once at most: later
    /// restarts of the same pod wait ten seconds and more.
    @Suite(
        "a running database", .serialized,
        .sharedDatabase(
            #""onCluster":{"resources":{"limits":{"memory":"600Mi"}},"storage":{"capacity":"1Gi","storageClassName":"local-sized"}}"#))
    struct RunningTests {}
}

extension NodeTests.RunningTests {
    @Test("when mysqld is killed, it is started again in the same pod, and the database is ready with its rows")
    func killed() async throws {
        let database = try Database.shared
        try await database.addRow(1)
        let pod = try #require(try await database.pod())
        let restarts = try #require(try await database.restartCount())
        let server = try await PodProcess.find("mysqld", inPod: pod) { $0.name == "mysqld" }
        let start = ContinuousClock.now
        server.send(SIGKILL)
        try await database.isReady(afterRestarts: restarts + 1)
        print("figures: a database whose mysqld was killed is ready again in \(ContinuousClock.now - start)")
        try await database.keepsRow(1)
        #expect(try await database.pod() == pod)
    }

    @Test("when a pod is deleted, MySQL shuts down cleanly, and another pod has the rows")
    func deleted() async throws {
        let database = try Database.shared
        try await database.addRow(2)
        let old = try await database.pod()
        async let log = database.kubectl(["logs", "orders-0", "--follow", "--tail=1"])
        try await Task.sleep(for: .milliseconds(500))
        let start = ContinuousClock.now
        try await database.demandKubectl(["delete", "pod", "orders-0", "--wait=false"])
        try await database.isReady(inPodOtherThan: old)
        print("figures: a database whose pod was deleted is ready again in \(ContinuousClock.now - start)")
        try await database.keepsRow(2)
        #expect(try await log.output.contains("Shutdown complete"))
    }

    @Test("a statement that takes more memory than the limit ends mysqld, and the database is ready again with its rows")
    func outOfMemory() async throws {
        let database = try Database.shared
        try await database.addRow(3)
        let pod = try await database.pod()
        let restarts = try #require(try await database.restartCount())
        // Variables of a session are no temporary table that goes to the disk.
        let statement = (0..<8).map { "SET @v\($0) = REPEAT('x', 60000000);" }.joined()
        let start = ContinuousClock.now
        let outcome = try await database.query(statement)
        #expect(outcome.exitCode != 0)
        try await database.isReady(afterRestarts: restarts + 1)
        print("figures: a database that ran out of memory is ready again in \(ContinuousClock.now - start)")
        #expect(try await database.endReason() == "OOMKilled")
        #expect(try await database.pod() == pod)
        try await database.keepsRow(3)
    }

    @Test("when a pod is deleted by force, the next mysqld does not serve the data before the last one has ended, and has the rows")
    func deletedByForce() async throws {
        let database = try Database.shared
        try await database.addRow(4)
        let old = try #require(try await database.pod())
        // It ends as late as it can.
        let server = try await PodProcess.find("mysqld", inPod: old) { $0.name == "mysqld" }
        server.send(SIGSTOP)
        let start = ContinuousClock.now
        try await database.demandKubectl(["delete", "pod", "orders-0", "--force", "--grace-period=0", "--wait=false"])
        var overlap = Duration.zero
        try await poll("it is ready in another pod", for: .seconds(180), every: .milliseconds(50)) {
            let pod = try await database.pod()
            let isOldThere = PodProcess.all(inPod: old).contains { $0.name == "mysqld" }
            guard let pod, pod != old else { return false }
            if isOldThere, PodProcess.all(inPod: pod).contains(where: { $0.name == "mysqld" }) { overlap = ContinuousClock.now - start }
            guard try await database.container()?["ready"]?.boolean == true else { return false }
            #expect(!isOldThere)
            return try await database.condition("Ready") == "True Ready"
        }
        let servers = overlap == .zero ? "there was one mysqld at any time" : "two mysqld ran until \(overlap) after the deletion"
        print("figures: a database whose pod was deleted by force is ready again in \(ContinuousClock.now - start); \(servers)")
        try await database.keepsRow(4)
        let check = try await database.query("CHECK TABLE shop.t").output
        #expect(check.contains("OK"), "\(check)")
    }

    @Test("on a full volume writes fail and reads work; once there is room all works again, and nothing is lost")
    func fullVolume() async throws {
        let database = try Database.shared
        try await database.addRow(5)
        let created = try await database.query("CREATE TABLE shop.large (id INT PRIMARY KEY AUTO_INCREMENT, data LONGBLOB)")
        try #require(created.exitCode == 0, "\(created.errorOutput)")
        let restarts = try await database.restartCount()
        let volume = try await database.volume()
        let free = try #require(Int(try await Tool.demand("sh", ["-c", #"df --output=avail -B1 "$0" | tail -n 1"#, volume]).trimmed))
        // A binary log that cannot grow makes mysqld wait for a minute: some room is left for it.
        try await Tool.demand("fallocate", ["--length", "\(free - 3_000_000)", "\(volume)/filler"])
        let insert = "INSERT INTO shop.large (data) VALUES (REPEAT('x', 8000000))"
        try await withCleanup({ unlink("\(volume)/filler") }) {
            let refused = try await database.query(insert)
            #expect(refused.errorOutput.contains("ERROR 1114"), "\(refused)")
            try await database.keepsRow(5)

            let start = ContinuousClock.now
            try await NodeTests.expectOfKnownFault("R6: that a volume is full is told by a condition and an event") {
                let (isTold, events) = (try await database.tells("True", ["full", "space"], as: nil), try await database.events())
                return isTold && events.contains("full")
            } isWrong: {
                let conditions = try await database.conditions()
                return ContinuousClock.now - start > .seconds(8) && conditions.contains("Ready True Ready")
                    && conditions.contains("Degraded False AsExpected")
            }
        }
        let accepted = try await database.query(insert)
        #expect(accepted.exitCode == 0, "\(accepted.errorOutput)")
        #expect(try await database.query("SELECT COUNT(*), SUM(LENGTH(data)) FROM shop.large").lines == ["1\t8000000"])
        try await database.keepsRow(5)
        #expect(try await database.restartCount() == restarts)
    }
}

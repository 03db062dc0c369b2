import Glibc
import JSON
import TestSupport
import Testing

extension NodeTests {
    /// While a new database is set up, a shell is the first process of the container.
    @Suite("the first start of a database", .serialized)
    struct FirstStartTests {
        @Test("a first start that is killed while the data folder is made ends with a database that opens with the Secret's password")
        func killedEarly() async throws {
            let database = try await Database.create()
            let volume = try await database.volume()
            let pod = try #require(try await database.pod())
            // The folder `mysql` in the data folder comes later. Without it the image takes the folder for a new one, and MySQL refuses it.
            try await Files.wait(for: "ibdata1", in: volume)
            PodProcess.killAll(inPod: pod)
            try await database.isReadyForRoot()
        }

        @Test("a first start that is killed while there are no accounts yet never ends as a database that is ready and lets nobody in")
        func killedLate() async throws {
            let database = try await Database.create()
            _ = try await database.volume()
            let pod = try #require(try await database.pod())
            _ = try await PodProcess.find("the server without accounts", inPod: pod) { process in
                process.name == "mysqld" && process.command.contains("--skip-networking")
            }
            PodProcess.killAll(inPod: pod)
            try await database.isReadyForRoot()
        }

        @Test("a password opens the database whatever characters it has")
        func passwords() async throws {
            async let quotes: Void = Self.expectPassword(#"it's "so" `odd`"#)
            async let others: Void = Self.expectPassword(#"back\slash $HOME %s ; -- #é\"#)
            _ = try await (quotes, others)
        }

        private static func expectPassword(_ password: String) async throws {
            let cluster = try Cluster.current
            let database = Database(cluster: cluster, space: try await cluster.namespace())
            try await database.demandKubectl(["create", "secret", "generic", "own", "--from-literal=password=\(password)"])
            try await database.apply(#""credentials":{"passwordSecretRef":{"name":"own","key":"password"}}"#)
            try await database.isReadyForRoot(password)
        }

        @Test("a change of resources in the first start ends neither in a kill nor in a broken database")
        func resources() async throws {
            let database = try await Database.create()
            let volume = try await database.volume()
            let pod = try #require(try await database.pod())
            try await Files.wait(for: "ibdata1", in: volume)
            try await database.apply(#""onCluster":{"resources":{"limits":{"memory":"1Gi"}}}"#)
            let start = ContinuousClock.now
            // Whether it was let through before or not: a pod that is killed ends after its grace period of two minutes.
            try await poll("nothing runs in the first pod", for: .seconds(100), every: .milliseconds(100)) {
                PodProcess.all(inPod: pod).isEmpty
            }
            print("figures: the pod of a first start ended \(ContinuousClock.now - start) after a change of resources")
            try await database.isReady(inPodOtherThan: pod)
            try await database.isReadyForRoot()
        }

        @Test("a database that is deleted in its first start ends within seconds")
        func deleted() async throws {
            let database = try await Database.create()
            let volume = try await database.volume()
            let pod = try #require(try await database.pod())
            try await Files.wait(for: "ibdata1", in: volume)
            let start = ContinuousClock.now
            try await database.demandKubectl(["delete", "dbmmo", "orders", "--wait=false"])
            try await poll("nothing runs in its pod", for: .seconds(20), every: .milliseconds(100)) { PodProcess.all(inPod: pod).isEmpty }
            print("figures: a first start ended \(ContinuousClock.now - start) after the deletion of its database")
            // The kubelet takes its time.
            try await poll("it is gone", for: .seconds(150), every: .milliseconds(200)) { try await database.get("dbmmo", "orders") == nil }
        }
    }
}

extension Database {
    /// Waits until it is ready. It has to let root in then.
    fileprivate func isReadyForRoot(_ password: String? = nil) async throws {
        try await isReady(within: .seconds(150))
        let answer = try await query("SELECT 1", password: password)
        #expect(answer.lines == ["1"], "\(answer)")
    }
}

import Glibc
import JSON
import TestSupport
import Testing

extension NodeTests {
    /// Wishes of a user for one database, one after the other. Each test begins and ends with it ready, but for the last one.
    ///
    /// The kubelet of the node can take a minute until it has taken away a pod that was deleted.
    @Suite(
        "changes of a running database", .serialized,
        .sharedDatabase(#""onCluster":{"resources":{"limits":{"memory":"1Gi"}},"storage":{"capacity":"1Gi","storageClassName":"local"}}"#))
    struct ChangeTests {
        private static func spec(_ capacity: String, _ more: String = "") -> String {
            let storage = #""storage":{"capacity":"\#(capacity)","storageClassName":"local"}"#
            return #"\#(more)"onCluster":{"resources":{"limits":{"memory":"1Gi"}},\#(storage)}"#
        }

        @Test("the data of a server are its own, and it uses the memory that it may")
        func facts() async throws {
            let database = try Database.shared
            let folder = try await database.execute(["stat", "-c", "%a %u", "/var/lib/mysql"]).output.trimmed
            print("figures: the data folder is \(folder)")
            #expect(folder.hasSuffix("750 999"))
            let pool = try await database.query("SELECT @@innodb_buffer_pool_size").lines.first.flatMap { Int($0) }
            print("figures: the buffer pool has \(pool ?? 0) bytes at a limit of 1Gi")
            #expect((pool ?? 0) > 256 << 20)
        }

        @Test("when the volume of a database with resources grows, its pod goes on")
        func growth() async throws {
            let database = try Database.shared
            try await database.addRow(1)
            let pod = try await database.pod()
            let replicas = try await database.replicas {
                try await database.apply(Self.spec("2Gi"))
                try await poll("the StatefulSet asks for more", for: .seconds(30), every: .milliseconds(100)) {
                    let template = try await database.get("statefulset", "orders")?["spec"]?["volumeClaimTemplates"]?.elements.first
                    return template?["spec"]?["resources"]?["requests"]?["storage"]?.string == "2Gi"
                }
            }
            try await database.expect("Progressing", "False Settled", within: .seconds(150))
            try await database.isReady()
            let after = try await database.pod()
            print("figures: a volume grew; its StatefulSet had replicas \(replicas); the pod is \(pod == after ? "the same" : "another")")
            // R3: the StatefulSet's controller would end the pod at any moment at which fewer were asked for.
            #expect(!replicas.isEmpty && replicas.allSatisfy { $0 == 1 })
            #expect(after == pod)
            try await database.keepsRow(1)
        }

        @Test("when the StatefulSet of a database with resources is deleted without its pods, the pod goes on")
        func orphaned() async throws {
            let database = try Database.shared
            try await database.addRow(2)
            let pod = try await database.pod()
            let old = try await database.get("statefulset", "orders")?["metadata"]?["uid"]?.string
            let replicas = try await database.replicas {
                try await database.demandKubectl(["delete", "statefulset", "orders", "--cascade=orphan", "--wait=false"])
                try await poll("there is another StatefulSet", every: .milliseconds(100)) {
                    let uid = try await database.get("statefulset", "orders")?["metadata"]?["uid"]?.string
                    return uid != nil && uid != old
                }
            }
            try await database.expect("Progressing", "False Settled", within: .seconds(150))
            try await database.isReady()
            let after = try await database.pod()
            print("figures: a StatefulSet was made anew with replicas \(replicas); the pod is \(pod == after ? "the same" : "another")")
            // R10: the StatefulSet's controller would end the pod at any moment at which fewer were asked for.
            #expect(!replicas.isEmpty && replicas.allSatisfy { $0 == 1 })
            #expect(after == pod)
            try await database.keepsRow(2)
        }

        @Test("that a server shuts down is told as what it is")
        func shuttingDown() async throws {
            let database = try Database.shared
            try await database.addRow(3)
            let pod = try #require(try await database.pod())
            let server = try await PodProcess.find("mysqld", inPod: pod) { $0.name == "mysqld" }
            // It takes as long as the test needs.
            server.send(SIGSTOP)
            try await withCleanup({ server.send(SIGCONT) }) {
                try await database.demandKubectl(["delete", "pod", "orders-0", "--wait=false"])
                try await poll("that it shuts down is told", every: .milliseconds(200)) {
                    let conditions = try await database.conditions()
                    return conditions.contains("Ready False PodNotReady Pod orders-0 is shutting down")
                        && conditions.contains("Progressing True Stopping")
                }
            }
            try await database.isReady(inPodOtherThan: pod)
            try await database.keepsRow(3)
        }

        @Test("a Secret with another password than the server's is told, also after a restart")
        func passwordChanged() async throws {
            let database = try Database.shared
            try await database.addRow(4)
            let password = try await database.password()
            try await setPassword("another", of: database)
            let start = ContinuousClock.now
            try await NodeTests.expectOfKnownFault("R9: a changed password is told at once") {
                try await database.tells("True", ["password", "sign"])
            } isWrong: {
                let conditions = try await database.conditions()
                return ContinuousClock.now - start > .seconds(8) && conditions.contains("Ready True Ready")
                    && conditions.contains("Degraded False AsExpected")
            }
            let old = try await database.pod()
            try await database.demandKubectl(["delete", "pod", "orders-0", "--wait=false"])
            try await poll("that the Secret's password does not open the server is told", for: .seconds(150), every: .milliseconds(300)) {
                guard let pod = try await database.pod(), pod != old else { return false }
                return try await database.conditions().contains("Degraded True AccessDenied")
            }
            print("figures: with a Secret that does not open the server: \(try await database.conditions())")
            let second = try await database.pod()
            try await setPassword(password, of: database)
            try await database.demandKubectl(["delete", "pod", "orders-0", "--wait=false"])
            try await database.isReady(inPodOtherThan: second)
            try await database.keepsRow(4)
        }

        private func setPassword(_ password: String, of database: Database) async throws {
            let patch = #"{"stringData":{"MYSQL_ROOT_PASSWORD":"\#(password)"}}"#
            try await database.demandKubectl(["patch", "secret", "orders-credentials", "--type=merge", "-p", patch])
        }

        @Test("a protected database keeps claim and Secret when its namespace is deleted")
        func namespaceDeleted() async throws {
            let database = try Database.shared
            try await database.apply(Self.spec("2Gi", #""deletionProtection":true,"#))
            try await database.demandKubectl(["delete", "namespace", database.namespace, "--wait=false"])
            try await poll("the pod has ended", for: .seconds(150), every: .milliseconds(300)) { try await database.pod() == nil }
            try await Task.sleep(for: .seconds(5))
            #expect(try await database.keptObjects().count == 2)
            try await database.expect("Degraded", "True DataBeingDeleted")
            let volume = try await database.volume()
            #expect(Files.contain("mysql", in: volume))
            print("figures: a namespace was deleted: \(try await database.conditions())")
            // It may go now.
            let unprotected = #"{"spec":{"deletionProtection":false}}"#
            try await database.demandKubectl(["patch", "dbmmo", "orders", "--type=merge", "-p", unprotected])
            try await poll("claim and Secret are gone", for: .seconds(150), every: .milliseconds(300)) {
                try await database.keptObjects().isEmpty
            }
        }
    }
}

extension Database {
    /// What a database that is protected may not lose, as far as it is there.
    fileprivate func keptObjects() async throws -> [String] {
        try await kubectl(["get", "pvc/data-orders-0", "secret/orders-credentials", "--ignore-not-found", "-o", "name"]).lines
    }

    /// The numbers of replicas that StatefulSets asked for while something was done.
    fileprivate func replicas(while function: () async throws -> Void) async throws -> [Int] {
        let columns = #"jsonpath={.metadata.name} {.spec.replicas}{"\n"}"#
        let watch = Task {
            try await kubectl(["get", "statefulset", "--watch", "--request-timeout=10s", "-o", columns]).lines
        }
        try await Task.sleep(for: .seconds(1))
        try await function()
        return try await watch.value.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }
    }
}

import JSON
import TestSupport
import Testing

extension NodeTests {
    @Suite("pods that do not start", .serialized)
    struct NotStartingTests {
        /// Something that keeps a pod from running, and what the kubelet, the scheduler or a controller says of it.
        struct Cause: Sendable {
            let name: String
            let spec: String
            /// What is told, of which one has to be in the message.
            let words: [String]
            /// Whether that is so today.
            var isKnownFault = false
            /// Objects that are there before.
            var objects: [[String]] = []
            /// Whether the cause shows.
            let shows: @Sendable (Database) async throws -> Bool

            static let all: [Cause] = [
                Cause(
                    name: "R5: an image that cannot be pulled", spec: #""onCluster":{"image":"registry.invalid/mysql:8.4"}"#,
                    words: ["ImagePull", "pull"]
                ) { ["ImagePullBackOff", "ErrImagePull"].contains(try await $0.waitingReason()) },
                Cause(
                    name: "R5: a container that ends again and again", spec: #""onCluster":{"envFrom":[{"configMapRef":{"name":"more"}}]}"#,
                    words: ["CrashLoop", "exit"], objects: [["configmap", "more", "--from-literal=MYSQL_ROOT_PASSWORD_FILE=/none"]]
                ) { try await $0.waitingReason() == "CrashLoopBackOff" },
                Cause(
                    name: "R5: a limit of memory that MySQL does not live with",
                    spec: #""onCluster":{"resources":{"limits":{"memory":"200Mi"}}}"#, words: ["OOM", "memory"]
                ) { try await $0.endReason() == "OOMKilled" },
                Cause(
                    name: "R13: a pod for which no node is large enough", spec: #""onCluster":{"resources":{"requests":{"cpu":"900"}}}"#,
                    words: ["Unschedulable", "Insufficient", "available"]
                ) { try await $0.events().contains("FailedScheduling") },
                Cause(
                    name: "R5: a pod that a quota refuses", spec: "", words: ["quota"],
                    objects: [["quota", "none", "--hard=pods=0"]]
                ) { try await $0.events().contains("exceeded quota") }
            ]
        }

        @Test("what keeps a pod from starting is told, in the words of who knows")
        func told() async throws {
            let cluster = try Cluster.current
            var databases: [Database] = []
            for cause in Cause.all {
                let database = Database(cluster: cluster, space: try await cluster.namespace())
                for object in cause.objects { try await database.demandKubectl(["create"] + object) }
                try await database.apply(cause.spec)
                databases.append(database)
            }
            try await Self.expectTold(Array(zip(Cause.all, databases)))
        }

        /// Waits until all causes show, and gives the worker some seconds in which it can tell.
        static func expectTold(_ cases: [(Cause, Database)]) async throws {
            // All were applied at about the same time. A kubelet of 1.20 may notice a minute late that a container has ended, twice before the back-off.
            for (cause, database) in cases {
                do {
                    try await poll("\(cause.name) shows", for: .seconds(240), every: .milliseconds(300)) { try await cause.shows(database) }
                } catch {
                    let pod = try await database.get("pod", "orders-0")?["status"].map { "\($0)" }
                    Issue.record("\(cause.name): \(error)\n\(pod ?? "no pod")\n\(try await database.events())")
                    throw error
                }
            }
            let start = ContinuousClock.now
            for (cause, database) in cases {
                if cause.isKnownFault {
                    try await NodeTests.expectOfKnownFault("\(cause.name) is told") {
                        try await database.tells("True", cause.words)
                    } isWrong: {
                        let conditions = try await database.conditions()
                        return ContinuousClock.now - start > .seconds(10) && conditions.contains("Ready False")
                            && conditions.contains("Degraded False AsExpected")
                    }
                } else {
                    try await poll("\(cause.name) is told", for: .seconds(40), every: .milliseconds(300)) {
                        try await database.tells("True", cause.words)
                    }
                }
                print("figures: \(cause.name): \(try await database.conditions())")
            }
        }
    }
}

import JSON
import TestSupport
import Testing

extension InClusterTests {
    @Suite("what is done to the pods of dbmmo on purpose", .serialized)
    struct DisruptionTests {
        @Test("while all pods are replaced, one after the other, every call of the webhooks is answered")
        func rollingRestart() async throws {
            let installation = try InClusterInstallation.current
            let before = Set(try await installation.isWhole().map(\.uid))
            let report = try await ApplyStream.during {
                try await installation.kubectl(["rollout", "restart", "deployment/dbmmo"])
                try await installation.kubectl(["rollout", "status", "deployment/dbmmo", "--timeout=90s"])
                // Those that go are still asked for some seconds.
                let after = try await installation.isWhole(within: .seconds(60))
                #expect(before.isDisjoint(with: after.map(\.uid)))
            }
            print("figures: a rolling restart under applies: \(report)")
            #expect(report.failures.count == 0, "\(report)")
            #expect(report.count > 150)
        }

        @Test("a drained node lets go of one pod and of a database, and of the other pod when it is replaced, and all calls are answered")
        func drain() async throws {
            let installation = try InClusterInstallation.current
            let controlPlane = installation.controlPlane
            let pods = try await installation.isWhole()
            let database = try await InClusterDatabase.running()
            try await database.writeRow(7)
            let first = try await database.pod()

            let report = try await ApplyStream.during {
                try await withCleanup({ _ = try? await controlPlane.kubectl(["uncordon", "node"]) }) {
                    let drain = ["drain", "node", "--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout=20s"]
                    let outcome = try await controlPlane.kubectl(drain)
                    #expect(outcome.exitCode != 0 && outcome.errorOutput.contains("disruption budget"), "\(outcome)")

                    let left = try await installation.pods().filter(\.isReady)
                    let kept = try #require(left.first)
                    #expect(left.count == 1 && pods.contains { $0.uid == kept.uid }, "\(left)")
                    let again = try await installation.evict(kept.name)
                    #expect(again.exitCode != 0 && again.errorOutput.contains("disruption budget"), "\(again)")
                    // The database is not kept: whoever drains a node has decided that it is to be down for a moment.
                    // A kubelet of 1.20 may notice a minute late that the pod has ended; it was told to, which is what counts.
                    let metadata = try await database.get("pod", "orders-0")?["metadata"]
                    #expect(metadata?["uid"]?.string != first || metadata?["deletionTimestamp"] != nil)
                    try await database.expect("Ready", "False PodNotReady")
                }
                let uncordoned = ContinuousClock.now
                try await installation.isWhole()
                print("figures: both pods are ready \(ContinuousClock.now - uncordoned) after the node takes pods again")
                try await database.isReady(inPodOtherThan: first)
                try await database.findsRow(7)
            }
            print("figures: a drain under applies: \(report)")
            #expect(report.failures.count == 0, "\(report)")
            #expect(report.count > 150)
            // Now the next one may go.
            try await poll("another disruption is allowed", every: .milliseconds(200)) {
                try await installation.get("pdb", "dbmmo")[path: ["status", "disruptionsAllowed"]]?.integer == 1
            }
        }

        @Test("the only pod of an installation with one replica does not keep a node from being drained")
        func onlyReplica() async throws {
            let installation = try InClusterInstallation.current
            try await installation.isWhole()
            try await installation.kubectl(["scale", "deployment/dbmmo", "--replicas=1"])
            try await withCleanup({ _ = try? await installation.kubectl(["scale", "deployment/dbmmo", "--replicas=2"]) }) {
                var pods: [InClusterPod] = []
                try await poll("one pod is left, and the budget knows", every: .milliseconds(200)) {
                    pods = try await installation.pods()
                    let status = try await installation.get("pdb", "dbmmo")["status"]
                    return pods.count == 1 && status?["expectedPods"]?.integer == 1 && status?["currentHealthy"]?.integer == 1
                }
                let pod = try #require(pods.first)
                let outcome = try await installation.evict(pod.name)
                #expect(outcome.exitCode == 0, "\(outcome)")
                try await poll("another pod is ready in its place", for: .seconds(60), every: .milliseconds(200)) {
                    try await installation.pods().contains { $0.isReady && $0.uid != pod.uid }
                }
            }
            try await installation.isWhole()
        }
    }
}

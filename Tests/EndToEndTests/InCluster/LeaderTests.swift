import Glibc
import JSON
import TestSupport
import Testing

extension InClusterTests {
    @Suite("the pod of dbmmo that leads", .serialized)
    struct LeaderTests {
        /// How long others wait for a leader that shows no sign of life. They see its last sign one look at the lease later, and the end of the wait
        /// at another one, each two seconds after the one before; and some time for what is under way then.
        private static let takeover = Duration.seconds(15 + 2 + 2 + 3)

        @Test("a leader that is told to end hands over within five seconds, and databases are looked after at once")
        func handover() async throws {
            let installation = try InClusterInstallation.current
            let database = try await InClusterDatabase.running()
            let leader = try await installation.leaderAndOther().leader
            let holder = try #require(try await installation.holder())
            let service = try await uid(of: "service", database)

            let report = try await ApplyStream.during {
                let start = ContinuousClock.now
                try await installation.kubectl(["delete", "pod", leader.name, "--wait=false"])
                let next = try await installation.isLed(byOtherThan: holder, within: .seconds(10))
                let time = ContinuousClock.now - start
                print("figures: leadership handed over \(time) after the leading pod was deleted")
                #expect(time < .seconds(5))
                #expect(!next.hasPrefix("\(leader.name)_"))
                try await database.demandKubectl(["delete", "service", "orders", "--wait=false"])
                try await isMadeAgain("service", service, database, within: .seconds(5))
                try await installation.isWhole()
            }
            print("figures: the leading pod deleted under applies: \(report)")
            #expect(report.failures.count == 0, "\(report)")
        }

        @Test("when the leader is killed, few calls fail, the kubelet starts it again, and another leads within the time of the lease")
        func kill() async throws {
            let installation = try InClusterInstallation.current
            let database = try await InClusterDatabase.running()
            let (leader, other) = try await installation.leaderAndOther()
            let holder = try #require(try await installation.holder())
            let service = try await uid(of: "service", database)
            let process = try #require(try await leader.process())
            var killed = ContinuousClock.now

            let report = try await ApplyStream.during {
                killed = .now
                #expect(Glibc.kill(process.pid, SIGKILL) == 0)
                try await database.demandKubectl(["delete", "service", "orders", "--wait=false"])
                let next = try await installation.isLed(byOtherThan: holder, within: Self.takeover)
                let led = ContinuousClock.now - killed
                try await isMadeAgain("service", service, database, within: .seconds(5))
                let who = next.hasPrefix("\(other.name)_") ? "the other pod" : "the pod itself, started again,"
                print("figures: \(who) leads \(led) after the leader was killed, the Service is back after \(ContinuousClock.now - killed)")
                let pods = try await installation.isWhole()
                #expect(pods.first { $0.uid == leader.uid }?.restarts == 1)
                #expect(pods.first { $0.uid == other.uid }?.restarts == 0)
            }
            print("figures: a pod killed under applies: \(report)")
            // Requests that were under way, and those until its address was no longer given out.
            #expect(report.failures.allSatisfy { $0.began < killed + .seconds(5) }, "\(report)")
            #expect(report.failures.count < 20, "\(report)")
            #expect(report.count > 200)

            // The other tests have pods that were never restarted.
            try await installation.kubectl(["delete", "pod", leader.name])
            try await installation.isWhole()
        }

        private func uid(of kind: String, _ database: InClusterDatabase) async throws -> String {
            try #require(try await database.get(kind, "orders")?["metadata"]?["uid"]?.string)
        }

        private func isMadeAgain(_ kind: String, _ old: String, _ database: InClusterDatabase, within limit: Duration) async throws {
            try await poll("the \(kind) is made again", for: limit, every: .milliseconds(50)) {
                let uid = try await database.get(kind, "orders")?["metadata"]?["uid"]?.string
                return uid != nil && uid != old
            }
        }
    }
}

import KubernetesAPI
import NIOConcurrencyHelpers
import NIOCore
import ServiceLifecycle
import TestSupport
import Testing

@testable import KubernetesClient

extension ClientTests {
    @Suite("leader election", .serialized)
    struct APILeaseTests {
        /// Who did the leader's work, and when. All in one process, so by one clock.
        private final class Record: Sendable {
            private let box = NIOLockedValueBox<(now: Set<String>, order: [String], clashes: [String])>(([], [], []))

            var working: Set<String> { box.withLockedValue { $0.now } }
            var order: [String] { box.withLockedValue { $0.order } }
            var clashes: [String] { box.withLockedValue { $0.clashes } }

            func work(_ name: String) async {
                box.withLockedValue { box in
                    box.now.insert(name)
                    box.order.append(name)
                    if box.now.count > 1 { box.clashes.append("\(box.now)") }
                }
                // Until it is cancelled.
                while (try? await Task.sleep(for: .seconds(60))) != nil {}
                box.withLockedValue { _ = $0.now.remove(name) }
            }
        }

        /// One of the processes: its own connections and its own election.
        private struct Contender {
            let election: LeaderElection
            let client: KubernetesClient
            let task: Task<Void, Never>

            func end() async {
                task.cancel()
                await task.value
                await client.shutdown()
            }
        }

        private static var timing: LeaderElection.Timing {
            var timing = LeaderElection.Timing()
            timing.leaseDuration = .seconds(3)
            timing.renewDeadline = .seconds(2)
            timing.retryPeriod = .milliseconds(400)
            return timing
        }

        private func contender(_ name: String, _ namespace: String, _ record: Record) throws -> Contender {
            let client = try ClientTests.client()
            let election = LeaderElection(
                ObjectKey(namespace: namespace, name: "dbmmo"), identity: name, client: client, timing: Self.timing, logger: quiet)
            let task = Task { await election.run { await record.work(name) } }
            return Contender(election: election, client: client, task: task)
        }

        private func with(
            _ names: [String], _ body: ([String: Contender], Record) async throws -> Void
        ) async throws {
            let namespace = try await ControlPlane.current.namespace()
            let record = Record()
            let contenders = Dictionary(uniqueKeysWithValues: try names.map { ($0, try contender($0, namespace, record)) })
            try await withCleanup({ for contender in contenders.values { await contender.end() } }) {
                try await body(contenders, record)
            }
            #expect(record.clashes.isEmpty, "\(record.clashes)")
            #expect(record.working.isEmpty)
        }

        private func leader(_ record: Record, otherThan names: Set<String> = []) async throws -> String {
            try await poll("somebody leads", for: .seconds(10)) { record.working.subtracting(names).count == 1 }
            return try #require(record.working.subtracting(names).first)
        }

        @Test("of three one leads, and when it ends another one does at once")
        func handover() async throws {
            try await with(["a", "b", "c"]) { contenders, record in
                let first = try await leader(record)
                #expect(contenders.values.filter(\.election.isLeading).map(\.election.identity) == [first])
                try await Task.sleep(for: .seconds(1))
                #expect(record.order == [first])
                let ended = ContinuousClock.now
                let contender = try #require(contenders[first])
                contender.task.cancel()
                await contender.task.value
                let second = try await leader(record)
                print("figures: leadership handed over in \(ContinuousClock.now - ended)")
                #expect(second != first)
                #expect(ContinuousClock.now - ended < .seconds(2))
            }
        }

        @Test("a leader that reaches nobody stops in time, and another one takes over after it")
        func partition() async throws {
            try await with(["a", "b"]) { contenders, record in
                let first = try await leader(record)
                let contender = try #require(contenders[first])
                // As when its machine loses the network: nothing of it gets through any more, also not the release of the lease.
                await contender.client.shutdown()
                let cut = ContinuousClock.now
                try await poll("it stops", for: .seconds(5)) { !record.working.contains(first) }
                let stopped = ContinuousClock.now
                #expect(stopped - cut < Self.timing.renewDeadline + .milliseconds(500))
                #expect(!contender.election.isLeading)
                let second = try await leader(record)
                #expect(second != first)
                print("figures: work stopped \(stopped - cut) after the cut, taken over after \(ContinuousClock.now - cut)")
            }
        }

        @Test("an API server that is killed ends leadership, and one that is back has one leader again within ten seconds")
        func restart() async throws {
            let controlPlane = try ControlPlane.current
            try await with(["a", "b", "c"]) { _, record in
                _ = try await leader(record)
                try await controlPlane.crash("kube-apiserver")
                try await poll("nobody works", for: .seconds(5)) { record.working.isEmpty }
                try await controlPlane.revive("kube-apiserver")
                let ready = ContinuousClock.now
                _ = try await leader(record)
                print("figures: a leader \(ContinuousClock.now - ready) after the API server was ready again")
            }
        }
    }
}

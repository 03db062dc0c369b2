import JSON
import TestSupport
import Testing

extension NodeFaultTests {
    @Suite("many databases on one node", .serialized)
    struct ManyTests {
        private static let count = 20

        @Test("twenty databases that are made at once all become ready, keep a row each, and are gone when they are deleted")
        func twenty() async throws {
            let start = ContinuousClock.now
            var databases: [Database] = []
            for _ in 0..<Self.count { databases.append(try await Database.create()) }
            print("figures: \(Self.count) databases applied in \(ContinuousClock.now - start)")
            let ready = try await Self.untilAll(Self.count, for: .seconds(420)) { $0 == "True" }
            print("figures: \(Self.count) databases are ready after \(ready.first) (the first), \(ready.last) (the last)")
            var kilobytes = 0
            for database in databases {
                let pod = try #require(try await database.pod())
                let servers = PodProcess.all(inPod: pod).filter { $0.name == "mysqld" }
                #expect(servers.count == 1)
                kilobytes += servers.reduce(0) { $0 + $1.residentKilobytes }
            }
            print("figures: \(Self.count) MySQL servers have \(kilobytes / 1024) MiB resident")

            for (index, database) in databases.enumerated() { try await database.addRow(index) }
            for (index, database) in databases.enumerated() { try await database.findsRow(index) }
            let deletion = ContinuousClock.now
            try await Cluster.current.demandKubectl(["delete", "dbmmo", "--all", "--all-namespaces", "--wait=false"])
            try await poll("all are gone", for: .seconds(150), every: .milliseconds(500)) {
                try await Cluster.current.demandKubectl(["get", "dbmmo,pvc,pod", "--all-namespaces", "-o", "name"]).isEmpty
            }
            print("figures: \(Self.count) databases are gone with pods and claims \(ContinuousClock.now - deletion) after their deletion")
        }

        /// Waits until all databases of the cluster are in a state.
        ///
        /// - Returns: How long the first and the last took.
        private static func untilAll(
            _ count: Int, for limit: Duration, _ condition: (String) -> Bool
        ) async throws -> (first: Duration, last: Duration) {
            let start = ContinuousClock.now
            var first: Duration?
            let path = #"jsonpath={range .items[*]}{.status.conditions[?(@.type=="Ready")].status}{"\n"}{end}"#
            try await poll("all \(count) are ready", for: limit, every: .milliseconds(500)) {
                let states = try await Cluster.current.demandKubectl(["get", "dbmmo", "--all-namespaces", "-o", path])
                let reached = states.split(separator: "\n").filter { condition(String($0)) }.count
                if reached > 0, first == nil { first = ContinuousClock.now - start }
                return reached == count
            }
            return (first ?? .zero, ContinuousClock.now - start)
        }
    }
}

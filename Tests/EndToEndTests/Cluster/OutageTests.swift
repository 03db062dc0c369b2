import Glibc
import JSON
import Subprocess
import TestSupport
import Testing

extension ClusterTests {
    @Suite("an outage of the webhooks", .serialized)
    struct OutageTests {
        @Test(
            "while the webhooks are gone writes fail and nothing is lost; when they are back all is as before",
            arguments: [SIGTERM, SIGKILL])
        func outage(signal: Int32) async throws {
            let cluster = try Cluster.current
            let space = try await cluster.namespace()
            try await space.demandApply(Objects.onCluster("orders"))
            try await space.demandApply(Objects.legacyAzure("ledger"))
            let before = try await readings(space)

            let status = try await cluster.server.stop(signal)
            #expect(status == (signal == SIGTERM ? .exited(0) : .signaled(SIGKILL)))
            let failures = try await withCleanup({ try? await cluster.server.restart() }) {
                [
                    try await space.apply(Objects.onCluster("late")),
                    try await space.mergePatch("orders", #"{"spec":{"replicas":0}}"#),
                    try await space.kubectl(["delete", "dbmmo", "orders"]),
                    try await space.kubectl(["get", Version.v1alpha1.resource, "ledger"]),
                    try await space.kubectl(["get", Version.v1.resource, "ledger"])
                ]
            }
            for (failure, webhook) in zip(failures, ["mutate", "mutate", "validate"]) {
                #expect(failure.exitCode == 1)
                #expect(
                    failure.errorOutput.contains(#"failed calling webhook "\#(webhook).dbmmomysqls.cache.my.domain": "#),
                    "\(failure)")
            }
            #expect(failures[3].exitCode == 1, "reading the version that is not stored needs the webhook: \(failures[3])")
            #expect(failures[4].exitCode == 0, "reading the version that is stored does not: \(failures[4])")

            #expect(try await readings(space) == before)
            try await space.demandApply(Objects.onCluster("late"))
            let edited = try await space.mergePatch("orders", #"{"spec":{"replicas":0}}"#)
            #expect(edited.exitCode == 0, "\(edited)")
        }

        /// All objects in both versions.
        private func readings(_ space: Namespace) async throws -> [String] {
            var texts: [String] = []
            for version in Version.allCases {
                for name in ["orders", "ledger"] { texts.append(try await space.get(name, as: version).canonicalText) }
            }
            return texts
        }
    }
}

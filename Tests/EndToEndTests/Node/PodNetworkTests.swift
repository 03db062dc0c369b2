import TestSupport
import Testing

extension NodeFaultTests {
    @Suite("a node without a network for pods", .serialized)
    struct PodNetworkTests {
        @Test("that the node cannot give a pod its network is told; when it can, the database becomes ready")
        func noNetwork() async throws {
            let cluster = try Cluster.current
            let directory = cluster.controlPlane.directory
            let plugins = try directory.text(of: "node/cni/10-node.conflist")
            let database = Database(cluster: cluster, space: try await cluster.namespace())
            let cause = NodeTests.NotStartingTests.Cause(
                name: "R5: a node without a network for pods", spec: "", words: ["sandbox", "network"]
            ) { try await $0.events().contains("FailedCreatePodSandBox") }
            // The runtime reads it again when it changes.
            _ = try directory.write(plugins.replacing(#""type": "host-local""#, with: #""type": "none""#), to: "node/cni/10-node.conflist")
            try await withCleanup({ _ = try? directory.write(plugins, to: "node/cni/10-node.conflist") }) {
                try await Task.sleep(for: .seconds(1))
                try await database.apply("")
                try await NodeTests.NotStartingTests.expectTold([(cause, database)])
            }
            try await database.isReady(within: .seconds(150))
        }
    }
}

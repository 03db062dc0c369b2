import AzureEmulator
import Glibc
import Subprocess
import TestSupport
import Testing

/// What the worker makes of a DBMMOMySQL on Azure, with a real API server, an emulator of Azure, and a node that runs no databases.
@Suite(.serialized, .controlPlaneAvailable, .controllersAvailable, .clusterWithAzure, .timeLimit(.minutes(10)))
enum AzureTests {}

/// What the tests of Azure share besides the cluster.
struct AzureWorld: Sendable {
    @TaskLocal static var shared: AzureWorld?

    /// The one of the test that runs.
    static var current: AzureWorld { get throws { try #require(shared) } }

    let emulator: AzureEmulator
    let node: NodeAgent
}

/// Starts an emulator of Azure, a control plane, a node and the server under test for a suite, and ends all of them after it.
struct AzureTrait: SuiteTrait, TestScoping {
    func provideScope(for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            var options = EmulatorOptions()
            options.deviceInterval = 1
            try await AzureEmulator.with(options) { emulator in
                let token = try directory.write(emulator.federatedToken, to: "token")
                let cluster = try await Cluster.start(
                    hasWorker: true,
                    options: [
                        "--lease-duration", "1s", "--azure-interval", "1s", "--azure-trusted-endpoint", emulator.url, "--log-level", "trace"
                    ], environment: ["AZURE_FEDERATED_TOKEN_FILE": token])
                try await withCleanup({ await cluster.stop() }) {
                    try await NodeAgent.with(on: cluster.controlPlane, runsDatabases: false) { node in
                        try await Cluster.$shared.withValue(cluster) {
                            try await AzureWorld.$shared.withValue(AzureWorld(emulator: emulator, node: node)) { try await function() }
                        }
                    }
                }
            }
        }
    }
}

extension Trait where Self == AzureTrait {
    static var clusterWithAzure: Self { Self() }
}

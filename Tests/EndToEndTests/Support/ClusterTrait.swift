import Glibc
import Testing

/// Starts a control plane and the server under test for a suite, and ends both after it.
struct ClusterTrait: SuiteTrait, TestScoping {
    func provideScope(for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void) async throws {
        let cluster = try await Cluster.start()
        try await withCleanup({ await cluster.stop() }) {
            try await Cluster.$shared.withValue(cluster) { try await function() }
        }
    }
}

extension Trait where Self == ClusterTrait {
    static var cluster: Self { Self() }
}

extension Trait where Self == ConditionTrait {
    /// Whether there is a control plane, or one can be built. Without one the tests are skipped, where the environment variable CI
    /// is set they fail.
    static var controlPlaneAvailable: Self {
        .enabled("no control plane") { await ControlPlane.isAvailable }
    }
}

private enum ControlPlane {
    /// Asked once, since building one can take minutes.
    private static let check = Task {
        do {
            try await Tool.demand(Project.path("scripts/control-plane"), ["assets"])
            return true
        } catch {
            // The fixture fails then, and says why.
            guard getenv("CI") == nil else { return true }
            print("SKIPPED: end-to-end tests on a control plane, since there is none: \(error)")
            return false
        }
    }

    static var isAvailable: Bool { get async { await check.value } }
}

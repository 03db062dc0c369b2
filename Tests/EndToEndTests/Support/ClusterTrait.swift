import Glibc
import TestSupport
import Testing

/// Starts a control plane and the server under test for a suite, and ends both after it.
struct ClusterTrait: SuiteTrait, TestScoping {
    var hasWorker = false

    func provideScope(for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void) async throws {
        let cluster = try await Cluster.start(hasWorker: hasWorker)
        try await withCleanup({ await cluster.stop() }) {
            try await Cluster.$shared.withValue(cluster) { try await function() }
        }
    }
}

extension Trait where Self == ClusterTrait {
    static var cluster: Self { Self() }

    /// The server under test also makes the databases real.
    static var clusterWithWorker: Self { Self(hasWorker: true) }
}

/// Registers a server under test that also makes databases real with the control plane of the node for a suite, and takes it away after it.
struct NodeClusterTrait: SuiteTrait, TestScoping {
    func provideScope(for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void) async throws {
        let cluster = try await Cluster.startOnNode()
        try await withCleanup({ await cluster.stop() }) {
            try await ControlPlane.$shared.withValue(cluster.controlPlane) {
                try await Cluster.$shared.withValue(cluster) { try await function() }
            }
        }
    }
}

extension Trait where Self == NodeClusterTrait {
    static var clusterOnNode: Self { Self() }
}

/// Starts a control plane for a suite, and ends it after it.
struct ControlPlaneTrait: SuiteTrait, TestScoping {
    func provideScope(for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void) async throws {
        let controlPlane = try await ControlPlane.start()
        try await withCleanup({ await controlPlane.stop() }) {
            try await ControlPlane.$shared.withValue(controlPlane) { try await function() }
        }
    }
}

extension Trait where Self == ControlPlaneTrait {
    static var controlPlane: Self { Self() }
}

extension Trait where Self == ConditionTrait {
    /// Whether there is a control plane, or one can be built. Without one the tests are skipped, where the environment variable CI
    /// is set they fail.
    static var controlPlaneAvailable: Self {
        .enabled("no control plane") { await ControlPlanePrograms.isAvailable }
    }

    /// Whether the control plane has the controllers that collect garbage and empty namespaces: the programs of an API server alone
    /// do not.
    static var controllersAvailable: Self {
        .enabled("no kube-controller-manager") { await ControlPlanePrograms.hasControllers }
    }
}

extension Trait where Self == ConditionTrait {
    /// Whether the tests run on a node, as `scripts/test` has them do. Elsewhere they are skipped, where the environment variable CI is set they
    /// fail.
    static var nodeAvailable: Self {
        .enabled("no node: scripts/test starts one") {
            if getenv("CI") != nil { return true }
            if try await ControlPlane.ofNode() != nil { return true }
            print("SKIPPED: end-to-end tests on a node, since there is none here: scripts/test starts one")
            return false
        }
    }
}

private enum ControlPlanePrograms {
    /// The directory of the programs, nil when there are none. Asked once, since building them can take minutes.
    private static let check = Task { () -> String? in
        do {
            return try await Tool.demand(Project.path("scripts/control-plane"), ["assets"]).trimmed
        } catch {
            // The fixture fails then, and says why.
            guard getenv("CI") == nil else { return "" }
            print("SKIPPED: end-to-end tests on a control plane, since there is none: \(error)")
            return nil
        }
    }

    static var isAvailable: Bool { get async { await check.value != nil } }

    static var hasControllers: Bool { get async { await check.value.map { access("\($0)/kube-controller-manager", X_OK) == 0 } ?? false } }
}

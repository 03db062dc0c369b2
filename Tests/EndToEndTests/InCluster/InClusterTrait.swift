import TestSupport
import Testing

/// Installs dbmmo in the cluster of the node for a suite, and removes it after it. When a test has thrown an error, what was there is printed.
struct InClusterTrait: SuiteTrait, TestTrait, TestScoping {
    var isRecursive: Bool { true }

    func scopeProvider(for test: Test, testCase: Test.Case?) -> Self? { test.isSuite || testCase != nil ? self : nil }

    func provideScope(for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void) async throws {
        if let installation = InClusterInstallation.shared {
            do {
                try await function()
            } catch {
                await installation.explain()
                throw error
            }
            return
        }
        let installation = try await InClusterInstallation.install()
        try await withCleanup({ await installation.remove() }) {
            try await ControlPlane.$shared.withValue(installation.controlPlane) {
                try await InClusterInstallation.$shared.withValue(installation) { try await function() }
            }
        }
    }
}

extension Trait where Self == InClusterTrait {
    static var installedInCluster: Self { Self() }
}

import Synchronization
import TestSupport
import Testing

/// The namespaces that a test has made.
final class CreatedNamespaces: Sendable {
    @TaskLocal static var current: CreatedNamespaces?
    /// Those that stay for other tests of the suite.
    @TaskLocal static var lasting: [String] = []

    private let list = Mutex<[String]>([])

    var names: [String] { list.withLock { $0 } }

    func note(_ name: String) { list.withLock { $0.append(name) } }
}

/// Removes the namespaces of each test of a suite after it, with the pods that run there: on a node they are real. When the test has thrown an
/// error, what was there is printed first.
struct NamespaceCleanupTrait: SuiteTrait, TestTrait, TestScoping {
    var isRecursive: Bool { true }

    func scopeProvider(for test: Test, testCase: Test.Case?) -> Self? { testCase == nil ? nil : self }

    func provideScope(for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void) async throws {
        let namespaces = CreatedNamespaces()
        do {
            try await CreatedNamespaces.$current.withValue(namespaces) { try await function() }
        } catch {
            for name in namespaces.names + CreatedNamespaces.lasting { await Self.explain(name) }
            await Self.remove(namespaces.names)
            throw error
        }
        await Self.remove(namespaces.names)
    }

    /// Prints what there is in a namespace, for the reader of a failure.
    private static func explain(_ namespace: String) async {
        guard let controlPlane = ControlPlane.shared ?? Cluster.shared?.controlPlane else { return }
        for command in [
            ["get", "dbmmo,statefulset,pod,pvc,service,endpoints", "-o", "wide"],
            ["get", "dbmmo", "-o", "jsonpath={range .items[*]}{.status}{end}"],
            ["get", "events", "--sort-by=.metadata.creationTimestamp"],
            ["logs", "orders-0", "--all-containers", "--tail=30"], ["logs", "orders-0", "--previous", "--tail=30"]
        ] {
            guard let outcome = try? await controlPlane.kubectl(["--namespace", namespace] + command) else { continue }
            print("--- kubectl -n \(namespace) \(command.joined(separator: " "))\n\(outcome.output)\(outcome.errorOutput)")
        }
        guard let log = await Cluster.shared?.server.log else { return }
        print("--- dbmmo\n\(log.split(separator: "\n").filter { $0.contains(namespace) }.suffix(40).joined(separator: "\n"))")
    }

    /// Has the namespaces go, and their pods without a grace period: nobody needs their data any more.
    static func remove(_ namespaces: [String]) async {
        guard let controlPlane = ControlPlane.shared ?? Cluster.shared?.controlPlane else { return }
        for name in namespaces {
            _ = try? await controlPlane.kubectl(["delete", "namespace", name, "--wait=false"])
            let atOnce = ["--all", "--force", "--grace-period=0", "--wait=false"]
            _ = try? await controlPlane.kubectl(["--namespace", name, "delete", "pods"] + atOnce)
        }
    }
}

extension Trait where Self == NamespaceCleanupTrait {
    static var namespacesRemoved: Self { Self() }
}

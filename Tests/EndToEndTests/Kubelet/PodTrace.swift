import HTTPCalls
import JSON
import KubernetesAPI
import KubernetesClient
import Logging
import NIOConcurrencyHelpers
import TestSupport

/// What the API server was told of the pods of a namespace, one after the other.
final class PodTrace: Sendable {
    private let steps = NIOLockedValueBox<[String: [String]]>([:])
    private let namespace: String

    private init(_ namespace: String) {
        self.namespace = namespace
    }

    /// Watches the pods of a namespace while the body runs.
    static func recording<Result>(
        _ controlPlane: ControlPlane, _ namespace: String, _ body: (PodTrace) async throws -> Result
    ) async throws -> Result {
        let trace = PodTrace(namespace)
        let logger = Logger(label: "pod-trace") { _ in SwiftLogNoOpLogHandler() }
        let configuration = try ClusterConfiguration.load(kubeconfig: controlPlane.kubeconfig)
        let client = KubernetesClient(configuration, userAgent: "pod-trace", logger: logger)
        return try await withCleanup({ await client.shutdown() }) {
            let cache = ObjectCache(NodeTypes.pods, client: client, logger: logger) { trace.take($0) }
            return try await running({ await cache.run() }) { try await body(trace) }
        }
    }

    /// The steps of a pod so far, each another one than the step before.
    func steps(of pod: String) -> [String] { steps.withLockedValue { $0[pod] ?? [] } }

    private func take(_ change: ObjectChange) {
        let key = change.object.key
        guard key.namespace == namespace else { return }
        var step = "gone"
        if case .deleted = change {} else { step = (try? change.object.json()).map(Self.step) ?? "unreadable" }
        steps.withLockedValue { steps in
            if steps[key.name]?.last != step { steps[key.name, default: []].append(step) }
        }
    }

    /// What a controller sees of a pod, in one line: `Running, ip, Ready=True, app running ready`.
    static func step(_ pod: JSONValue) -> String {
        let status = pod["status"]
        var parts = [status?["phase"]?.string ?? "no phase"]
        if pod["metadata"]?["deletionTimestamp"] != nil { parts.append("deleted") }
        if pod[path: ["spec", "nodeName"]] != nil { parts.append("on a node") }
        if status?["podIP"]?.string != nil { parts.append("ip") }
        let conditions = (status?["conditions"]?.elements ?? []).map { condition in
            let reason = condition["reason"]?.string.map { ":\($0)" } ?? ""
            return "\(condition["type"]?.string ?? "")=\(condition["status"]?.string ?? "")\(reason)"
        }
        parts += conditions.sorted()
        parts += (status?["containerStatuses"]?.elements ?? []).map(container)
        return parts.joined(separator: ", ")
    }

    private static func container(_ status: JSONValue) -> String {
        var words = [status["name"]?.string ?? "no name", state(status["state"])]
        if status["ready"]?.boolean == true { words.append("ready") }
        if status["started"]?.boolean == true { words.append("started") }
        if let restarts = status["restartCount"]?.integer, restarts > 0 { words.append("restarted") }
        if status["lastState"]?["terminated"] != nil { words.append("after \(state(status["lastState"]))") }
        return words.joined(separator: " ")
    }

    private static func state(_ state: JSONValue?) -> String {
        if let waiting = state?["waiting"] { return "waiting:\(waiting["reason"]?.string ?? "")" }
        if state?["running"] != nil { return "running" }
        if let terminated = state?["terminated"] { return "terminated:\((terminated["exitCode"]?.integer ?? 0) == 0 ? "0" : "not 0")" }
        return "no state"
    }
}

import Logging
import NIOCore
import TestSupport
import Testing

@testable import KubernetesClient

/// The client against a real API server, which is killed now and then, so it is their own.
@Suite("a client of a real API server", .serialized, .controlPlaneAvailable, .controlPlane, .timeLimit(.minutes(3)))
enum ClientTests {
    static let configMaps = ResourceType(version: "v1", resource: "configmaps", kind: "ConfigMap")
    static let services = ResourceType(version: "v1", resource: "services", kind: "Service")
    static let namespaces = ResourceType(version: "v1", resource: "namespaces", kind: "Namespace", isNamespaced: false)

    /// Swallows what is logged.
    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// A client for the administrator.
    static func client() throws -> KubernetesClient {
        KubernetesClient(try ClusterConfiguration.load(kubeconfig: try ControlPlane.current.kubeconfig), logger: quiet)
    }

    /// Gives a client to the body, and shuts it down afterwards.
    static func withClient<Result>(
        _ configuration: ClusterConfiguration? = nil, _ body: (KubernetesClient) async throws -> Result
    ) async throws -> Result {
        let client = try configuration.map { KubernetesClient($0, logger: quiet) } ?? client()
        return try await withCleanup({ await client.shutdown() }) { try await body(client) }
    }

    /// A configuration from the text of a kubeconfig's user, and more of its cluster, in place of the administrator's.
    static func configuration(user: String, cluster: String = "", trust: Bool = true) async throws -> ClusterConfiguration {
        let controlPlane = try ControlPlane.current
        let paths = "{.clusters[0].cluster.server} {.clusters[0].cluster.certificate-authority-data}"
        let known = try await controlPlane.demandKubectl(["config", "view", "--raw", "-o", "jsonpath=\(paths)"]).split(separator: " ")
        let authority = trust ? "certificate-authority-data: \(known[1])," : ""
        let text = """
            current-context: test
            contexts: [{name: test, context: {cluster: test, user: test}}]
            clusters: [{name: test, cluster: {server: '\(known[0])', \(authority) \(cluster)}}]
            users: [{name: test, user: \(user)}]
            """
        let path = try controlPlane.directory.write(text, to: "kubeconfig-\(UInt64.random(in: .min ... .max))")
        return try ClusterConfiguration.load(kubeconfig: path)
    }

    static func configMap(_ name: String, _ data: String = "one", labels: String = #""app":"test""#) -> ByteBuffer {
        ByteBuffer(
            string:
                #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"\#(name)","labels":{\#(labels)}},"data":{"text":"\#(data)"}}"#)
    }
}

import JSON
import Logging
import NIOCore
import TestSupport

@testable import KubernetesClient

/// A type of objects that are small.
let configMaps = ResourceType(version: "v1", resource: "configmaps", kind: "ConfigMap")

/// An object as an API server gives it.
func objectText(_ name: String, version: Int, uid: String? = nil, namespace: String = "shop", extra: String = "") -> String {
    #"{"metadata":{"name":"\#(name)","namespace":"\#(namespace)","uid":"\#(uid ?? "uid-\(name)")","resourceVersion":"\#(version)"}\#(extra)}"#
}

func object(_ name: String, version: Int, uid: String? = nil) throws -> KubernetesObject {
    guard let object = KubernetesObject(copying: try JSONDocument(parsing: objectText(name, version: version, uid: uid)).root) else {
        throw TimedOut(description: "no object")
    }
    return object
}

func eventText(_ type: String, _ object: String) -> String { #"{"type":"\#(type)","object":\#(object)}"# + "\n" }

func statusText(_ code: Int, _ reason: String, _ message: String = "no") -> String {
    #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"\#(message)","reason":"\#(reason)","code":\#(code)}"#
}

extension ScriptedServer.Step {
    static func failure(_ code: Int, _ reason: String, headers: [String] = []) -> Self {
        .answer(code, statusText(code, reason), headers: headers)
    }

    static func list(_ objects: [String], version: Int, next: String? = nil) -> Self {
        let token = next.map { #","continue":"\#($0)""# } ?? ""
        return .answer(
            200,
            #"{"kind":"ConfigMapList","metadata":{"resourceVersion":"\#(version)"\#(token)},"items":[\#(objects.joined(separator: ","))]}"#)
    }
}

/// Swallows what is logged.
let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

extension ClusterConfiguration {
    /// A server without TLS.
    static func plain(_ server: ScriptedServer) throws -> ClusterConfiguration {
        guard let address = ServerAddress(server.url) else { throw TimedOut(description: "no address") }
        return ClusterConfiguration(server: address)
    }
}

/// Gives a client of a server to the body, and shuts it down afterwards.
func withClient<Result>(
    _ configuration: ClusterConfiguration, policy: RetryPolicy = RetryPolicy(), _ body: (KubernetesClient) async throws -> Result
) async throws -> Result {
    let client = KubernetesClient(configuration, policy: policy, logger: quiet)
    return try await withCleanup({ await client.shutdown() }) { try await body(client) }
}

import JSON
import KubernetesAPI
import NIOCore
import NIOHTTP1

@testable import KubernetesClient

/// The types of objects that a node deals with.
enum NodeTypes {
    static let nodes = ResourceType(version: "v1", resource: "nodes", kind: "Node", isNamespaced: false)
    static let pods = ResourceType(version: "v1", resource: "pods", kind: "Pod")
    static let claims = ResourceType(version: "v1", resource: "persistentvolumeclaims", kind: "PersistentVolumeClaim")
    static let volumes = ResourceType(version: "v1", resource: "persistentvolumes", kind: "PersistentVolume", isNamespaced: false)
    static let storageClasses = ResourceType(
        group: "storage.k8s.io", version: "v1", resource: "storageclasses", kind: "StorageClass", isNamespaced: false)
    static let secrets = ResourceType(version: "v1", resource: "secrets", kind: "Secret")
    static let configMaps = ResourceType(version: "v1", resource: "configmaps", kind: "ConfigMap")
    static let endpoints = ResourceType(version: "v1", resource: "endpoints", kind: "Endpoints")
}

/// What only a node or a scheduler asks of an API server, and what only a test does.
extension KubernetesClient {
    /// Says on which node a pod runs, through its subresource `binding`, whose answer is no object.
    func bind(_ pod: KubernetesObject, to node: String) async throws(KubernetesError) {
        var request = APIRequest(.POST, NodeTypes.pods.path(of: pod.key, subresource: "binding"))
        let binding: JSONTree = [
            "apiVersion": "v1", "kind": "Binding", "metadata": ["name": .string(pod.key.name), "uid": .string(pod.uid)],
            "target": ["apiVersion": "v1", "kind": "Node", "name": .string(node)]
        ]
        request.body = APIRequest.Body(contentType: "application/json", bytes: binding.bytes)
        _ = try await answer(to: request, within: .seconds(10))
    }

    /// What would become of an object that is created.
    func dryRun(_ type: ResourceType, namespace: String, _ object: JSONTree) async throws(KubernetesError) -> KubernetesObject {
        var request = APIRequest(.POST, type.collectionPath(namespace: namespace))
        request.ask("dryRun", "All")
        request.body = APIRequest.Body(contentType: "application/json", bytes: object.bytes)
        return try await self.object(request, within: .seconds(10))
    }
}

extension JSONTree {
    /// The compact text, as the body of a request.
    var bytes: ByteBuffer { ByteBuffer(string: text) }
}

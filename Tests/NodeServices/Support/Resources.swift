import JSON
import KubernetesClient
import NIOCore

/// The types of objects that the node's services read and write.
enum Resources {
    static let claims = ResourceType(version: "v1", resource: "persistentvolumeclaims", kind: "PersistentVolumeClaim")
    static let volumes = ResourceType(version: "v1", resource: "persistentvolumes", kind: "PersistentVolume", isNamespaced: false)
    static let storageClasses = ResourceType(
        group: "storage.k8s.io", version: "v1", resource: "storageclasses", kind: "StorageClass", isNamespaced: false)
    static let services = ResourceType(version: "v1", resource: "services", kind: "Service")
    static let endpoints = ResourceType(version: "v1", resource: "endpoints", kind: "Endpoints")
    static let configMaps = ResourceType(version: "v1", resource: "configmaps", kind: "ConfigMap")
}

extension JSONTree {
    /// The compact text, as the body of a request.
    var bytes: ByteBuffer { ByteBuffer(string: text) }
}

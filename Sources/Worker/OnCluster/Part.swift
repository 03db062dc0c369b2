import DBMMOMySQLAPI
import KubernetesClient

/// The objects that make a database on the cluster, in the order in which they are made: each needs only what stands before it.
enum Part: String, Sendable, CaseIterable, Comparable {
    case credentials, configuration, claim, podService, clientService, statefulSet, ingress

    var type: ResourceType {
        switch self {
        case .credentials: .secrets
        case .configuration: .configMaps
        case .claim: .persistentVolumeClaims
        case .podService, .clientService: .services
        case .statefulSet: .statefulSets
        case .ingress: .ingresses
        }
    }

    /// - Parameter owner: The name of the DBMMOMySQL, at most 52 characters by rule M1.
    func name(for owner: String) -> String {
        switch self {
        case .credentials: "\(owner)-credentials"
        case .configuration: "\(owner)-config"
        // What the StatefulSet's controller looks for.
        case .claim: "data-\(owner)-0"
        case .podService: "\(owner)-pods"
        case .clientService, .statefulSet, .ingress: owner
        }
    }

    func key(for owner: ObjectKey) -> ObjectKey { ObjectKey(namespace: owner.namespace, name: name(for: owner.name)) }

    /// Kind and name, as people read it.
    func title(for owner: String) -> String { "\(type.kind) \(name(for: owner))" }

    static func < (first: Part, second: Part) -> Bool {
        (allCases.firstIndex(of: first) ?? 0) < (allCases.firstIndex(of: second) ?? 0)
    }
}

extension ResourceType {
    static let databases = ResourceType(
        group: ServedVersion.group, version: ServedVersion.v1.rawValue, resource: ServedVersion.resource, kind: ServedVersion.kind)
    static let secrets = ResourceType(version: "v1", resource: "secrets", kind: "Secret")
    static let configMaps = ResourceType(version: "v1", resource: "configmaps", kind: "ConfigMap")
    static let persistentVolumeClaims = ResourceType(version: "v1", resource: "persistentvolumeclaims", kind: "PersistentVolumeClaim")
    static let services = ResourceType(version: "v1", resource: "services", kind: "Service")
    static let endpoints = ResourceType(version: "v1", resource: "endpoints", kind: "Endpoints")
    static let pods = ResourceType(version: "v1", resource: "pods", kind: "Pod")
    static let statefulSets = ResourceType(group: "apps", version: "v1", resource: "statefulsets", kind: "StatefulSet")
    static let ingresses = ResourceType(group: "networking.k8s.io", version: "v1", resource: "ingresses", kind: "Ingress")
}

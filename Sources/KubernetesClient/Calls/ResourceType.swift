import HTTPCalls
public import KubernetesAPI

/// A type of objects, and where they are served.
public struct ResourceType: Sendable, Hashable, CustomStringConvertible {
    /// The group, the version and the plural.
    public let resource: GroupVersionResource
    public let kind: String
    public let isNamespaced: Bool

    /// - Parameters:
    ///   - group: Empty for the core group.
    ///   - resource: The plural, in lower case.
    public init(group: String = "", version: String, resource: String, kind: String, isNamespaced: Bool = true) {
        self.resource = GroupVersionResource(group: group, version: version, resource: resource)
        self.kind = kind
        self.isNamespaced = isNamespaced
    }

    public var apiVersion: APIVersion { APIVersion(group: resource.group, version: resource.version) }

    public var description: String { resource.groupResource }

    /// The leases of leader elections.
    public static let leases = ResourceType(group: "coordination.k8s.io", version: "v1", resource: "leases", kind: "Lease")

    /// To be written.
    public static let events = ResourceType(group: "events.k8s.io", version: "v1", resource: "events", kind: "Event")

    /// The same ones, in the form that says the most of those which older components record: to be read.
    public static let coreEvents = ResourceType(version: "v1", resource: "events", kind: "Event")

    // MARK: Paths

    /// - Parameter namespace: Nil for all namespaces, and for types that are in none.
    func collectionPath(namespace: String?) -> String {
        let root = APIPath.root(of: apiVersion)
        guard isNamespaced, let namespace else { return "\(root)/\(resource.resource)" }
        return "\(root)/namespaces/\(APIPath.escaped(namespace))/\(resource.resource)"
    }

    func path(of key: ObjectKey, subresource: String? = nil) -> String {
        let path = "\(collectionPath(namespace: key.namespace))/\(APIPath.escaped(key.name))"
        return subresource.map { "\(path)/\($0)" } ?? path
    }
}

/// What an object of a type is found by.
public struct ObjectKey: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Empty for objects that are in none.
    public let namespace: String
    public let name: String

    public init(namespace: String = "", name: String) {
        self.namespace = namespace
        self.name = name
    }

    public var description: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }

    public static func < (first: ObjectKey, second: ObjectKey) -> Bool {
        (first.namespace, first.name) < (second.namespace, second.name)
    }
}

/// How paths and queries are written (RFC 3986, section 2).
enum APIPath {
    static func root(of version: APIVersion) -> String {
        version.group.isEmpty ? "/api/\(escaped(version.version))" : "/apis/\(escaped(version.group))/\(escaped(version.version))"
    }

    static func escaped(_ text: String) -> String { PercentEncoding.escaped(text) }
}

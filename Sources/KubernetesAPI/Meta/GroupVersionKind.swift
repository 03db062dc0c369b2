/// The type of an object (metav1.GroupVersionKind).
public struct GroupVersionKind: Sendable, Hashable, CustomStringConvertible {
    /// Empty for the core group.
    public let group: String
    public let version: String
    public let kind: String

    public init(group: String, version: String, kind: String) {
        self.group = group
        self.version = version
        self.kind = kind
    }

    public var apiVersion: APIVersion { APIVersion(group: group, version: version) }

    /// `Kind.group`, as messages name a type.
    public var groupKind: String { group.isEmpty ? kind : "\(kind).\(group)" }

    public var description: String { "\(apiVersion), Kind=\(kind)" }
}

/// Where objects of a type are served (metav1.GroupVersionResource).
public struct GroupVersionResource: Sendable, Hashable, CustomStringConvertible {
    /// Empty for the core group.
    public let group: String
    public let version: String
    /// The plural, in lower case.
    public let resource: String

    public init(group: String, version: String, resource: String) {
        self.group = group
        self.version = version
        self.resource = resource
    }

    /// `resource.group`, as messages name a resource.
    public var groupResource: String { group.isEmpty ? resource : "\(resource).\(group)" }

    public var description: String { "\(APIVersion(group: group, version: version)), Resource=\(resource)" }
}

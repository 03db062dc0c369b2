public import JSON

/// The versions in which a `DBMMOMySQL` is served.
public enum ServedVersion: String, Sendable, CaseIterable {
    /// The API of existing installations: served, deprecated.
    case v1alpha1
    /// The storage version.
    case v1

    public static let group = "cache.my.domain"
    public static let kind = "DBMMOMySQL"
    public static let resource = "dbmmomysqls"

    /// The annotation that carries, through one version, what only the other can hold.
    public static let conversionDataAnnotation = "\(group)/conversion-data"

    /// The `apiVersion` of objects of this version.
    public var groupVersion: String {
        switch self {
        case .v1alpha1: Self.groupVersionOfV1alpha1
        case .v1: Self.groupVersionOfV1
        }
    }

    private static let groupVersionOfV1alpha1 = "\(group)/v1alpha1"
    private static let groupVersionOfV1 = "\(group)/v1"

    /// The version that an `apiVersion` names, or nil when it is none of ours.
    public init?(groupVersion: String) {
        guard let version = Self.allCases.first(where: { $0.groupVersion == groupVersion }) else { return nil }
        self = version
    }

    /// The version of an object, or nil when the object is not a `DBMMOMySQL` of a version that is served.
    public init?(of object: JSONValue) {
        guard object["kind"]?.isString(Self.kind) == true, let groupVersion = object["apiVersion"],
            let version = Self.allCases.first(where: { groupVersion.isString($0.groupVersion) })
        else { return nil }
        self = version
    }
}

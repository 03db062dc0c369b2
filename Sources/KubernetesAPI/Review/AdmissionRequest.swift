public import JSON

/// What the API server asks before it stores an object (`AdmissionRequest` of `admission.k8s.io`).
public struct AdmissionRequest: Sendable {
    public enum Operation: String, Sendable, CaseIterable {
        case create = "CREATE"
        case update = "UPDATE"
        case delete = "DELETE"
        case connect = "CONNECT"
    }

    /// Identifies the request; the answer repeats it.
    public let uid: String

    /// The type of ``object`` and ``oldObject``.
    public let kind: GroupVersionKind

    /// The type that the user wrote, which the API server may have converted to ``kind``.
    public let requestKind: GroupVersionKind

    /// Its parts are empty when the request does not tell it.
    public var resource: GroupVersionResource {
        GroupVersionResource(
            group: resourceValue?["group"]?.string ?? "", version: resourceValue?["version"]?.string ?? "",
            resource: resourceValue?["resource"]?.string ?? "")
    }

    /// Such as `status`; empty for the object itself.
    public let subResource: String

    /// The name of the object. On creation it may not be known yet: then it is what the object says of itself, its `generateName`
    /// in the end, or empty.
    public var name: String {
        let candidates = [
            nameValue, object?[path: ["metadata", "name"]], oldObject?[path: ["metadata", "name"]],
            object?[path: ["metadata", "generateName"]]
        ]
        return candidates.lazy.compactMap { $0?.string }.first { !$0.isEmpty } ?? ""
    }

    /// Empty for what is in no namespace.
    public var namespace: String { namespaceValue?.string ?? "" }
    public let operation: Operation

    /// Who asks; empty when the request does not tell.
    public var username: String { usernameValue?.string ?? "" }

    /// Whether nothing will be stored.
    public let dryRun: Bool

    /// Absent on DELETE.
    public let object: JSONValue?

    /// The object as it is stored: on UPDATE and DELETE.
    public let oldObject: JSONValue?

    // What few answers need is left where it is.
    private let resourceValue: JSONValue?
    private let nameValue: JSONValue?
    private let namespaceValue: JSONValue?
    private let usernameValue: JSONValue?

    init(uid: String, fields: ReviewFields) throws(ReviewError) {
        self.uid = uid
        kind = try Self.kind(of: fields.requiredObject("kind"))
        requestKind = try fields.optionalObject("requestKind").map(Self.kind) ?? kind
        resourceValue = try fields.optionalObjectValue("resource")
        if let resource = try fields.optionalObject("resource") {
            for part in ["group", "version", "resource"] { _ = try resource.optionalStringValue(part) }
        }
        subResource = try fields.optionalString("subResource") ?? ""
        namespaceValue = try fields.optionalStringValue("namespace")
        usernameValue = try fields.optionalObject("userInfo")?.optionalStringValue("username")
        dryRun = try fields.optionalBoolean("dryRun") ?? false
        object = try fields.optionalObjectValue("object")
        oldObject = try fields.optionalObjectValue("oldObject")
        let operation = try fields.requiredString("operation")
        guard let known = Operation(rawValue: operation) else { throw .unknownOperation(operation) }
        self.operation = known
        nameValue = try fields.optionalStringValue("name")
    }

    private static func kind(of fields: ReviewFields) throws(ReviewError) -> GroupVersionKind {
        GroupVersionKind(
            group: try fields.optionalString("group") ?? "",
            version: try fields.requiredString("version"),
            kind: try fields.requiredString("kind")
        )
    }
}

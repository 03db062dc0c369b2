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
    public let resource: GroupVersionResource

    /// Such as `status`; empty for the object itself.
    public let subResource: String

    /// The name of the object. On creation it may not be known yet: then it is what the object says of itself, its `generateName`
    /// in the end, or empty.
    public let name: String

    /// Empty for what is in no namespace.
    public let namespace: String
    public let operation: Operation

    /// Who asks; empty when the request does not tell.
    public let username: String

    /// Whether nothing will be stored.
    public let dryRun: Bool

    /// Absent on DELETE.
    public let object: JSONValue?

    /// The object as it is stored: on UPDATE and DELETE.
    public let oldObject: JSONValue?

    init(uid: String, fields: ReviewFields) throws(ReviewError) {
        self.uid = uid
        kind = try Self.kind(of: fields.requiredObject("kind"))
        requestKind = try fields.optionalObject("requestKind").map(Self.kind) ?? kind
        let resource = try fields.optionalObject("resource")
        self.resource = GroupVersionResource(
            group: try resource?.optionalString("group") ?? "",
            version: try resource?.optionalString("version") ?? "",
            resource: try resource?.optionalString("resource") ?? ""
        )
        subResource = try fields.optionalString("subResource") ?? ""
        namespace = try fields.optionalString("namespace") ?? ""
        username = try fields.optionalObject("userInfo")?.optionalString("username") ?? ""
        dryRun = try fields.optionalBoolean("dryRun") ?? false
        object = try fields.optionalObjectValue("object")
        oldObject = try fields.optionalObjectValue("oldObject")
        let operation = try fields.requiredString("operation")
        guard let known = Operation(rawValue: operation) else { throw .unknownOperation(operation) }
        self.operation = known
        let names = [
            try fields.optionalString("name"), object?[path: ["metadata", "name"]]?.string,
            oldObject?[path: ["metadata", "name"]]?.string, object?[path: ["metadata", "generateName"]]?.string
        ]
        name = names.lazy.compactMap { $0 }.first { !$0.isEmpty } ?? ""
    }

    private static func kind(of fields: ReviewFields) throws(ReviewError) -> GroupVersionKind {
        GroupVersionKind(
            group: try fields.optionalString("group") ?? "",
            version: try fields.requiredString("version"),
            kind: try fields.requiredString("kind")
        )
    }
}

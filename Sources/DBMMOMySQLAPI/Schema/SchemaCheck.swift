public import JSON
public import KubernetesAPI

/// What an API server finds in an object by itself, before any rule: values of a wrong type, for which it refuses the object, and fields that it does
/// not know, which it drops.
///
/// The status is not looked at: the API server drops it from an object that is applied.
public struct SchemaCheck: Sendable {
    public private(set) var errors: [FieldError] = []
    public private(set) var unknownFields: [FieldPath] = []

    public init(_ object: JSONValue, version: ServedVersion) {
        checkMetadata(object["metadata"])
        for member in object.members where !["apiVersion", "kind", "metadata", "spec", "status"].contains(member.name) {
            unknownFields.append(FieldPath(member.name))
        }
        guard let spec = object["spec"], !spec.isNull, case .object(let fields) = Schema.of(version) else { return }
        if let schema = fields["spec"] { check(spec, schema, at: FieldPath("spec")) }
    }

    // MARK: Spec

    private mutating func check(_ value: JSONValue, _ schema: Schema, at path: FieldPath) {
        switch schema {
        case .string where value.kind == .string: return
        case .boolean where value.kind == .boolean: return
        case .integer where value.isWhole: return
        case .int32 where value.isWhole: return
        case .integerOrString where value.kind == .string || value.isWhole: return
        case .list(let element) where value.kind == .array:
            for (index, value) in value.elements.enumerated() { check(value, element, at: path.appending(index: index)) }
        case .map(let element) where value.kind == .object:
            // A member that is null is dropped.
            for member in value.members where !member.value.isNull { check(member.value, element, at: path.appending(member.name)) }
        case .object(let fields) where value.kind == .object:
            for member in value.members {
                let place = path.appending(member.name)
                guard let field = fields[member.name] else {
                    unknownFields.append(place)
                    continue
                }
                if !member.value.isNull { check(member.value, field, at: place) }
            }
        default:
            errors.append(Self.wrongType(path, value.typeName, schema.name))
        }
    }

    /// In the words of the API server, with the way out of YAML's most frequent trap.
    private static func wrongType(_ path: FieldPath, _ found: String, _ expected: String) -> FieldError {
        let isTrap = expected == "string" && ["boolean", "integer", "number"].contains(found)
        let found = "\"\(found)\""
        return .typeInvalid(
            path, value: found, "\(path) in body must be of type \(expected): \(found)\(isTrap ? "; in quotes it is a string" : "")")
    }

    // MARK: Metadata

    private mutating func checkMetadata(_ metadata: JSONValue?) {
        let path = FieldPath("metadata")
        if let metadata, metadata.kind != .object, !metadata.isNull {
            errors.append(Self.wrongType(path, metadata.typeName, "object"))
            return
        }
        for name in ["name", "generateName", "namespace"] {
            guard let value = metadata?[name], !value.isNull, value.kind != .string else { continue }
            errors.append(Self.wrongType(path.appending(name), value.typeName, "string"))
        }
        for name in ["labels", "annotations"] {
            if let value = metadata?[name], !value.isNull { check(value, .map(.string), at: path.appending(name)) }
        }
        for member in metadata?.members ?? [] where !Self.fieldsOfMetadata.contains(member.name) {
            unknownFields.append(path.appending(member.name))
        }
        guard errors.isEmpty else { return }
        let name = metadata?["name"]?.string ?? ""
        let prefix = metadata?["generateName"]?.string ?? ""
        if name.isEmpty, prefix.isEmpty {
            errors.append(.required(path.appending("name"), "name or generateName is required"))
        } else if !Format.isDNSSubdomain(name.isEmpty ? prefix + "x" : name) {
            let field = name.isEmpty ? "generateName" : "name"
            errors.append(
                .invalid(
                    path.appending(field), value: FieldError.quoted(name.isEmpty ? prefix : name),
                    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an "
                        + "alphanumeric character"))
        }
    }

    /// metav1.ObjectMeta
    private static let fieldsOfMetadata: Set<String> = [
        "annotations", "clusterName", "creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "finalizers", "generateName",
        "generation", "labels", "managedFields", "name", "namespace", "ownerReferences", "resourceVersion", "selfLink", "uid"
    ]
}

extension JSONValue {
    /// The type as the API server names it.
    var typeName: String {
        switch kind {
        case .null: "null"
        case .boolean: "boolean"
        case .number: isWhole ? "integer" : "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    /// The largest whole number that the API server takes in another spelling than that of an integer, or beyond 64 bits: 2^53 - 1.
    private static let largestWholeDouble = 9_007_199_254_740_991.0

    /// A number without a fraction, however it is spelt.
    fileprivate var isWhole: Bool {
        guard kind == .number else { return false }
        if integer != nil { return true }
        guard let value = Double(spelling), value.magnitude <= Self.largestWholeDouble else { return false }
        return value.rounded(.towardZero) == value
    }
}

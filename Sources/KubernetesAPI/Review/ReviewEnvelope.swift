import JSON
import NIOCore

/// What the reviews of Kubernetes have in common: `apiVersion`, `kind`, and a `request` with a `uid`.
struct ReviewEnvelope {
    let apiVersion: String
    let kind: String
    let uid: String
    let request: ReviewFields
    /// The whole review.
    let root: JSONValue

    /// - Parameter read: reads the whole body or an outline of it.
    init(
        kind expectedKind: String, apiVersions: [String], reading read: () throws(JSONParseError) -> JSONDocument
    ) throws(ReviewError) {
        do {
            root = try read().root
        } catch {
            throw error.reason == .empty ? .emptyBody : .malformedJSON(error)
        }
        guard root.kind == .object else { throw .notAnObject }
        let review = ReviewFields(root)
        kind = try review.requiredString("kind")
        guard kind == expectedKind else { throw .unknownKind(kind, expected: expectedKind) }
        apiVersion = try review.requiredString("apiVersion")
        guard apiVersions.contains(apiVersion) else { throw .unknownAPIVersion(apiVersion, expected: apiVersions) }
        request = try review.requiredObject("request")
        uid = try request.requiredString("uid")
    }
}

/// Typed reading of an object's members. Null counts as absent, as in the Kubernetes API; a member of another type never does.
struct ReviewFields {
    private let value: JSONValue
    /// The path to the object in two parts, which are joined when somebody asks.
    private let parent: String
    private let name: String

    init(_ value: JSONValue, parent: String = "", name: String = "") {
        self.value = value
        self.parent = parent
        self.name = name
    }

    func requiredString(_ name: String) throws(ReviewError) -> String {
        guard let string = try optionalString(name) else { throw .missing(field: path(to: name)) }
        guard !string.isEmpty else { throw .empty(field: path(to: name)) }
        return string
    }

    func optionalString(_ name: String) throws(ReviewError) -> String? {
        try optionalStringValue(name)?.string
    }

    /// A string that is not read yet.
    func optionalStringValue(_ name: String) throws(ReviewError) -> JSONValue? {
        guard let member = member(name) else { return nil }
        guard member.kind == .string else { throw .wrongType(field: path(to: name), expected: "a string") }
        return member
    }

    func optionalBoolean(_ name: String) throws(ReviewError) -> Bool? {
        guard let member = member(name) else { return nil }
        guard let boolean = member.boolean else { throw .wrongType(field: path(to: name), expected: "true or false") }
        return boolean
    }

    func requiredObject(_ name: String) throws(ReviewError) -> ReviewFields {
        guard let object = try optionalObject(name) else { throw .missing(field: path(to: name)) }
        return object
    }

    func optionalObject(_ name: String) throws(ReviewError) -> ReviewFields? {
        try optionalObjectValue(name).map { ReviewFields($0, parent: path, name: name) }
    }

    func optionalObjectValue(_ name: String) throws(ReviewError) -> JSONValue? {
        guard let member = member(name) else { return nil }
        guard member.kind == .object else { throw .wrongType(field: path(to: name), expected: "an object") }
        return member
    }

    /// A list of nothing but objects.
    func requiredObjects(_ name: String) throws(ReviewError) -> JSONValue {
        guard let member = member(name) else { throw .missing(field: path(to: name)) }
        guard member.kind == .array else { throw .wrongType(field: path(to: name), expected: "a list of objects") }
        if let place = member.elements.firstIndex(where: { $0.kind != .object }) {
            throw .wrongType(field: "\(path(to: name))[\(place)]", expected: "an object")
        }
        return member
    }

    func path(to name: String) -> String { Self.joined(path, name) }

    private var path: String { Self.joined(parent, name) }

    private static func joined(_ path: String, _ name: String) -> String {
        path.isEmpty ? name : "\(path).\(name)"
    }

    private func member(_ name: String) -> JSONValue? {
        guard let member = value[name], !member.isNull else { return nil }
        return member
    }
}

public import JSON

/// Why a body is no review that can be answered.
public enum ReviewError: Error, Sendable, Equatable, CustomStringConvertible {
    case emptyBody
    case malformedJSON(JSONParseError)
    /// The body is a JSON value, but no object.
    case notAnObject
    case wrongType(field: String, expected: String)
    case missing(field: String)
    case empty(field: String)
    case unknownKind(String, expected: String)
    case unknownAPIVersion(String, expected: [String])
    /// An `apiVersion` that is not `group/version`.
    case malformedAPIVersion(field: String, value: String)
    case unknownOperation(String)
    /// A review that is well formed, but whose objects are not what it says they are.
    case unusable(String)

    public var description: String {
        switch self {
        case .emptyBody: "the body is empty"
        case .malformedJSON(let error) where error.reason == .noRoom: "the body takes more memory than there is: \(error)"
        case .malformedJSON(let error): "the body is not JSON: \(error)"
        case .notAnObject: "the body must be a JSON object"
        case .wrongType(let field, let expected): "\(field) must be \(expected)"
        case .missing(let field): "\(field) is missing"
        case .empty(let field): "\(field) is empty"
        case .unknownKind(let kind, let expected): "kind must be \(expected), not \(FieldError.quoted(kind))"
        case .unknownAPIVersion(let version, let expected):
            "apiVersion must be \(expected.joined(separator: " or ")), not \(FieldError.quoted(version))"
        case .malformedAPIVersion(let field, let value): "\(field) must be a group and a version, not \(FieldError.quoted(value))"
        case .unusable(let reason): reason
        case .unknownOperation(let operation):
            "request.operation must be CREATE, UPDATE, DELETE or CONNECT, not \(FieldError.quoted(operation))"
        }
    }

    /// The answer to such a body.
    public var status: Status {
        if case .malformedJSON(let error) = self, error.reason == .noRoom { return .failure(code: 503, description) }
        return .badRequest(description)
    }
}

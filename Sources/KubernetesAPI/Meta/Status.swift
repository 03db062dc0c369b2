/// The answer to a request that failed (metav1.Status), as clients of Kubernetes understand it.
public struct Status: Error, Sendable, Equatable, CustomStringConvertible {
    /// What clients act on (metav1.StatusReason).
    public enum Reason: String, Sendable {
        case alreadyExists = "AlreadyExists"
        case badRequest = "BadRequest"
        case conflict = "Conflict"
        case expired = "Expired"
        case forbidden = "Forbidden"
        case gone = "Gone"
        case notFound = "NotFound"
        case serverTimeout = "ServerTimeout"
        case tooManyRequests = "TooManyRequests"
        case unauthorized = "Unauthorized"
        case methodNotAllowed = "MethodNotAllowed"
        case requestEntityTooLarge = "RequestEntityTooLarge"
        case unsupportedMediaType = "UnsupportedMediaType"
        case invalid = "Invalid"
        case internalError = "InternalError"
        case serviceUnavailable = "ServiceUnavailable"
        case timeout = "Timeout"
    }

    /// One of several causes (metav1.StatusCause).
    public struct Cause: Sendable, Equatable {
        /// Such as `FieldValueRequired` (metav1.CauseType).
        public let reason: String
        public let message: String
        /// The field's path.
        public let field: String

        public init(reason: String, message: String, field: String) {
            self.reason = reason
            self.message = message
            self.field = field
        }
    }

    /// What the status is about (metav1.StatusDetails). Empty parts are not written.
    public struct Details: Sendable, Equatable {
        public var name: String
        public var group: String
        /// The kind of the object, or the resource where no kind is known.
        public var kind: String
        public var uid: String?
        public var causes: [Cause]

        public init(name: String, group: String, kind: String, uid: String? = nil, causes: [Cause] = []) {
            self.name = name
            self.group = group
            self.kind = kind
            self.uid = uid
            self.causes = causes
        }
    }

    /// The HTTP status code.
    public let code: Int
    public let message: String

    /// Nil for a code to which Kubernetes gives no reason of its own.
    public let reason: Reason?
    public var details: Details?

    init(code: Int, reason: Reason?, message: String, details: Details? = nil) {
        self.code = code
        self.message = message
        self.reason = reason
        self.details = details
    }

    public var description: String { message }
}

// MARK: - Makers

extension Status {
    /// Of how many faults one answer tells. A body of some kilobytes may have many thousands.
    private static let maximumCauses = 100

    /// An object that breaks rules: 422 `Invalid`, as `errors.NewInvalid` of `k8s.io/apimachinery` makes it. kubectl prints its
    /// causes one by one.
    public static func invalid(kind: GroupVersionKind, name: String, errors: [FieldError]) -> Status {
        let summary = "\(kind.groupKind) \(FieldError.quoted(name)) is invalid"
        var texts = errors.prefix(maximumCauses).map(\.description)
        var causes = errors.prefix(maximumCauses).map { Cause(reason: $0.type.reason, message: $0.message, field: $0.field.description) }
        if let next = errors.dropFirst(maximumCauses).first {
            let more = "and \(errors.count - maximumCauses) more"
            texts.append(more)
            causes.append(Cause(reason: next.type.reason, message: more, field: next.field.description))
        }
        return Status(
            code: 422,
            reason: .invalid,
            message: errors.isEmpty ? summary : "\(summary): \(aggregate(texts))",
            details: Details(
                name: name, group: kind.group, kind: kind.kind,
                causes: causes
            )
        )
    }

    /// An action that is not allowed on an object: 403 `Forbidden`, as `errors.NewForbidden` of `k8s.io/apimachinery` makes it.
    public static func forbidden(_ resource: GroupVersionResource, name: String, message: String) -> Status {
        let subject = resource.resource.isEmpty ? "forbidden" : "\(resource.groupResource) \(FieldError.quoted(name)) is forbidden"
        return Status(
            code: 403, reason: .forbidden, message: "\(subject): \(message)",
            details: Details(name: name, group: resource.group, kind: resource.resource)
        )
    }

    /// A request that cannot be understood: 400 `BadRequest`.
    public static func badRequest(_ message: String) -> Status {
        failure(code: 400, message)
    }

    /// A failure of the request itself, with the reason that Kubernetes gives to the HTTP status code.
    public static func failure(code: Int, _ message: String) -> Status {
        let reason: Reason? =
            switch code {
            case 400: .badRequest
            case 401: .unauthorized
            case 403: .forbidden
            case 404: .notFound
            case 405: .methodNotAllowed
            case 408, 504: .timeout
            case 409: .conflict
            case 410: .gone
            case 413: .requestEntityTooLarge
            case 415: .unsupportedMediaType
            case 422: .invalid
            case 429: .tooManyRequests
            case 503: .serviceUnavailable
            case 500...599: .internalError
            default: nil
            }
        return Status(code: code, reason: reason, message: message)
    }

    /// As an aggregate of `k8s.io/apimachinery` reads: each message once, in brackets when there are several.
    private static func aggregate(_ messages: [String]) -> String {
        var seen: Set<String> = []
        let once = messages.filter { seen.insert($0).inserted }
        return once.count == 1 ? once.joined() : "[\(once.joined(separator: ", "))]"
    }
}

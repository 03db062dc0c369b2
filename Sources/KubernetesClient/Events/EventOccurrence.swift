import KubernetesAPI

/// What an event is about (core/v1 ObjectReference).
public struct ObjectReference: Sendable, Hashable {
    public let apiVersion: String
    public let kind: String
    public let key: ObjectKey
    public let uid: String

    public init(apiVersion: String, kind: String, key: ObjectKey, uid: String) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.key = key
        self.uid = uid
    }

    public init(_ object: KubernetesObject, type: ResourceType) {
        self.init(apiVersion: "\(type.apiVersion)", kind: type.kind, key: object.key, uid: object.uid)
    }
}

/// Something that happened to an object, for people to read.
public struct EventOccurrence: Sendable, Hashable {
    public enum Kind: String, Sendable {
        case normal = "Normal"
        case warning = "Warning"
    }

    public let regarding: ObjectReference
    public let type: Kind
    /// Why, in one word for machines, as `VolumeTooSmall`; at most 128 bytes.
    public let reason: String
    /// What was being done, in one word for machines, as `Reconciling`; at most 128 bytes.
    public let action: String
    /// For people; what is beyond 1 kB is cut off. It must hold no secret.
    public let note: String

    public init(regarding: ObjectReference, type: Kind, reason: String, action: String, note: String) {
        self.regarding = regarding
        self.type = type
        self.reason = reason.cut(to: 128)
        self.action = action.cut(to: 128)
        self.note = note.cut(to: 1024)
    }
}

extension String {
    /// The longest beginning of whole characters that has at most so many bytes of UTF-8.
    func cut(to limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var rest = Substring(self)
        while rest.utf8.count > limit { rest = rest.dropLast() }
        return String(rest)
    }
}

/// A list of changes to a JSON value (RFC 6902), of which admission needs `add` and `replace`.
public struct JSONPatch: Sendable {
    public struct Operation: Sendable {
        public enum Kind: String, Sendable {
            case add, replace
        }

        public let kind: Kind
        public let path: JSONPointer
        public let value: JSONTree
    }

    public private(set) var operations: [Operation] = []

    public init() {}

    public var isEmpty: Bool { operations.isEmpty }

    public mutating func replace(_ path: JSONPointer, with value: JSONTree) {
        operations.append(Operation(kind: .replace, path: path, value: value))
    }

    /// Adds what `additions` has and `original` lacks: one operation for each topmost missing member. A member that is there is
    /// never changed; null counts as missing, as in the Kubernetes API.
    public mutating func add(_ additions: JSONTree, missingIn original: JSONValue, at path: JSONPointer = JSONPointer()) {
        guard case .object(let members) = additions, original.kind == .object else { return }
        for member in members {
            let memberPath = path.appending(member.name)
            if let existing = original[member.name], !existing.isNull {
                add(member.value, missingIn: existing, at: memberPath)
            } else {
                operations.append(Operation(kind: .add, path: memberPath, value: member.value))
            }
        }
    }
}

extension JSONTree {
    /// Makes the changes of a patch. As RFC 6902 says, a member that is added takes the place of one that is there.
    public mutating func apply(_ patch: JSONPatch) {
        for operation in patch.operations {
            let path = operation.path.names
            if !insert(operation.value, at: path) { update(at: path[...]) { $0 = operation.value } }
        }
    }
}

extension JSONWriter {
    public mutating func patch(_ patch: JSONPatch) {
        beginArray()
        for operation in patch.operations {
            beginObject()
            name("op")
            string(operation.kind.rawValue)
            name("path")
            string(operation.path.description)
            name("value")
            tree(operation.value)
            endObject()
        }
        endArray()
    }
}

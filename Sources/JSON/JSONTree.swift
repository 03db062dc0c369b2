/// A JSON value that is being made. Parts that come from a document stay places in it until they are written.
public enum JSONTree: Sendable {
    public struct Member: Sendable {
        public var name: String
        public var value: JSONTree

        public init(name: String, value: JSONTree) {
            self.name = name
            self.value = value
        }
    }

    /// A part of a document, spelt as it is there.
    case verbatim(JSONValue)
    case object([Member])
    case array([JSONTree])
    case string(String)
    case integer(Int64)
    case boolean(Bool)
    case null

    public static let emptyObject = JSONTree.object([])

    /// The member of that name of an object that is being made.
    public subscript(name: String) -> JSONTree? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name == name }?.value
    }

    /// Puts a value where the path leads, making the objects on the way; a value that stands there already stays.
    ///
    /// - Returns: whether the value was put: false when something else stands there, or stands in the way.
    @discardableResult
    public mutating func insert(_ value: JSONTree, at path: [String]) -> Bool {
        insert(value, at: path[...])
    }

    private mutating func insert(_ value: JSONTree, at path: ArraySlice<String>) -> Bool {
        guard let name = path.first else { return false }
        guard case .object(var members) = self else { return false }
        let rest = path.dropFirst()
        let place = members.firstIndex { $0.name == name }
        // The members are taken out before they are changed, so that changing them in place needs no copy.
        self = .null
        defer { self = .object(members) }
        if let place {
            return rest.isEmpty ? false : members[place].value.insert(value, at: rest)
        }
        if rest.isEmpty {
            members.append(Member(name: name, value: value))
            return true
        }
        var inner = JSONTree.emptyObject
        let inserted = inner.insert(value, at: rest)
        members.append(Member(name: name, value: inner))
        return inserted
    }

    /// Changes the value where the path leads, if there is one.
    public mutating func update(at path: ArraySlice<String>, _ change: (inout JSONTree) -> Void) {
        guard let name = path.first else { return change(&self) }
        guard case .object(var members) = self, let place = members.firstIndex(where: { $0.name == name }) else { return }
        self = .null
        members[place].value.update(at: path.dropFirst(), change)
        self = .object(members)
    }

    /// Adds each member of another object that this one lacks, and so for the objects that both have.
    public mutating func merge(_ other: JSONTree) {
        guard case .object(let additions) = other, case .object(var members) = self else { return }
        self = .null
        let places = Dictionary(members.enumerated().map { ($0.element.name, $0.offset) }) { first, _ in first }
        for addition in additions {
            if let place = places[addition.name] {
                members[place].value.merge(addition.value)
            } else {
                members.append(addition)
            }
        }
        self = .object(members)
    }

    /// The same value with the members of every object that is not in an array sorted by name.
    public func sorted() -> JSONTree {
        switch self {
        case .verbatim(let value) where value.kind == .object: JSONTree(expanding: self).sorted()
        case .object(let members): .object(members.map { Member(name: $0.name, value: $0.value.sorted()) }.sorted { $0.name < $1.name })
        default: self
        }
    }

    /// A tree whose objects can be added to: those that stood in a document are taken apart.
    public init(expanding tree: JSONTree) {
        switch tree {
        case .verbatim(let value) where value.kind == .object:
            self = .object(value.members.map { Member(name: $0.name, value: JSONTree(expanding: .verbatim($0.value))) })
        case .object(let members):
            self = .object(members.map { Member(name: $0.name, value: JSONTree(expanding: $0.value)) })
        default:
            self = tree
        }
    }

    /// The compact text of the value.
    public var text: String {
        var writer = JSONWriter()
        writer.tree(self)
        return writer.text
    }
}

extension JSONWriter {
    public mutating func tree(_ tree: JSONTree) {
        switch tree {
        case .verbatim(let value): verbatim(value)
        case .string(let value): string(value)
        case .integer(let value): integer(value)
        case .boolean(let value): boolean(value)
        case .null: null()
        case .array(let elements):
            beginArray()
            for element in elements { self.tree(element) }
            endArray()
        case .object(let members):
            beginObject()
            for member in members {
                name(member.name)
                self.tree(member.value)
            }
            endObject()
        }
    }
}

public import JSON

extension JSONValue {
    /// The value with another one at the path, and the objects on the way to it.
    public func setting(_ value: JSONTree, at path: some Collection<String>) -> JSONTree {
        guard let name = path.first else { return value }
        let inner = self[name].map { $0.setting(value, at: path.dropFirst()) } ?? Self.nested(value, at: path.dropFirst())
        var members = self.members.map { JSONTree.Member(name: $0.name, value: .verbatim($0.value)) }
        if let place = members.firstIndex(where: { $0.name == name }) {
            members[place].value = inner
        } else {
            members.append(JSONTree.Member(name: name, value: inner))
        }
        return .object(members)
    }

    private static func nested(_ value: JSONTree, at path: some Collection<String>) -> JSONTree {
        guard !path.isEmpty else { return value }
        var tree = JSONTree.emptyObject
        tree.insert(value, at: Array(path))
        return tree
    }
}

/// Why a patch does not fit the value that it is applied to.
public struct PatchMismatch: Error {
    public let path: String
}

extension JSONPatch {
    /// The value after the patch (RFC 6902): `add` needs the parent, `replace` the member itself.
    public func applied(to value: JSONValue) throws -> JSONValue {
        var value = value
        for operation in operations {
            let names = operation.path.names
            let needed = operation.kind == .add ? Array(names.dropLast()) : names
            guard let place = value[path: needed], operation.kind == .replace || place.kind == .object else {
                throw PatchMismatch(path: operation.path.description)
            }
            value = try JSONDocument(parsing: value.setting(operation.value, at: names).text).root
        }
        return value
    }
}

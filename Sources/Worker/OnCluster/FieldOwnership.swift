import JSON
import KubernetesClient

/// Who has set which fields of an object (`metadata.managedFields`, KEP-555).
///
/// An object is created whole by one POST, whose fields belong to an Update of ours. Of them no later server-side apply would take anything away. So
/// those that may have to go later are moved to the entry of our applies before the first of these.
struct FieldOwnership: Sendable {
    /// A field as `fieldsV1` names it: `f:spec`, `f:template`, … `*` stands for any.
    typealias Path = [String]

    private let entries: [JSONValue]

    init(of object: JSONValue) {
        entries = object["metadata"]?["managedFields"]?.elements ?? []
    }

    /// What moves fields from our Update to our Apply (RFC 6902); empty when there are none of them in it.
    func moving(_ paths: [Path]) -> [JSONTree] {
        guard let place = entries.firstIndex(where: { Self.isOurs($0, "Update") }), let fields = entries[place]["fieldsV1"] else {
            return []
        }
        let (kept, moved) = Self.split(fields, paths.map { $0[...] })
        guard let kept, var moved else { return [] }
        var list = entries.map { JSONTree.verbatim($0) }
        list[place] = Self.entry(like: entries[place], "Update", kept)
        if let applied = entries.firstIndex(where: { Self.isOurs($0, "Apply") }) {
            if let more = entries[applied]["fieldsV1"] { moved.merge(JSONTree(expanding: .verbatim(more))) }
            list[applied] = Self.entry(like: entries[applied], "Apply", moved)
        } else {
            list.append(Self.entry(like: entries[place], "Apply", moved))
        }
        return [["op": "replace", "path": "/metadata/managedFields", "value": .array(list)]]
    }

    private static func isOurs(_ entry: JSONValue, _ operation: String) -> Bool {
        entry["manager"]?.isString(KubernetesClient.fieldManager) == true && entry["operation"]?.isString(operation) == true
            && (entry["subresource"]?.string ?? "").isEmpty
    }

    private static func entry(like entry: JSONValue, _ operation: String, _ fields: JSONTree) -> JSONTree {
        .object(
            entry.members.map { name, value in
                switch name {
                case "operation": .init(name: name, value: .string(operation))
                case "fieldsV1": .init(name: name, value: fields)
                default: .init(name: name, value: .verbatim(value))
                }
            })
    }

    /// What of a tree of fields lies outside the paths, and what inside; nil where there is nothing.
    private static func split(_ fields: JSONValue, _ paths: [ArraySlice<String>]) -> (outside: JSONTree?, inside: JSONTree?) {
        var outside: [JSONTree.Member] = []
        var inside: [JSONTree.Member] = []
        for (name, value) in fields.members {
            let rest = paths.filter { $0.first == name || $0.first == "*" }.map { $0.dropFirst() }
            if rest.contains(where: \.isEmpty) {
                inside.append(.init(name: name, value: JSONTree(expanding: .verbatim(value))))
                continue
            }
            guard !rest.isEmpty else {
                outside.append(.init(name: name, value: .verbatim(value)))
                continue
            }
            let parts = split(value, rest)
            if let part = parts.outside { outside.append(.init(name: name, value: part)) }
            if let part = parts.inside { inside.append(.init(name: name, value: part)) }
        }
        return (outside.isEmpty ? nil : .object(outside), inside.isEmpty ? nil : .object(inside))
    }
}

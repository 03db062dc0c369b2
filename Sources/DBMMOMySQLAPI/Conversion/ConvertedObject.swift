import JSON

/// What an object consists of in the other version, apart from its type and metadata.
///
/// Both walks take time in proportion to the object, whatever it holds: what is known of it is looked up in the table, and what is
/// not known is taken over in one piece.
struct ConvertedObject {
    /// The members of the converted object besides `apiVersion`, `kind` and `metadata`.
    private(set) var content: [JSONTree.Member] = []
    /// What the version cannot hold of the spec, to travel in the annotation.
    private(set) var data: ConversionData?

    private let target: ServedVersion
    private let source: ServedVersion
    private var moved = MovedFields()
    private var emptyContainers: [ContainerCorrespondence] = []

    init(_ object: JSONValue, as target: ServedVersion) {
        self.target = target
        source = target == .v1 ? .v1alpha1 : .v1
        let rest = moveMembers(of: object, along: FieldTree.of(source)) { $0.isString("spec") || $0.isString("status") }
        var converted = moved.arranged(along: FieldTree.of(target)) ?? .emptyObject
        if let kept = ConversionData(in: object["metadata"])?.spec(for: target) {
            restore("spec", from: kept, as: .spec(of: target), in: &converted)
        }
        if let rest = rest.first(where: { $0.name == "status" })?.value { carryStatus(rest, to: &converted) }
        var remainder = JSONTree.object(rest.filter { $0.name == "spec" })
        for container in emptyContainers where !converted.insert(.emptyObject, at: container.path(in: target)) {
            let path = container.path(in: source)
            if path.first == "spec" { remainder.insert(.emptyObject, at: path) }
        }
        if case .object(let members) = remainder, !members.isEmpty {
            data = ConversionData(of: source, content: remainder, in: object["metadata"])
        }
        if case .object(let members) = converted {
            content = target == .v1 ? members.map(Self.withListsOfV1) : members
        }
    }

    /// Takes what is left of the status over to the other version: what `v1alpha1` has no field for as a text in one of its status, and back
    /// from there. The rest of `v1alpha1`'s status is what its schema refuses, and ends here.
    private func carryStatus(_ rest: JSONTree, to converted: inout JSONTree) {
        guard case .object = rest else { return }
        switch target {
        case .v1alpha1:
            converted.insert(.string(rest.sorted().text), at: ["status", Self.keptStatusName])
        case .v1:
            guard case .verbatim(let text)? = rest[Self.keptStatusName], let text = text.string,
                let document = try? JSONDocument(parsing: text)
            else { return }
            restore("status", from: document.root, as: .statusOfV1, in: &converted)
        }
    }

    /// Where the status of `v1alpha1` keeps what only that of `v1` can say.
    static let keptStatusName = "conversionData"

    // MARK: From the object

    /// Moves each field below `value` to its counterpart.
    ///
    /// - Returns: what has none; nil when nothing is left.
    private mutating func move(_ value: JSONValue, along tree: FieldTree) -> JSONTree? {
        if let field = tree.field {
            guard let counterpart = field.value.convert(value, to: target) else { return .verbatim(value) }
            moved[field] = counterpart
            return nil
        }
        if tree.isList { return moveElements(of: value, along: tree) }
        guard value.kind == .object else { return .verbatim(value) }
        if value.isEmptyContainer {
            guard let container = tree.container else { return .emptyObject }
            emptyContainers.append(container)
            return nil
        }
        let rest = moveMembers(of: value, along: tree) { _ in true }
        return rest.isEmpty ? nil : .object(rest)
    }

    private mutating func moveMembers(
        of object: JSONValue, along tree: FieldTree, where isIncluded: (JSONValue) -> Bool
    ) -> [JSONTree.Member] {
        var rest: [JSONTree.Member] = []
        object.forEachDistinctMember { name, value in
            guard isIncluded(name) else { return }
            let left = tree.child(name).map { move(value, along: $0) } ?? .verbatim(value)
            if let left { rest.append(.init(name: name.string ?? "", value: left)) }
        }
        return rest
    }

    private mutating func moveElements(of list: JSONValue, along tree: FieldTree) -> JSONTree? {
        guard list.kind == .array, !list.isEmptyContainer else {
            // In place of the list, an object is kept as a list of one, since an object there is the list's elements by their index.
            return list.kind == .object ? .array([.verbatim(list)]) : .verbatim(list)
        }
        var rest: [JSONTree.Member] = []
        for (index, element) in list.elements.enumerated() {
            let name = String(index)
            let left = tree.child(name).map { move(element, along: $0) } ?? .verbatim(element)
            if let left { rest.append(.init(name: name, value: left)) }
        }
        return rest.isEmpty ? nil : .object(rest)
    }

    // MARK: From what was kept

    private func restore(_ part: String, from kept: JSONValue, as schema: Schema, in converted: inout JSONTree) {
        let own = converted[part]
        guard let whole = restored(kept, along: FieldTree.of(target).child(part), as: schema, besides: own) else { return }
        if own == nil {
            converted.insert(whole, at: [part])
        } else {
            converted.update(at: [part]) { $0 = whole }
        }
    }

    /// Puts back what was kept for this version, except where the object says something itself, and except for what the schema refuses. A
    /// kept field that could have moved as such is stale: the other version held it and lost it by an edit.
    ///
    /// - Parameters:
    ///   - schema: what may stand there; nil where the schema knows nothing, and the API server will drop it.
    ///   - existing: what the object says there.
    /// - Returns: what is there now; nil for nothing.
    private func restored(_ value: JSONValue, along tree: FieldTree?, as schema: Schema?, besides existing: JSONTree?) -> JSONTree? {
        if let field = tree?.field {
            guard existing == nil, field.value.convert(value, to: source) == nil, schema?.accepts(value) ?? true else { return existing }
            return .verbatim(value)
        }
        let isList = tree?.isList == true
        if existing == nil, tree == nil || value.isEmptyContainer, schema?.accepts(value) ?? true {
            // What is empty may get members yet.
            return value.kind == .object && value.isEmptyContainer ? .emptyObject : .verbatim(value)
        }
        guard value.kind == .object, isList || schema?.hasMembers ?? true else { return existing }
        var members: [JSONTree.Member] = []
        switch existing {
        case nil: break
        case .object(let own): members = own
        default: return existing
        }
        // What is added below has the names of one object, which differ.
        let own = members.indices
        for member in value.distinctMembers {
            let name = member.name.string ?? ""
            if isList, Self.index(name) == nil { continue }
            let (child, schema) = (tree?.child(name), schema?.member(name))
            if let place = own.first(where: { members[$0].name == name }) {
                members[place].value =
                    restored(member.value, along: child, as: schema, besides: members[place].value) ?? members[place].value
            } else if let added = restored(member.value, along: child, as: schema, besides: nil) {
                members.append(.init(name: name, value: added))
            }
        }
        return members.isEmpty ? existing : .object(members)
    }

    /// The place in a list that a name stands for: digits as they are written for a number.
    static func index(_ name: String) -> Int? {
        Int(name).flatMap { $0 >= 0 && String($0) == name ? $0 : nil }
    }

    /// The list whose elements were followed by index becomes a list again, in the order of the indices (a text has 10 before 2); an element
    /// that an edit removed leaves no hole.
    private static func withListsOfV1(_ member: JSONTree.Member) -> JSONTree.Member {
        var member = member
        guard member.name == FieldCorrespondence.listInV1.first else { return member }
        member.value.update(at: FieldCorrespondence.listInV1.dropFirst()) { list in
            guard case .object(let elements) = list else { return }
            list = .array(elements.map { (index($0.name) ?? 0, $0.value) }.sorted { $0.0 < $1.0 }.map(\.1))
        }
        return member
    }
}

/// The fields that an object has in both versions, as they read in the other one.
private struct MovedFields {
    private var values = [JSONTree?](repeating: nil, count: FieldCorrespondence.all.count)
    private var present = FieldSet([])

    subscript(field: FieldCorrespondence) -> JSONTree? {
        get { values[field.id] }
        set {
            values[field.id] = newValue
            present.insert(field)
        }
    }

    /// The fields below a path where they stand in the version of `tree`; nil when there are none.
    func arranged(along tree: FieldTree) -> JSONTree? {
        guard present.intersects(tree.fields) else { return nil }
        if let field = tree.field { return self[field] }
        return .object(tree.children.compactMap { child in arranged(along: child).map { .init(name: child.name, value: $0) } })
    }
}

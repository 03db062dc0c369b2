import JSON
import KubernetesAPI

/// Tells the faults that an update makes from those that were there before and that it leaves alone.
struct Ratchet {
    private let change: Change
    /// The lists that were asked about, so that a long one is read once.
    private var lists: [FieldPath: ListChange] = [:]

    init(_ change: Change) {
        self.change = change
    }

    /// Whether a fault comes from fields that an update leaves as they were, so that it is not this update's.
    ///
    /// - Parameter fields: all that make the fault; when there are none, the field that it is told of.
    mutating func leavesAlone(_ error: FieldError, of fields: [FieldPath]) -> Bool {
        for field in fields.isEmpty ? [error.field] : fields where !leavesAlone(field, emptyIsAbsent: error.type == .required) {
            return false
        }
        return true
    }

    /// - Parameter emptyIsAbsent: typed clients write an empty string where there was nothing, which is the same to a rule that asks
    ///   for a value.
    private mutating func leavesAlone(_ field: FieldPath, emptyIsAbsent: Bool) -> Bool {
        guard let old = change.old, !change.bringsIntoUse(field) else { return false }
        let listLength = field.elements.firstIndex { if case .index = $0 { true } else { false } }
        guard let listLength, case .index(let index) = field.elements[listLength] else {
            let (before, after) = (old.json[field: field.elements], change.new.json[field: field.elements])
            return Self.isSame(before, after) || (emptyIsAbsent && Self.isBlank(before) && Self.isBlank(after))
        }
        let path = FieldPath(field.elements[..<listLength])
        let list = lists[path] ?? ListChange(of: path, from: old.json, to: change.new.json)
        lists[path] = list
        return list.leavesAlone(field.elements[(listLength + 1)...], ofElement: index)
    }

    private static func isBlank(_ value: JSONValue?) -> Bool { value == nil || value?.string?.isEmpty == true }

    fileprivate static func isSame(_ before: JSONValue?, _ after: JSONValue?) -> Bool {
        switch (before, after) {
        case (nil, nil): true
        case (let before?, let after?): before.isEquivalent(to: after)
        default: false
        }
    }
}

/// What an update does to a list.
private struct ListChange {
    private let before: [JSONValue]
    private let after: [JSONValue]
    private let textsBefore: Set<String>

    init(of path: FieldPath, from old: JSONValue, to new: JSONValue) {
        before = old[field: path.elements]?.elements ?? []
        after = new[field: path.elements]?.elements ?? []
        textsBefore = Set(before.map(\.sortedText))
    }

    /// An element that only moved, because another one came or went, is left alone too.
    func leavesAlone(_ field: ArraySlice<FieldPath.Element>, ofElement index: Int) -> Bool {
        guard after.indices.contains(index) else { return false }
        if before.indices.contains(index), Ratchet.isSame(before[index][field: field], after[index][field: field]) { return true }
        return textsBefore.contains(after[index].sortedText)
    }
}

extension JSONValue {
    /// The same for values that mean the same.
    fileprivate var sortedText: String {
        switch kind {
        case .object: "{\(members.map { "\($0.name):\($0.value.sortedText)" }.sorted().joined(separator: ","))}"
        case .array: "[\(elements.map(\.sortedText).joined(separator: ","))]"
        case .string, .number, .boolean, .null: string ?? spelling
        }
    }
}

extension Change {
    /// T3: whether a field belongs to the side that this update turns to, so that what it says is new even where its text is old.
    /// A rollback returns to what ran before, faults and all.
    func bringsIntoUse(_ field: FieldPath) -> Bool {
        guard turnsSides, let side, old?.migrationSource != side else { return false }
        let section = field.elements.dropFirst().first
        return section == .name(side.section) || section == .name("credentials")
    }
}

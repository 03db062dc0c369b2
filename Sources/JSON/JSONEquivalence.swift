extension JSONValue {
    /// Whether two values mean the same: members in any order, the last of those with one name; strings by their value; numbers
    /// by their spelling, so that no digit is lost in a comparison.
    public func isEquivalent(to other: JSONValue) -> Bool {
        // Spelt in the same way; what an update leaves alone nearly always is.
        if isSpelt(as: other) { return true }
        guard kind == other.kind else { return false }
        switch kind {
        case .null: return true
        case .boolean: return boolean == other.boolean
        case .string: return string == other.string
        case .number: return spelling == other.spelling
        case .array:
            let (mine, others) = (elements, other.elements)
            return mine.count == others.count && zip(mine, others).allSatisfy { $0.isEquivalent(to: $1) }
        case .object:
            let (mine, others) = (distinctMembers, other.distinctMembers)
            guard mine.count == others.count else { return false }
            guard mine.count > JSONDocument.fewMembers else {
                return mine.allSatisfy { member in other[member.name].map(member.value.isEquivalent) ?? false }
            }
            let values = Dictionary(others.map { (ExactString($0.name.string ?? ""), $0.value) }) { _, last in last }
            return mine.allSatisfy { member in values[ExactString(member.name.string ?? "")].map(member.value.isEquivalent) ?? false }
        }
    }

    /// Whether both are written with the same bytes.
    public func isSpelt(as other: JSONValue) -> Bool {
        byteCount == other.byteCount && withText { mine in other.withText { mine.isSame(as: $0) } }
    }
}

extension JSONValue {
    /// Whether two values mean the same: members in any order, the last of those with one name; strings by their value; numbers
    /// by their spelling, so that no digit is lost in a comparison.
    public func isEquivalent(to other: JSONValue) -> Bool {
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
            let (mine, others) = (members, other.members)
            guard mine.count == others.count else { return false }
            return mine.allSatisfy { member in
                other[member.name].map(member.value.isEquivalent) ?? false
            }
        }
    }
}

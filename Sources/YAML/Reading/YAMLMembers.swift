/// The members of a mapping while it is read.
struct YAMLMembers {
    private(set) var all: [YAMLNode.Member] = []
    private var places: [Name: Int] = [:]
    /// The members that stand in the mapping itself, not in one that was merged into it.
    private var own: Set<Int> = []

    /// Names by their bytes. Strings of Swift are equal when they look the same, keys of YAML are not.
    private struct Name: Hashable {
        let text: String

        static func == (a: Name, b: Name) -> Bool { a.text.utf8.elementsEqual(b.text.utf8) }

        func hash(into hasher: inout Hasher) {
            for byte in text.utf8 { hasher.combine(byte) }
        }
    }

    /// Sets a member of the mapping itself.
    ///
    /// - Returns: where it is set already, in which case nothing changes.
    mutating func set(_ member: YAMLNode.Member) -> YAMLPosition? {
        if let place = places[Name(text: member.name)], own.contains(place) { return all[place].position }
        own.insert(put(member))
        return nil
    }

    /// Takes over members of another mapping. What was set before is replaced, as go-yaml v2 does and with it Kubernetes, although YAML
    /// says that it should stay.
    mutating func merge(_ members: [YAMLNode.Member]) {
        for member in members { put(member) }
    }

    @discardableResult
    private mutating func put(_ member: YAMLNode.Member) -> Int {
        let name = Name(text: member.name)
        if let place = places[name] {
            all[place] = member
            return place
        }
        places[name] = all.endIndex
        all.append(member)
        return all.endIndex - 1
    }
}

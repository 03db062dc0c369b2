import JSON

/// The members of a mapping while it is read.
struct YAMLMembers {
    private(set) var all: [YAMLNode.Member] = []
    private var places: [ExactString: Int] = [:]
    /// The members that stand in the mapping itself, not in one that was merged into it.
    private var own: Set<Int> = []

    /// Sets a member of the mapping itself.
    ///
    /// - Returns: where it is set already, in which case nothing changes.
    mutating func set(_ member: YAMLNode.Member) -> YAMLPosition? {
        if let place = places[ExactString(member.name)], own.contains(place) { return all[place].position }
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
        let name = ExactString(member.name)
        if let place = places[name] {
            all[place] = member
            return place
        }
        places[name] = all.endIndex
        all.append(member)
        return all.endIndex - 1
    }
}

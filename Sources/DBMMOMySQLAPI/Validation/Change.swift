/// What a write does: an object is created, or an old one becomes a new one.
struct Change: Sendable {
    let old: DBMMOMySQL?
    let new: DBMMOMySQL
    /// The version that the user writes.
    let words: ServedVersion

    /// The side that the object asks for. A name in the wrong case counts too: its own fault is reported, and with it those of
    /// the settings that it was meant for.
    var side: Side? {
        new.side ?? Side.allCases.first { $0.rawValue.lowercased() == new.spec.deploymentType?.lowercased() }
    }

    /// Whether an existing object turns to another side.
    var turnsSides: Bool {
        guard let old else { return false }
        return old.side != new.side
    }

    /// Whether what the old object said of a side may be real by now.
    func wasInUse(_ side: Side) -> Bool {
        guard let old else { return false }
        return old.side == side || old.hasResources(on: side)
    }

    /// Whether the new object's settings of a side are, or will be, made real.
    func isInUse(_ side: Side) -> Bool {
        self.side == side || (old?.hasResources(on: side) ?? false)
    }
}

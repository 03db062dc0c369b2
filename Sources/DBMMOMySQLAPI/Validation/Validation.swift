import JSON
public import KubernetesAPI

/// What the rules say of a write.
public struct Verdict: Sendable {
    public struct Violation: Sendable {
        public let rule: RuleID
        public let error: FieldError
    }

    /// Why the write is refused, in the order of the fields; empty when it is allowed.
    public fileprivate(set) var violations: [Violation] = []

    /// What is accepted and worth knowing.
    public fileprivate(set) var warnings: [String] = []

    /// The rules that had something to say.
    public fileprivate(set) var rules: Set<RuleID> = []

    /// Nothing to say: the write is allowed.
    public init() {}
}

/// The rules of the API reference, applied to a write.
public enum Validation {
    /// - Parameter words: the version in which the user wrote, for the paths in the answer.
    public static func create(_ new: DBMMOMySQL, words: ServedVersion) -> Verdict {
        verdict(on: Change(old: nil, new: new, words: words))
    }

    /// An update of an object that is being deleted, and one that leaves the spec as it is, is always allowed.
    ///
    /// - Parameter words: the version in which the user wrote, for the paths in the answer.
    public static func update(from old: DBMMOMySQL, to new: DBMMOMySQL, words: ServedVersion) -> Verdict {
        if new.metadata.isBeingDeleted || new.hasSameSpec(as: old) { return Verdict() }
        return verdict(on: Change(old: old, new: new, words: words))
    }

    /// - Parameter words: the version in which the user asks, for the paths in the answer.
    public static func delete(_ old: DBMMOMySQL, words: ServedVersion) -> Verdict {
        var verdict = Verdict()
        if let warning = DeletionRules.warning(of: old) {
            verdict.warnings = [warning]
            verdict.rules = [.d2]
        }
        if let refusal = DeletionRules.refusal(of: old) {
            verdict.violations = [Verdict.Violation(rule: .d1, error: FieldWords(version: words).translate(refusal))]
            verdict.rules.insert(.d1)
        }
        return verdict
    }

    private static func verdict(on change: Change) -> Verdict {
        let words = FieldWords(version: change.words)
        var verdict = Verdict()
        var softened: [String] = []
        for rule in Rule.all {
            for finding in rule.check(change) {
                verdict.rules.insert(rule.id)
                switch finding {
                case .warning(let field, let text):
                    verdict.warnings.append("\(words.translate(field)) \(text)")
                case .violation(let error, let fields):
                    let translated = words.translate(error)
                    if rule.nature == .value, (fields.isEmpty ? [error.field] : fields).allSatisfy(change.leavesAlone) {
                        softened.append(translated.description)
                    } else {
                        if rule.nature == .value, change.bringsIntoUse(error.field) { verdict.rules.insert(.t3) }
                        verdict.violations.append(Verdict.Violation(rule: rule.id, error: translated))
                    }
                }
            }
        }
        // Old faults come first: they will be refused as soon as the field is touched.
        verdict.warnings = softened + verdict.warnings
        verdict.violations.sort { words.rank(of: $0.error.field) < words.rank(of: $1.error.field) }
        return verdict
    }
}

extension Change {
    /// T3: whether a field belongs to the side that this update turns to, so that what it says is new even where its text is old.
    fileprivate func bringsIntoUse(_ field: FieldPath) -> Bool {
        guard turnsSides, let side else { return false }
        let section = field.elements.dropFirst().first
        return section == .name(side.section) || section == .name("credentials")
    }

    /// Whether an update leaves a field as it was, so that a fault in it is not this update's.
    fileprivate func leavesAlone(_ field: FieldPath) -> Bool {
        guard let old, !bringsIntoUse(field) else { return false }
        switch (old.json[field: field], new.json[field: field]) {
        case (nil, nil): return true
        case (let before?, let after?): return before.isEquivalent(to: after)
        default: return false
        }
    }
}

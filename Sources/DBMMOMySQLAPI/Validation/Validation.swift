public import KubernetesAPI

/// What the rules say of a write.
public struct Verdict: Sendable {
    public struct Violation: Sendable {
        public let rule: RuleID
        public let error: FieldError
    }

    /// Why the write is refused, in the order of the fields; empty when it is allowed.
    public fileprivate(set) var violations: [Violation] = []

    public struct Warning: Sendable {
        public let rule: RuleID
        /// What it is about, in the words of the user's version.
        public let field: FieldPath
        /// One line that begins with the field.
        public let text: String
    }

    /// What is accepted and worth knowing, with where it comes from.
    public fileprivate(set) var notes: [Warning] = []

    /// The texts of ``notes``.
    public var warnings: [String] { notes.map(\.text) }

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

    /// An update of an object that is being deleted is always allowed. So is one that leaves the spec as it is, unless it changes the annotation
    /// that conversion reads: then the rules on that are kept.
    ///
    /// - Parameter words: the version in which the user wrote, for the paths in the answer.
    public static func update(from old: DBMMOMySQL, to new: DBMMOMySQL, words: ServedVersion) -> Verdict {
        if new.metadata.isBeingDeleted { return Verdict() }
        let change = Change(old: old, new: new, words: words)
        guard new.hasSameSpec(as: old) else { return verdict(on: change) }
        guard new.hasSameConversionData(as: old), KeptSize.isHarmless(new) else { return verdict(on: change, rules: Rule.annotationRules) }
        return Verdict()
    }

    /// - Parameter words: the version in which the user asks, for the paths in the answer.
    public static func delete(_ old: DBMMOMySQL, words: ServedVersion) -> Verdict {
        var verdict = Verdict()
        if let warning = DeletionRules.warning(of: old) {
            verdict.notes = [Verdict.Warning(rule: .d2, field: FieldPath("metadata", "name"), text: warning)]
            verdict.rules = [.d2]
        }
        if let refusal = DeletionRules.refusal(of: old) {
            verdict.violations = [Verdict.Violation(rule: .d1, error: FieldWords(version: words).translate(refusal))]
            verdict.rules.insert(.d1)
        }
        return verdict
    }

    private static func verdict(on change: Change, rules: [Rule] = Rule.all) -> Verdict {
        let words = FieldWords(version: change.words)
        var ratchet = Ratchet(change)
        var verdict = Verdict()
        var softened: [Verdict.Warning] = []
        var violations: [(rank: Int, violation: Verdict.Violation)] = []
        for rule in rules {
            for finding in rule.check(change) {
                verdict.rules.insert(rule.id)
                switch finding {
                case .warning(let field, let text):
                    verdict.notes.append(.init(rule: rule.id, field: words.place(of: field), text: words.warning(field, text)))
                case .violation(let error, let fields):
                    if rule.nature == .value, ratchet.leavesAlone(error, of: fields) {
                        softened.append(.init(rule: rule.id, field: words.translate(error).field, text: words.warning(of: error)))
                    } else {
                        if rule.nature == .value, change.bringsIntoUse(error.field) { verdict.rules.insert(.t3) }
                        let translated = words.translate(error)
                        violations.append((words.rank(of: translated.field), Verdict.Violation(rule: rule.id, error: translated)))
                    }
                }
            }
        }
        // Old faults come first: they will be refused as soon as the field is touched.
        verdict.notes = softened + verdict.notes
        violations.sort { $0.rank < $1.rank }
        verdict.violations = violations.map(\.violation)
        return verdict
    }
}

import KubernetesAPI

/// One rule of the API reference. Rules are written in terms of `v1`; answers translate their paths.
struct Rule: Sendable {
    enum Nature: Sendable {
        /// About what the object says. An old fault in a field that an update leaves alone is only a warning.
        case value
        /// About a change from one object to the next; never softened.
        case transition
    }

    let id: RuleID
    let nature: Nature
    let check: @Sendable (Change) -> [Finding]

    static func value(_ id: RuleID, _ check: @escaping @Sendable (Change) -> [Finding]) -> Rule {
        Rule(id: id, nature: .value, check: check)
    }

    static func transition(_ id: RuleID, _ check: @escaping @Sendable (Change) -> [Finding]) -> Rule {
        Rule(id: id, nature: .transition, check: check)
    }
}

/// What a rule has to say.
enum Finding: Sendable {
    /// A fault. Where it comes from more than the field that it is told of, `of` names all fields that make it.
    case violation(FieldError, of: [FieldPath] = [])
    /// Something that is accepted and worth knowing.
    case warning(FieldPath, String)
}

/// The names of the rules, as the API reference has them.
public enum RuleID: String, Sendable, CaseIterable {
    case t1 = "T1"
    case t2 = "T2"
    case t3 = "T3"
    case t4 = "T4"
    case t5 = "T5"
    case t6 = "T6"
    case a1 = "A1"
    case a2 = "A2"
    case a3 = "A3"
    case a4 = "A4"
    case a5 = "A5"
    case a6 = "A6"
    case a7 = "A7"
    case a8 = "A8"
    case c1 = "C1"
    case c2 = "C2"
    case c3 = "C3"
    case p1 = "P1"
    case p2 = "P2"
    case p3 = "P3"
    case p4 = "P4"
    case s1 = "S1"
    case s2 = "S2"
    case s3 = "S3"
    case s4 = "S4"
    case e1 = "E1"
    case i1 = "I1"
    case n1 = "N1"
    case m1 = "M1"
    case m2 = "M2"
    case d1 = "D1"
    case d2 = "D2"
    case d3 = "D3"
}

extension Rule {
    /// All rules on objects that are written.
    static let all =
        transitionRules + azureRules + placeholderRules + credentialRules + storageRules + serverRules + clusterRules + annotationRules
        + deletionRules
}

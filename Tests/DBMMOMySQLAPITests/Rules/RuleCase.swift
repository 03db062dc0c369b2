import DBMMOMySQLAPI
import JSON
import KubernetesAPI
import TestSupport
import Testing

/// One row of the table of rules: what is written, and everything that is answered.
///
/// Rows are written in `v1`. Each is checked in `v1alpha1` too, as the object reads there.
struct RuleCase: Sendable, CustomTestStringConvertible {
    enum Line: Sendable, Equatable {
        /// A cause of the refusal: the path, and the message that kubectl prints behind it.
        case fault(String, String)
        case warning(String)
    }

    enum Write: Sendable {
        /// Also checked: an update that brings this into a good object, and one that leaves it alone.
        case create
        case update(from: String)
        case delete
    }

    let rule: RuleID
    let title: String
    let write: Write
    let spec: String
    let status: String?
    let name: String
    let answer: [Line]
    /// The answer in `v1alpha1`, where it differs in more than the paths.
    let answerInV1alpha1: [Line]?

    init(
        _ rule: RuleID, _ title: String, create spec: String, name: String = "orders", _ answer: Line..., v1alpha1: [Line]? = nil
    ) {
        self.init(rule, title, .create, spec, nil, name, answer, v1alpha1)
    }

    init(_ rule: RuleID, _ title: String, create spec: String, lines: [Line], v1alpha1: [Line]) {
        self.init(rule, title, .create, spec, nil, "orders", lines, v1alpha1)
    }

    init(
        _ rule: RuleID, _ title: String, update old: String, to new: String, status: String? = nil, _ answer: Line...,
        v1alpha1: [Line]? = nil
    ) {
        self.init(rule, title, .update(from: old), new, status, "orders", answer, v1alpha1)
    }

    init(_ rule: RuleID, _ title: String, delete spec: String, status: String? = nil, _ answer: Line..., v1alpha1: [Line]? = nil) {
        self.init(rule, title, .delete, spec, status, "orders", answer, v1alpha1)
    }

    private init(
        _ rule: RuleID, _ title: String, _ write: Write, _ spec: String, _ status: String?, _ name: String, _ answer: [Line],
        _ answerInV1alpha1: [Line]?
    ) {
        self.rule = rule
        self.title = title
        self.write = write
        self.spec = spec
        self.status = status
        self.name = name
        self.answer = answer
        self.answerInV1alpha1 = answerInV1alpha1
    }

    var testDescription: String { "\(rule.rawValue) \(title)" }

    /// Whether the rule speaks here.
    var isSpoken: Bool { !answer.isEmpty }
}

extension RuleCase {
    func check() throws {
        for version in ServedVersion.allCases {
            let expected = version == .v1 ? answer : answerInV1alpha1 ?? answer.map(\.inV1alpha1)
            let new = try object(spec, in: version)
            switch write {
            case .create:
                expect(try Validation.create(DBMMOMySQL(new), words: version), expected, "\(version), created")
                if name == "orders" {
                    let good = spec.contains(#""Azure""#) ? azure() : "{}"
                    let old = try object(good, in: version)
                    expect(
                        try Validation.update(from: DBMMOMySQL(old), to: DBMMOMySQL(new), words: version), expected,
                        "\(version), brought in by an update")
                }
                // T5 is about the change alone.
                if rule != .t5 { try checkRatchet(of: new, in: version, expected) }
            case .update(let old):
                let old = try object(old, in: version)
                expect(
                    try Validation.update(from: DBMMOMySQL(old), to: DBMMOMySQL(new), words: version), expected, "\(version), updated")
            case .delete:
                expect(try Validation.delete(DBMMOMySQL(new), words: version), expected, "\(version), deleted")
            }
        }
    }

    /// An update elsewhere in the object is not refused for the fault, but told of it.
    private func checkRatchet(of old: JSONValue, in version: ServedVersion, _ expected: [Line]) throws {
        let path = version == .v1 ? ["spec", "azure", "userAgent"] : ["spec", "deployment", "azureConfig", "userAgent"]
        let new = try JSONDocument(parsing: old.setting(.string("touched"), at: path).text).root
        let verdict = try Validation.update(from: DBMMOMySQL(old), to: DBMMOMySQL(new), words: version)
        #expect(verdict.texts == [], "\(version), left alone")
        #expect(verdict.warnings.count == expected.count, "\(version), left alone: \(verdict.warnings)")
        for line in expected {
            switch line {
            case .warning(let text):
                #expect(verdict.warnings.contains(text), "\(version), left alone")
            case .fault(let path, let message):
                let isSaid = verdict.warnings.contains { warning in
                    // A fault that v1alpha1 has in the annotation is told by its path in v1.
                    let path = path == annotationPath ? answerPath(of: message) : path
                    return warning.hasPrefix("\(path):") || warning.hasPrefix("\(path) (v1):")
                }
                #expect(isSaid, "\(version), left alone: \(verdict.warnings) lacks \(path)")
            }
        }
    }

    private func answerPath(of message: String) -> String {
        answer.lazy.compactMap { if case .fault(let path, _) = $0, message.contains(path) { path } else { nil } }.first ?? "none"
    }

    private func expect(_ verdict: Verdict, _ expected: [Line], _ circumstances: String) {
        #expect(verdict.lines == expected, "\(circumstances)")
        #expect(verdict.rules.contains(rule) == isSpoken, "\(circumstances): \(verdict.rules)")
        for violation in verdict.violations {
            let title = violation.error.message.prefix { $0 != ":" }
            #expect(violation.error.type.reason == reasons[String(title)], "\(circumstances)")
        }
        #expect(verdict.warnings.allSatisfy { $0.unicodeScalars.count <= 120 }, "\(circumstances): \(verdict.warnings)")
    }

    private func object(_ spec: String, in version: ServedVersion) throws -> JSONValue {
        let status = status.map { #","status":\#($0)"# } ?? ""
        let text = """
            {"apiVersion":"cache.my.domain/v1","kind":"DBMMOMySQL","metadata":{"name":"\(name)","namespace":"shop"},
             "spec":\(spec)\(status)}
            """
        return try converted(JSONDocument(parsing: text).root, to: version)
    }
}

/// The reason that a Status gives for each title of a message.
private let reasons = [
    "Required value": "FieldValueRequired", "Invalid value": "FieldValueInvalid", "Unsupported value": "FieldValueNotSupported",
    "Forbidden": "FieldValueForbidden", "Duplicate value": "FieldValueDuplicate", "Too long": "FieldValueTooLong"
]

extension Verdict {
    /// The causes in their order, then the warnings.
    var lines: [RuleCase.Line] {
        violations.map { .fault("\($0.error.field)", $0.error.message) } + warnings.map { .warning($0) }
    }
}

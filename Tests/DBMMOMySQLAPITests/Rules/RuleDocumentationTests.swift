import DBMMOMySQLAPI
import JSON
import KubernetesAPI
import TestSupport
import Testing

@Suite("The page on the rules")
struct RuleDocumentationTests {
    @Test("has one section for each rule, in the order of the API reference, and none for anything else")
    func sections() throws {
        #expect(try RuleDocument().sections.map(\.rule) == RuleID.allCases.map(\.rawValue))
    }

    @Test("shows of each rule what kubectl prints", arguments: RuleID.allCases)
    func answers(rule: RuleID) throws {
        let section = try #require(RuleDocument().sections.first { $0.rule == rule.rawValue })
        #expect(!section.examples.isEmpty)
        for example in section.examples {
            let (output, rules) = try answer(to: example)
            #expect(output == example.output)
            #expect(rules.contains(rule), "the example is of \(rules)")
        }
    }

    /// What the webhooks answer, as kubectl prints it.
    private func answer(to example: RuleDocument.Example) throws -> (output: String, rules: Set<RuleID>) {
        let version = try #require(ServedVersion(of: example.object))
        let name = example.object[path: ["metadata", "name"]]?.string ?? ""
        if example.isDeletion {
            let verdict = try Validation.delete(DBMMOMySQL(example.object), words: version)
            return (deletionOutput(verdict, name: name), verdict.rules)
        }
        let new = try Defaulting.patch(for: example.object, replacing: example.before, namespace: "shop").applied(to: example.object)
        let verdict =
            if let before = example.before {
                try Validation.update(from: DBMMOMySQL(before), to: DBMMOMySQL(new), words: version)
            } else {
                try Validation.create(DBMMOMySQL(new), words: version)
            }
        let done = "dbmmomysql.cache.my.domain/\(name) \(example.before == nil ? "created" : "configured")"
        let refusal = #"The DBMMOMySQL "\#(name)" is invalid:"#
        let faults = verdict.violations.map { "\($0.error.field): \($0.error.message)" }
        let end =
            switch faults.count {
            case 0: [done]
            case 1: ["\(refusal) \(faults[0])"]
            default: [refusal] + faults.map { "* \($0)" }
            }
        return ((warnings(verdict) + end).joined(separator: "\n"), verdict.rules)
    }

    private func deletionOutput(_ verdict: Verdict, name: String) -> String {
        let end =
            if let fault = verdict.violations.first {
                "Error from server (Forbidden): admission webhook \"validate.dbmmomysqls.cache.my.domain\" denied the request: "
                    + "dbmmomysqls.cache.my.domain \"\(name)\" is forbidden: \(fault.error.field): \(fault.error.detail)"
            } else {
                #"dbmmomysql.cache.my.domain "\#(name)" deleted"#
            }
        return (warnings(verdict) + [end]).joined(separator: "\n")
    }

    private func warnings(_ verdict: Verdict) -> [String] { verdict.warnings.map { "Warning: \($0)" } }
}

import DBMMOMySQLAPI
import JSON
import KubernetesAPI
import TestSupport
import Testing

@Suite("The rule on the annotation that conversion reads")
struct AnnotationRuleTests {
    private static let field = annotationPath

    private func create(_ data: String, in version: ServedVersion = .v1alpha1, spec: String = "{}") throws -> Verdict {
        try Validation.create(DBMMOMySQL(annotated(version, data, spec: spec)), words: version)
    }

    private func faults(_ verdict: Verdict) -> [String] {
        verdict.violations.filter { $0.rule == .m2 }.map { "\($0.error)".replacing("\(Self.field): ", with: "") }
    }

    @Test(
        "refuses what makes no sense there, with the place and the way out", arguments: ServedVersion.allCases,
        [
            (
                "nonsense", "the annotation",
                "must be JSON: not a JSON value at byte 0; remove it, dbmmo writes it itself where it is needed"
            ),
            ("", "the annotation", "must be JSON: the text is empty; remove it, dbmmo writes it itself where it is needed"),
            ("[]", "the annotation", "must be of type object, not array; correct or remove it"),
            ("null", "the annotation", "must be of type object, not null; correct or remove it"),
            (#"{"v1":5}"#, "v1", "must be of type object, not integer; correct or remove it"),
            (#"{"v2":{}}"#, "v2", "nothing but v1 and v1alpha1 is read there; remove it"),
            (#"{"v1alpha1":{"kind":"Pod"}}"#, "v1alpha1.kind", "nothing but spec is read there; remove it"),
            (#"{"v1":{"status":{}}}"#, "v1.status", "nothing but spec is read there; remove it"),
            (#"{"v1":{"metadata":{"a":1}}}"#, "v1.metadata", "nothing but spec is read there; remove it"),
            (#"{"annotations":{"a":"b"}}"#, "annotations", "must be of type empty object, not object; correct or remove it"),
            (#"{"v1":{"spec":{"version":8.4}}}"#, "v1.spec.version", "must be of type string, not number; correct or remove it"),
            (#"{"v1":{"spec":{"azure":[1,2]}}}"#, "v1.spec.azure", "must be of type object, not array; correct or remove it"),
            (
                #"{"v1":{"spec":{"azure":{"storageGB":99999999999}}}}"#, "v1.spec.azure.storageGB",
                "must be of type integer of 32 bits, not integer; correct or remove it"
            ),
            (
                #"{"v1":{"spec":{"azure":{"firewallRules":{"x":{}}}}}}"#, "v1.spec.azure.firewallRules.x",
                "nothing but indices is read there; remove it"
            ),
            (
                #"{"v1":{"spec":{"azure":{"firewallRules":{"1":{"name":1}}}}}}"#, "v1.spec.azure.firewallRules.1.name",
                "must be of type string, not integer; correct or remove it"
            ),
            (
                #"{"v1":{"spec":{"onCluster":{"storage":{"accessModes":["a",1]}}}}}"#, "v1.spec.onCluster.storage.accessModes[1]",
                "must be of type string, not integer; correct or remove it"
            ),
            (#"{"v1alpha1":{"spec":{"size":"x"}}}"#, "v1alpha1.spec.size", "must be of type integer, not string; correct or remove it")
        ])
    func refusal(version: ServedVersion, row: (data: String, place: String, detail: String)) throws {
        let fault = "Invalid value: \"\(row.place)\": \(row.detail)"
        let verdict = try create(row.data, in: version)
        #expect(faults(verdict) == [fault])
        #expect(verdict.violations.filter { $0.rule == .m2 }.allSatisfy { "\($0.error.field)" == Self.field })
        // An update that brings it is refused too, although the spec stays as it is.
        let update = try Validation.update(from: model(version), to: DBMMOMySQL(annotated(version, row.data)), words: version)
        #expect(faults(update) == [fault])
    }

    @Test(
        "lets pass what conversion writes, and what it may as well have written",
        arguments: [
            "{}", #"{"annotations":{}}"#, #"{"annotations":null,"v1":null}"#, #"{"v1":{"spec":{}},"v1alpha1":{"spec":null}}"#,
            #"{"v1":{"spec":{"version":"8.4","azure":{"firewallRules":{"1":{"name":"b"}},"storageGB":20}}}}"#,
            #"{"v1":{"spec":{"azure":{"firewallRules":[]},"onCluster":{"storage":{"capacity":20}}}}}"#,
            #"{"v1alpha1":{"spec":{"deployment":{"configurationName":"x","azureConfig":{"oauthGrantType":-0}}}}}"#
        ])
    func acceptance(data: String) throws {
        for version in ServedVersion.allCases {
            let verdict = try create(data, in: version)
            #expect(!verdict.rules.contains(.m2), "\(verdict.texts) \(verdict.warnings)")
        }
    }

    @Test("only warns of a field that nobody knows, which the API server drops")
    func unknown() throws {
        let verdict = try create(#"{"v1":{"spec":{"versoin":"8.4"}}}"#)
        #expect(faults(verdict) == [])
        #expect(verdict.warnings.contains(#"\#(Self.field) "v1.spec.versoin": no field of v1"#))
    }

    @Test("only warns of a fault that was there before, and not at all while nothing is touched")
    func ratchet() throws {
        let data = #"{"v1":{"spec":{"version":8.4}},"v1alpha1":{"kind":"Pod"}}"#
        let old = try DBMMOMySQL(annotated(.v1, data, spec: #"{"replicas":1}"#))
        let scaled = try Validation.update(from: old, to: DBMMOMySQL(annotated(.v1, data, spec: #"{"replicas":0}"#)), words: .v1)
        #expect(faults(scaled) == [])
        #expect(
            scaled.warnings.filter { $0.hasPrefix(Self.field) } == [
                #"\#(Self.field) "v1.spec.version": ignored, not of type string"#, #"\#(Self.field) "v1alpha1.kind": ignored"#
            ])
        let more = #"{"v1":{"spec":{"version":8.4,"deletionProtection":"yes"}},"v1alpha1":{"kind":"Secret"}}"#
        let changed = try Validation.update(from: old, to: DBMMOMySQL(annotated(.v1, more, spec: #"{"replicas":1}"#)), words: .v1)
        #expect(faults(changed).count == 2 && changed.warnings.count == 1)
        let same = try Validation.update(from: old, to: DBMMOMySQL(annotated(.v1, data, spec: #"{"replicas":1}"#)), words: .v1)
        #expect(same.rules.isEmpty && same.warnings.isEmpty)
        let mended = try Validation.update(from: old, to: model(spec: #"{"replicas":1}"#), words: .v1)
        #expect(mended.rules.isEmpty)
    }

    @Test("does not hold up a deletion")
    func deletion() throws {
        let ending = try JSONDocument(
            parsing: annotated(.v1, "nonsense").setting(.string("2026-11-21T01:29:17Z"), at: ["metadata", "deletionTimestamp"]).text
        ).root
        #expect(try Validation.update(from: model(), to: DBMMOMySQL(ending), words: .v1).rules.isEmpty)
    }

    @Test("tells of ten faults, and how many there are besides")
    func many() throws {
        let parameters = (0..<1000).map { #""p\#($0)":\#($0)"# }.joined(separator: ",")
        let verdict = try create(#"{"v1":{"spec":{"azure":{"parameters":{\#(parameters)}}}}}"#)
        #expect(faults(verdict).count == 11)
        #expect(faults(verdict).last == "Forbidden: has 990 more faults")
    }

    @Test("is not healed by defaulting unseen", arguments: ["nonsense", "[]", #"{"v1":5}"#, #"{"v1alpha1":{"kind":"Pod"}}"#])
    func defaulting(data: String) throws {
        let old = try converted(object(spec: #"{"deploymentType":"OnCluster","version":"8.4","replicas":1}"#), to: .v1alpha1)
        let written = try annotated(.v1alpha1, data, spec: #"{"deployment":{"deploymentType":"Azure"}}"#)
        for before in [nil, old] {
            let new = try Defaulting.patch(for: written, replacing: before, namespace: "shop").applied(to: written)
            let verdict =
                try before.map { try Validation.update(from: DBMMOMySQL($0), to: DBMMOMySQL(new), words: .v1alpha1) }
                ?? Validation.create(DBMMOMySQL(new), words: .v1alpha1)
            #expect(faults(verdict).count == 1, "\(new.spelling)")
        }
    }

    /// An object of `v1` with so many firewall rules, and an annotation of so many bytes.
    private static func large(rules: Int, note: Int, label: String = "a") throws -> DBMMOMySQL {
        let list = (0..<rules).map { #"{"name":"r\#($0)","startIP":"10.0.0.0","endIP":"10.255.255.255"}"# }.joined(separator: ",")
        let text = """
            {"apiVersion":"cache.my.domain/v1","kind":"DBMMOMySQL","metadata":{"name":"orders","labels":{"a":"\(label)"},\
            "annotations":{"notes.example/a":"\(String(repeating: "x", count: note))"}},\
            "spec":{"version":"8.4","replicas":0,"azure":{"firewallRules":[\(list)]}}}
            """
        return try DBMMOMySQL(try JSONDocument(parsing: text).root)
    }

    @Test("refuses what would make every list of v1alpha1 fail: annotations that are too large there")
    func tooLarge() throws {
        for (rules, note) in [(0, 262_119), (5_000, 10), (3_000, 100_000)] {
            let object = try Self.large(rules: rules, note: note)
            let created = Validation.create(object, words: .v1).violations.filter { $0.rule == .m2 }
            #expect(
                created.count == 1 && "\(created.map(\.error))".contains("Too long: may not be longer than 262144; in v1alpha1 there are"))
            // Also where the spec stays as it is.
            let grown = Validation.update(from: try Self.large(rules: rules, note: 0), to: object, words: .v1).violations
            #expect(grown.contains { $0.rule == .m2 } || rules == 5_000)
            let touched = Validation.update(from: object, to: try Self.large(rules: rules, note: note, label: "b"), words: .v1)
            #expect(touched.violations.isEmpty)
            let smaller = Validation.update(from: object, to: try Self.large(rules: max(0, rules - 1), note: note - 1), words: .v1)
            #expect(!smaller.violations.contains { $0.rule == .m2 })
        }
        #expect(Validation.create(try Self.large(rules: 900, note: 150_000), words: .v1).violations.filter { $0.rule == .m2 }.isEmpty)
    }
}

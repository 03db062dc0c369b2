import DBMMOMySQLAPI
import JSON
import KubernetesAPI
import TestSupport
import Testing

@Suite("The rules on any object that its schema accepts")
struct RulePropertyTests {
    private static let count = 2_000

    /// Where an object of each version can hold a secret.
    private static let secretFields: [ServedVersion: [[String]]] = [
        .v1: [["spec", "credentials", "password"], ["spec", "azure", "clientSecret"]],
        .v1alpha1: [
            ["spec", "deployment", "serverCredentials", "mysqlAdministratorLoginPassword"],
            ["spec", "deployment", "azureConfig", "clientSecret"]
        ]
    ]

    private func forEachPair(
        of version: ServedVersion, _ check: (_ old: JSONValue, _ new: JSONValue, inout ObjectGenerator) throws -> String?
    ) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("rules on generated \(version) objects: seed \(seed)")
        var generator = ObjectGenerator(seed: seed)
        for number in 0..<Self.count {
            let old = try JSONDocument(parsing: generator.object(version: version.rawValue)).root
            let other = try JSONDocument(parsing: generator.object(version: version.rawValue)).root
            let new = try Self.edited(old, towards: other, &generator.random)
            guard let fault = try check(old, new, &generator) else { continue }
            Issue.record("seed \(seed), pair \(number): \(fault)\n\(old.spelling)\n\(new.spelling)")
            return
        }
    }

    /// An object with a few of its fields as another object has them.
    private static func edited(_ object: JSONValue, towards other: JSONValue, _ random: inout SeededGenerator) throws -> JSONValue {
        let leaves = leaves(of: other["spec"], at: ["spec"])
        var edited = object
        for _ in 0..<(leaves.isEmpty ? 0 : Int.random(in: 0...3, using: &random)) {
            let leaf = random.pick(leaves)
            edited = try JSONDocument(parsing: edited.setting(.verbatim(leaf.value), at: leaf.path).text).root
        }
        return edited
    }

    private static func leaves(of value: JSONValue?, at path: [String]) -> [(path: [String], value: JSONValue)] {
        guard let value else { return [] }
        guard value.kind == .object else { return [(path, value)] }
        return value.members.flatMap { leaves(of: $0.value, at: path + [$0.name]) }
    }

    private func verdicts(from old: JSONValue, to new: JSONValue, in version: ServedVersion) throws -> [Verdict] {
        let (before, after) = (try DBMMOMySQL(old), try DBMMOMySQL(new))
        return [
            Validation.create(after, words: version), Validation.update(from: before, to: after, words: version),
            Validation.delete(before, words: version)
        ]
    }

    @Test("never tell a secret", arguments: ServedVersion.allCases)
    func secrecy(version: ServedVersion) throws {
        try forEachPair(of: version) { old, new, generator in
            let mark = "s3cr3t\(UInt64.random(in: 0...UInt64.max, using: &generator.random))"
            let planted = try [old, new].map { object in
                var planted = object
                for field in Self.secretFields[version] ?? [] where !generator.random.oneIn(4) {
                    // Good ones, bad ones, placeholders, and one that the login is part of.
                    let text = generator.random.pick([mark, "<\(mark)>", "x\(mark)", "Aa-\(mark)", "\(mark)\u{1}\"\\"])
                    planted = try JSONDocument(parsing: planted.setting(.string(text), at: field).text).root
                }
                let url = version == .v1 ? ["spec", "azure"] : ["spec", "deployment", "azureConfig"]
                let withUser: JSONTree = .string("https://user:\(mark)@login.example/?token=\(mark)")
                planted = try JSONDocument(parsing: planted.setting(withUser, at: url + ["authorizationServerURL"]).text).root
                return planted
            }
            for verdict in try verdicts(from: planted[0], to: planted[1], in: version) {
                let texts = verdict.texts + verdict.warnings
                if let told = texts.first(where: { $0.contains(mark) }) { return told }
            }
            return nil
        }
    }

    @Test("let pass what leaves the spec as it is, and what is being deleted", arguments: ServedVersion.allCases)
    func untouched(version: ServedVersion) throws {
        try forEachPair(of: version) { old, new, _ in
            // Another spelling, other labels, and another status.
            let relabelled = try JSONDocument(
                parsing: JSONDocument(parsing: old.canonicalText).root
                    .setting(.string("shop"), at: ["metadata", "labels", "team"]).text
            ).root
            let status = try JSONDocument(parsing: relabelled.setting(.emptyObject, at: ["status"]).text).root
            let left = try Validation.update(from: DBMMOMySQL(old), to: DBMMOMySQL(status), words: version)
            guard left.texts.isEmpty, left.warnings.isEmpty else { return "\(left.texts) \(left.warnings)" }
            let deleted = try JSONDocument(
                parsing: new.setting(.string("2026-11-21T01:29:17Z"), at: ["metadata", "deletionTimestamp"]).text
            ).root
            let ended = try Validation.update(from: DBMMOMySQL(old), to: DBMMOMySQL(deleted), words: version)
            return ended.texts.isEmpty && ended.warnings.isEmpty ? nil : "\(ended.texts) \(ended.warnings)"
        }
    }

    @Test("say of an update the same in both versions", arguments: [(ServedVersion.v1, ServedVersion.v1alpha1), (.v1alpha1, .v1)])
    func sameVerdict(version: ServedVersion, other: ServedVersion) throws {
        try forEachPair(of: version) { old, new, _ in
            let mine = try verdicts(from: old, to: new, in: version)
            let theirs = try verdicts(from: converted(old, to: other), to: converted(new, to: other), in: other)
            for (mine, theirs) in zip(mine, theirs) {
                let isSame =
                    mine.violations.map(\.rule.rawValue).sorted() == theirs.violations.map(\.rule.rawValue).sorted()
                    && mine.rules == theirs.rules && mine.warnings.count == theirs.warnings.count
                guard isSame else { return "\(mine.texts)\n\(theirs.texts)" }
            }
            return nil
        }
    }

    @Test("refuse an update only for fields that it edits, or for the side that it turns to", arguments: ServedVersion.allCases)
    func ratchet(version: ServedVersion) throws {
        try forEachPair(of: version) { old, _, _ in
            let path = version == .v1 ? ["spec", "azure", "userAgent"] : ["spec", "deployment", "azureConfig", "userAgent"]
            let touched = try JSONDocument(parsing: old.setting(.string("touched"), at: path).text).root
            let verdict = try Validation.update(from: DBMMOMySQL(old), to: DBMMOMySQL(touched), words: version)
            return verdict.texts.isEmpty ? nil : "\(verdict.texts)"
        }
    }
}

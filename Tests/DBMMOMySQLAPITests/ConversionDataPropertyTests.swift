import DBMMOMySQLAPI
import JSON
import TestSupport
import Testing

/// Annotations of all sorts: what conversion wrote, with parts replaced, moved and added.
private struct AnnotationGenerator {
    var objects: ObjectGenerator

    private static let scraps = [
        "null", "true", "7", "8.4", "-1e99", #""x""#, "[]", "{}", "[1,2]", #"{"kind":"Pod"}"#, #"[{"name":1}]"#,
        #"{"0":{"name":"a"},"x":{}}"#, #"{"spec":{"version":1}}"#, #"{"status":{"phase":"x"}}"#, "[null]"
    ]
    private static let names = [
        "kind", "apiVersion", "metadata", "status", "spec", "azure", "version", "annotations", "v1", "v1alpha1", "", "0", "10",
        "firewallRules", "name"
    ]

    mutating func annotation(of object: JSONValue) throws -> String {
        let both = try ServedVersion.allCases.map { version in
            let other = try JSONDocument(parsing: objects.object(version: version.rawValue)).root
            let parts = other.members.filter { $0.name != "metadata" || objects.random.oneIn(4) }
            return JSONTree.Member(name: version.rawValue, value: .object(parts.map { .init(name: $0.name, value: .verbatim($0.value)) }))
        }
        let text = try spoilt(JSONDocument(parsing: JSONTree.object(both).text).root).text
        return objects.random.oneIn(20) ? String(text.dropLast()) : text
    }

    private mutating func spoilt(_ value: JSONValue) throws -> JSONTree {
        if objects.random.oneIn(12) { return .verbatim(try JSONDocument(parsing: objects.random.pick(Self.scraps)).root) }
        switch value.kind {
        case .object:
            var members: [JSONTree.Member] = []
            for member in value.members { members.append(.init(name: member.name, value: try spoilt(member.value))) }
            if objects.random.oneIn(4) {
                let scrap = try JSONDocument(parsing: objects.random.pick(Self.scraps)).root
                members.append(.init(name: objects.random.pick(Self.names), value: .verbatim(scrap)))
            }
            return .object(members)
        case .array:
            var elements: [JSONTree] = []
            for element in value.elements { elements.append(try spoilt(element)) }
            return .array(elements)
        default: return .verbatim(value)
        }
    }
}

@Suite("Whatever the annotation says")
struct ConversionDataPropertyTests {
    private static let count = 5_000

    private func forEachPair(of version: ServedVersion, _ check: (_ plain: JSONValue, _ annotated: JSONValue) throws -> String?) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("annotations on generated \(version) objects: seed \(seed)")
        var generator = AnnotationGenerator(objects: ObjectGenerator(seed: seed))
        for number in 0..<Self.count {
            let plain = try JSONDocument(parsing: generator.objects.object(version: version.rawValue)).root
            let annotation = try generator.annotation(of: plain)
            let path = ["metadata", "annotations", ServedVersion.conversionDataAnnotation]
            let annotated = try JSONDocument(parsing: plain.setting(.string(annotation), at: path).text).root
            if let fault = try check(plain, annotated) {
                Issue.record("seed \(seed), object \(number): \(fault)\n\(annotated.spelling)")
                return
            }
        }
    }

    @Test(
        "a converted object is one that an API server takes, and differs from that of the object without it only in what it adds to the spec",
        arguments: [(ServedVersion.v1alpha1, ServedVersion.v1), (.v1, .v1alpha1)])
    func conversion(source: ServedVersion, target: ServedVersion) throws {
        try forEachPair(of: source) { plain, annotated in
            let (honest, result) = (try converted(plain, to: target), try converted(annotated, to: target))
            guard ServedVersion(of: result) == target, result["metadata"]?.kind == .object else { return "not whole: \(result.spelling)" }
            guard Set(result.members.map(\.name)).isSubset(of: ["apiVersion", "kind", "metadata", "spec", "status"]) else {
                return "foreign members: \(result.spelling)"
            }
            guard result["status"]?.canonicalText == honest["status"]?.canonicalText else { return "another status: \(result.spelling)" }
            let fixed = ["name", "generation", "labels"].allSatisfy {
                result["metadata"]?[$0]?.canonicalText == honest["metadata"]?[$0]?.canonicalText
            }
            guard fixed, result["metadata"]?.members.count ?? 0 <= 4 else { return "other metadata: \(result.spelling)" }
            let annotations = result["metadata"]?["annotations"]
            guard annotations?.members.allSatisfy({ $0.value.kind == .string }) ?? true else { return "no annotations: \(result.spelling)" }
            let errors = SchemaCheck(result, version: target).errors
            guard errors.isEmpty else { return "\(errors): \(result.spelling)" }
            let lost = Self.missing(honest["spec"], in: result["spec"], at: "spec")
            return lost.map { "the annotation wins at \($0): \(result.spelling)" }
        }
    }

    /// Where the second value lacks something of the first, or has something else.
    private static func missing(_ part: JSONValue?, in whole: JSONValue?, at path: String) -> String? {
        guard let part else { return nil }
        guard let whole else { return path }
        switch part.kind {
        case .object: return part.members.lazy.compactMap { missing($0.value, in: whole[$0.name], at: "\(path).\($0.name)") }.first
        case .array:
            // Only the first firewall rule has a counterpart, and more may follow it.
            let isLonger = path.hasSuffix("firewallRules") && whole.elements.count >= part.elements.count
            guard isLonger || whole.elements.count == part.elements.count else { return path }
            return zip(part.elements, whole.elements).lazy.compactMap { missing($0, in: $1, at: "\(path)[]") }.first
        default: return part.isEquivalent(to: whole) ? nil : path
        }
    }

    @Test("what it brought settles after one way there and back", arguments: [(ServedVersion.v1alpha1, ServedVersion.v1), (.v1, .v1alpha1)])
    func settles(source: ServedVersion, target: ServedVersion) throws {
        try forEachPair(of: source) { _, annotated in
            let there = try converted(annotated, to: target)
            let back = try converted(there, to: source)
            let again = try converted(back, to: target)
            let isSame = ["spec", "status"].allSatisfy { again[$0]?.canonicalText == there[$0]?.canonicalText }
            return isSame ? nil : "\(there.canonicalText)\nbecomes \(again.canonicalText)"
        }
    }

    @Test("the rule on it has nothing to say of an annotation that conversion wrote", arguments: ServedVersion.allCases)
    func honest(source: ServedVersion) throws {
        let target: ServedVersion = source == .v1 ? .v1alpha1 : .v1
        try forEachPair(of: source) { plain, annotated in
            for object in [plain, annotated] {
                let there = try converted(object, to: target)
                let verdict = try Validation.create(DBMMOMySQL(there), words: target)
                let faults = verdict.violations.filter { $0.rule == .m2 }.map { "\($0.error)" }
                guard faults.isEmpty else { return "\(faults): \(there.spelling)" }
            }
            return nil
        }
    }

    @Test("a change of it that brings no spec changes no status, in storage or in the other version", arguments: ServedVersion.allCases)
    func mainResource(version: ServedVersion) throws {
        try forEachPair(of: .v1) { stored, annotated in
            // The API server puts the old status into what was written, in the version of the request.
            let old = try converted(stored, to: version)
            var written = try converted(annotated, to: version)
            if let annotation = annotated[path: ["metadata", "annotations", ServedVersion.conversionDataAnnotation]] {
                let path = ["metadata", "annotations", ServedVersion.conversionDataAnnotation]
                written = try JSONDocument(parsing: written.setting(.verbatim(annotation), at: path).text).root
            }
            let members = written.members.filter { $0.name != "status" }.map { JSONTree.Member(name: $0.name, value: .verbatim($0.value)) }
            let status = old["status"].map { [JSONTree.Member(name: "status", value: .verbatim($0))] } ?? []
            let guarded = try JSONDocument(parsing: JSONTree.object(members + status).text).root
            let result = try converted(guarded, to: .v1)
            guard result["status"]?.canonicalText == stored["status"]?.canonicalText else { return "in storage: \(result.spelling)" }
            let seen = try converted(result, to: .v1alpha1)
            let honest = try converted(stored, to: .v1alpha1)
            return seen["status"]?.canonicalText == honest["status"]?.canonicalText ? nil : "in v1alpha1: \(seen.spelling)"
        }
    }
}

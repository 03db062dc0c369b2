import Glibc
import JSON
import TestSupport

/// `docs/rules.md`, as far as it can be held against the code: sections that name a rule, and in each the objects and the answers.
///
/// A fence says what it holds by the words behind `json`: the name of one of the objects at the top of the page, on which it is a
/// merge patch (RFC 7396), and `before` when a change follows, `change` for that change, `delete` when the object is deleted. Without
/// a name it holds a whole object. `console` closes an example.
struct RuleDocument {
    struct Section {
        let rule: String
        var examples: [Example] = []
    }

    struct Example: Sendable {
        var before: JSONValue?
        var object: JSONValue
        var isDeletion = false
        var output = ""
    }

    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    private(set) var sections: [Section] = []
    private var bases: [String: JSONValue] = [:]
    private var open: Example?

    init() throws {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
        try self.init(text: Self.text(ofFile: "\(root)/docs/rules.md"))
    }

    init(text: String) throws {
        var fence: (info: [Substring], lines: [Substring])?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if let inside = fence {
                guard line.hasPrefix("```") else {
                    fence?.lines.append(line)
                    continue
                }
                try close(inside.info, inside.lines.joined(separator: "\n"))
                fence = nil
            } else if line.hasPrefix("```") {
                fence = (line.dropFirst(3).split(separator: " "), [])
            } else if line.hasPrefix("### ") {
                guard open == nil else { throw Fault(description: "an object without an answer before \(line)") }
                sections.append(Section(rule: String(line.dropFirst(4).prefix { $0 != " " })))
            }
        }
    }

    private mutating func close(_ info: [Substring], _ text: String) throws {
        switch info.first {
        case "json" where info.dropFirst() == ["change"]:
            guard let before = open?.object else { throw Fault(description: "a change of nothing: \(text)") }
            open?.before = before
            open?.object = try before.merged(with: JSONDocument(parsing: text).root)
        case "json" where sections.isEmpty:
            let object = try JSONDocument(parsing: text).root
            bases[object[path: ["metadata", "name"]]?.string ?? ""] = object
        case "json":
            let content = try JSONDocument(parsing: text).root
            let base = info.dropFirst().first.flatMap { bases[String($0)] }
            let object = try base.map { try $0.merged(with: content) } ?? content
            open = Example(object: object, isDeletion: info.contains("delete"))
        case "console":
            guard var example = open, let last = sections.indices.last else { throw Fault(description: "an answer to nothing: \(text)") }
            example.output = text
            sections[last].examples.append(example)
            open = nil
        default:
            break
        }
    }

    private static func text(ofFile path: String) throws -> String {
        guard let file = fopen(path, "r") else { throw Fault(description: "cannot read \(path)") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension JSONValue {
    /// The value with a merge patch (RFC 7396) applied.
    fileprivate func merged(with patch: JSONValue) throws -> JSONValue {
        try JSONDocument(parsing: Self.merge(self, patch).text).root
    }

    private static func merge(_ target: JSONValue?, _ patch: JSONValue) -> JSONTree {
        guard patch.kind == .object else { return .verbatim(patch) }
        var members =
            (target?.kind == .object ? target?.members : nil)?.map {
                JSONTree.Member(name: $0.name, value: .verbatim($0.value))
            } ?? []
        for (name, value) in patch.members {
            let place = members.firstIndex { $0.name == name }
            if let place { members.remove(at: place) }
            guard !value.isNull else { continue }
            let member = JSONTree.Member(name: name, value: merge(target?[name], value))
            members.insert(member, at: place ?? members.endIndex)
        }
        return .object(members)
    }
}

import DBMMOMySQLAPI
import JSON

/// The write of an object as an API server goes about it: the old object in the version that is written, the status out of reach, defaults before
/// rules.
struct Write {
    private let object: JSONValue
    private let old: JSONValue?
    private let version: ServedVersion
    private let namespace: String

    init(of object: JSONValue, in version: ServedVersion, replacing old: JSONValue?, namespace: String) throws(ConversionError) {
        self.version = version
        self.namespace = namespace
        if let old {
            var writer = JSONWriter(capacity: old.byteCount)
            try Conversion.write(old, as: version, into: &writer)
            self.old = try Conversion.reading(writer)
        } else {
            self.old = nil
        }
        var tree = Self.members(of: object) { $0 != "status" }
        if let status = self.old?["status"] { tree.append(.init(name: "status", value: .verbatim(status))) }
        self.object = try Conversion.reading(.object(tree))
    }

    func verdict() throws(ConversionError) -> Verdict {
        let written = try defaulted()
        guard let old else { return Validation.create(try DBMMOMySQL(try named(written)), words: version) }
        guard try !DBMMOMySQL.haveSameSpelling(of: old, written) else { return Verdict() }
        return Validation.update(from: try DBMMOMySQL(old), to: try DBMMOMySQL(written), words: version)
    }

    private func defaulted() throws(ConversionError) -> JSONValue {
        let patch = try Defaulting.patch(for: object, replacing: old, namespace: namespace)
        guard !patch.isEmpty else { return object }
        var tree = JSONTree(expanding: .verbatim(object))
        tree.apply(patch)
        return try Conversion.reading(tree)
    }

    /// The object with a name as the API server makes one from `generateName`, which it does between defaults and rules.
    private func named(_ object: JSONValue) throws(ConversionError) -> JSONValue {
        let metadata = object["metadata"]
        guard metadata?["name"]?.string?.isEmpty ?? true, let prefix = metadata?["generateName"]?.string else { return object }
        let name = prefix.prefix(Self.longestGeneratedName - Self.generatedSuffix.count) + Self.generatedSuffix
        var tree = JSONTree(expanding: .verbatim(object))
        tree.update(at: ["metadata"]) { metadata in
            guard case .object(let members) = metadata else { return }
            metadata = .object(members.filter { $0.name != "name" } + [.init(name: "name", value: .string(String(name)))])
        }
        return try Conversion.reading(tree)
    }

    private static let longestGeneratedName = 63
    private static let generatedSuffix = "xxxxx"

    private static func members(of object: JSONValue, where isIncluded: (String) -> Bool) -> [JSONTree.Member] {
        object.members.filter { isIncluded($0.name) }.map { .init(name: $0.name, value: .verbatim($0.value)) }
    }
}

import DBMMOMySQLAPI
import JSON
import TestSupport
import Testing

func converted(_ object: JSONValue, to version: ServedVersion) throws -> JSONValue {
    var writer = JSONWriter()
    try Conversion.write(object, as: version, into: &writer)
    return try JSONDocument(parsing: writer.buffer).root
}

@Suite("Any object that its schema accepts")
struct ConversionPropertyTests {
    private static let count = 10_000

    private func forEachObject(of version: ServedVersion, _ check: (JSONValue, inout ObjectGenerator) throws -> Void) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("conversion of generated \(version) objects: seed \(seed)")
        var generator = ObjectGenerator(seed: seed)
        for number in 0..<Self.count {
            let text = generator.object(version: version.rawValue)
            let object = try JSONDocument(parsing: text).root
            do {
                try check(object, &generator)
            } catch {
                Issue.record("seed \(seed), object \(number): \(error)\n\(text)")
                return
            }
        }
    }

    private struct Difference: Error, CustomStringConvertible {
        let description: String
    }

    @Test("is the same after the way there and back", arguments: [(ServedVersion.v1alpha1, ServedVersion.v1), (.v1, .v1alpha1)])
    func roundTrip(source: ServedVersion, target: ServedVersion) throws {
        try forEachObject(of: source) { object, _ in
            let there = try converted(object, to: target)
            let back = try converted(there, to: source)
            guard back.canonicalText == object.canonicalText else {
                throw Difference(description: "there: \(there.spelling)\nback:  \(back.spelling)")
            }
            guard ServedVersion(of: there) == target else { throw Difference(description: "not of \(target)") }
        }
    }

    @Test("has only fields of the other version's schema, of its types", arguments: ServedVersion.allCases)
    func schemaConformance(target: ServedVersion) throws {
        let source: ServedVersion = target == .v1 ? .v1alpha1 : .v1
        try forEachObject(of: source) { object, _ in
            let there = try converted(object, to: target)
            guard case .object(let parts) = ObjectSchema.of(version: target.rawValue) else { return }
            for part in parts {
                guard let value = there[part.name] else { continue }
                if let path = ObjectSchema.firstMismatch(of: value, with: part.schema, at: part.name) {
                    throw Difference(description: "\(path) is not of \(target): \(there.spelling)")
                }
            }
        }
    }

    @Test("shows an edit made in the other version, and keeps all that the other version cannot hold")
    func editWins() throws {
        let edits: [(v1alpha1: [String], v1: [String], value: JSONTree)] = [
            (["spec", "size"], ["spec", "replicas"], .integer(42)),
            (["spec", "deployment", "deploymentType"], ["spec", "deploymentType"], .string("Edited")),
            (["spec", "deployment", "storageCapacity"], ["spec", "onCluster", "storage", "capacity"], .string("77Gi")),
            (["spec", "deployment", "azureConfig", "tenantID"], ["spec", "azure", "tenantID"], .string("edited")),
            (["spec", "deployment", "azureConfig", "oauthGrantType"], ["spec", "azure", "grantType"], .integer(1)),
            (["status", "azureStatus", "azureState"], ["status", "azure", "state"], .string("Error"))
        ]
        try forEachObject(of: .v1) { object, generator in
            let edit = generator.random.pick(edits)
            let old = try converted(object, to: .v1alpha1)
            let edited = try JSONDocument(parsing: old.setting(edit.value, at: edit.v1alpha1).text).root
            let result = try converted(edited, to: .v1)
            let expected: JSONTree = edit.v1.last == "grantType" ? .string("DeviceFlow") : edit.value
            let wanted = try JSONDocument(parsing: object.setting(expected, at: edit.v1).text).root
            guard result.canonicalText == wanted.canonicalText else {
                throw Difference(description: "\(edit.v1): \(result.canonicalText)\nwanted: \(wanted.canonicalText)")
            }
        }
    }
}

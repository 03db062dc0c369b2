import JSON
import NIOCore
import TestSupport
import Testing
import YAML

@testable import DBMMOMySQLAPI

@Suite("the schema")
struct SchemaTests {
    @Test("has the fields of the custom resource definition, with their types", arguments: ServedVersion.allCases)
    func fields(version: ServedVersion) throws {
        #expect(Self.fields(of: .of(version)) == Self.fields(of: try Self.definition(of: version, "spec"), at: "spec"))
    }

    @Test("of a status of v1 has the fields of the custom resource definition, with their types")
    func statusFields() throws {
        #expect(Self.fields(of: .statusOfV1, at: "status") == Self.fields(of: try Self.definition(of: .v1, "status"), at: "status"))
    }

    @Test("knows which integers fit 32 bits")
    func integers() throws {
        for (text, isInt32, isInteger) in [
            ("2147483647", true, true), ("-2147483648", true, true), ("2147483648", false, true), ("2e1", true, true),
            ("1.5", false, false), ("9223372036854775807", false, true), ("9223372036854775808", false, false), ("1e30", false, false),
            ("-0", true, true)
        ] {
            let value = try JSONDocument(parsing: text).root
            #expect(Schema.int32.accepts(value) == isInt32, "\(text)")
            #expect(Schema.integer.accepts(value) == isInteger, "\(text)")
        }
        let wide = Schema.statusOfV1.member("observedGeneration")
        #expect(try wide?.accepts(JSONDocument(parsing: "4294967296").root) == true)
    }

    private static func definition(of version: ServedVersion, _ part: String) throws -> JSONValue {
        let folder = FixtureFolder("../../manifests/crd")
        let reader = try YAMLDocuments(reading: ByteBuffer(bytes: try folder.bytes(of: "cache.my.domain_dbmmomysqls.yaml")))
        let definition = try JSONDocument(parsing: try #require(try reader.next()).json).root
        let served = definition[path: ["spec", "versions"]]?.elements.first { $0["name"]?.string == version.rawValue }
        return try #require(served?[path: ["schema", "openAPIV3Schema", "properties", part]])
    }

    private static func fields(of definition: JSONValue, at path: String) -> Set<String> {
        if definition["x-kubernetes-int-or-string"]?.boolean == true { return ["\(path) integer,string"] }
        switch definition["type"]?.string {
        case "object":
            let members = definition["properties"]?.members.map { fields(of: $0.value, at: "\(path).\($0.name)") } ?? []
            let values = definition["additionalProperties"].map { fields(of: $0, at: "\(path){}") } ?? []
            return members.reduce(values) { $0.union($1) }
        case "array": return definition["items"].map { fields(of: $0, at: "\(path)[]") } ?? []
        case let type: return ["\(path) \(type ?? "")"]
        }
    }

    private static func fields(of schema: Schema, at path: String = "") -> Set<String> {
        switch schema {
        case .object(let fields):
            fields.reduce(into: []) { all, field in
                all.formUnion(Self.fields(of: field.value, at: path.isEmpty ? field.key : "\(path).\(field.key)"))
            }
        case .map(let value): fields(of: value, at: "\(path){}")
        case .list(let element): fields(of: element, at: "\(path)[]")
        default: ["\(path) \(schema.name)"]
        }
    }
}

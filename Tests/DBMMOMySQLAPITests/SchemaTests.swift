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
        let folder = FixtureFolder("../../manifests/crd")
        let reader = try YAMLDocuments(reading: ByteBuffer(bytes: try folder.bytes(of: "cache.my.domain_dbmmomysqls.yaml")))
        let definition = try JSONDocument(parsing: try #require(try reader.next()).json).root
        let served = definition[path: ["spec", "versions"]]?.elements.first { $0["name"]?.string == version.rawValue }
        let spec = try #require(served?[path: ["schema", "openAPIV3Schema", "properties", "spec"]])
        #expect(Self.fields(of: .of(version)) == Self.fields(of: spec, at: "spec"))
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

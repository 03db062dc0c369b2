import Glibc
import JSON
import NIOCore
import TestSupport
import Testing
import YAML

@Suite("the API reference")
struct APIReferenceTests {
    private static let mark = "<!-- From here on made by `make reference` of manifests/crd. -->\n"
    private static let docs = FixtureFolder("../../../docs")

    /// With DBMMO_WRITE_REFERENCE set the page is written anew.
    @Test("says of every field what the custom resource definition says")
    func page() throws {
        let text = String(decoding: try Self.docs.bytes(of: "api.md"), as: UTF8.self)
        let parts = text.split(separator: Self.mark, maxSplits: 1, omittingEmptySubsequences: false)
        try #require(parts.count == 2)
        let reference = APIReference.text(of: try Self.definition())
        if getenv("DBMMO_WRITE_REFERENCE") != nil {
            try Self.docs.write("\(parts[0])\(Self.mark)\n\(reference)", to: "api.md")
        } else {
            #expect(parts[1] == "\n\(reference)", "make reference writes it anew")
        }
    }

    @Test("names each field of the definition, with a description")
    func completeness() throws {
        let definition = try Self.definition()
        let reference = APIReference.text(of: definition)
        var count = 0
        func check(_ schema: JSONValue, _ path: String) {
            for field in schema["properties"]?.members ?? [] where field.name != "metadata" {
                count += 1
                #expect(reference.contains("\n| `\(field.name)`"), "\(path).\(field.name)")
                #expect(field.value["description"]?.string?.isEmpty == false, "\(path).\(field.name)")
                check(field.value["items"] ?? field.value, "\(path).\(field.name)")
            }
        }
        for version in definition[path: ["spec", "versions"]]?.elements ?? [] {
            let properties = version[path: ["schema", "openAPIV3Schema", "properties"]]
            for part in ["spec", "status"] { if let schema = properties?[part] { check(schema, part) } }
        }
        #expect(count > 150)
    }

    private static func definition() throws -> JSONValue {
        let text = try FixtureFolder("../../../manifests/crd").bytes(of: "cache.my.domain_dbmmomysqls.yaml")
        return try JSONDocument(parsing: try #require(try YAMLDocuments(reading: ByteBuffer(bytes: text)).next()).json).root
    }
}

import DBMMOMySQLAPI
import JSON
import Testing

@Suite("Updates that leave the spec as it is spelt")
struct SameSpellingTests {
    private static func object(
        _ version: String = "v1alpha1", spec: String? = #"{"size":1}"#, kept: String? = nil, label: String = "a"
    ) throws -> JSONValue {
        let annotation = kept.map { #""\#(ServedVersion.conversionDataAnnotation)":"\#($0)""# } ?? ""
        let metadata = #"{"name":"db","labels":{"l":"\#(label)"},"annotations":{\#(annotation)}}"#
        let specMember = spec.map { #","spec":\#($0)"# } ?? ""
        return try JSONDocument(
            parsing: #"{"apiVersion":"cache.my.domain/\#(version)","kind":"DBMMOMySQL","metadata":\#(metadata)\#(specMember)}"#
        ).root
    }

    @Test("are known without reading either object; the rest of the metadata does not matter")
    func same() throws {
        #expect(try DBMMOMySQL.haveSameSpelling(of: Self.object(), Self.object(label: "b")))
        #expect(try DBMMOMySQL.haveSameSpelling(of: Self.object(kept: "x"), Self.object(kept: "x", label: "b")))
        #expect(try DBMMOMySQL.haveSameSpelling(of: Self.object(spec: nil), Self.object(spec: nil)))
    }

    @Test("are not assumed when the spec, what the annotation keeps of it, or the version differs")
    func different() throws {
        #expect(try !DBMMOMySQL.haveSameSpelling(of: Self.object(), Self.object(spec: #"{"size":0}"#)))
        #expect(try !DBMMOMySQL.haveSameSpelling(of: Self.object(), Self.object(spec: nil)))
        #expect(try !DBMMOMySQL.haveSameSpelling(of: Self.object(kept: "x"), Self.object(kept: "y")))
        #expect(try !DBMMOMySQL.haveSameSpelling(of: Self.object(kept: "x"), Self.object()))
        #expect(try !DBMMOMySQL.haveSameSpelling(of: Self.object("v1"), Self.object("v1alpha1")))
    }

    @Test("are not asked about of anything else")
    func foreign() throws {
        #expect(throws: ConversionError.self) { try DBMMOMySQL.haveSameSpelling(of: Self.object("v2"), Self.object("v2")) }
    }
}

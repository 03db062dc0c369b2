import JSON
import Testing

@Suite("Written JSON")
struct JSONWritingTests {
    @Test("has commas where they belong and escapes what must be escaped")
    func writer() throws {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("a")
        writer.beginArray()
        writer.integer(-1)
        writer.boolean(true)
        writer.null()
        writer.beginObject()
        writer.endObject()
        writer.endArray()
        writer.name("q\"\\\u{1}\n\u{7F}é")
        writer.string("😀\t\r\u{1f}")
        writer.name("v")
        writer.verbatim(try JSONDocument(parsing: "[ 1e3 ]").root)
        writer.endObject()
        #expect(writer.text == #"{"a":[-1,true,null,{}],"q\"\\\u0001\n\#u{7F}é":"😀\t\r\u001f","v":[ 1e3 ]}"#)
    }

    @Test("of a patched tree has what was added and replaced, and what stood there before only elsewhere")
    func patched() throws {
        let original = try JSONDocument(parsing: #"{"a":null,"b":{"c":1},"d":2}"#).root
        var patch = JSONPatch()
        patch.add(
            .object([.init(name: "a", value: .integer(7)), .init(name: "b", value: .object([.init(name: "e", value: .null)]))]),
            missingIn: original)
        patch.replace(JSONPointer(["d"]), with: .string("x"))
        var tree = JSONTree(expanding: .verbatim(original))
        tree.apply(patch)
        #expect(tree.text == #"{"a":7,"b":{"c":1,"e":null},"d":"x"}"#)
    }

    @Test("from a tree makes the objects on the way and never replaces what stands there")
    func tree() {
        var tree = JSONTree.emptyObject
        let inserted = [
            tree.insert(.integer(1), at: ["a", "b"]),
            tree.insert(.string("x"), at: ["a", "c", "d"]),
            tree.insert(.integer(2), at: ["a", "b"]),
            tree.insert(.integer(2), at: ["a", "b", "c"]),
            tree.insert(.integer(2), at: [String]())
        ]
        #expect(inserted == [true, true, false, false, false])
        #expect(tree.text == #"{"a":{"b":1,"c":{"d":"x"}}}"#)
    }
}

@Suite("A JSON Patch")
struct JSONPatchTests {
    private func patch(adding additions: [(path: [String], value: JSONTree)], to original: String) throws -> String {
        var tree = JSONTree.emptyObject
        for addition in additions { tree.insert(addition.value, at: addition.path) }
        var patch = JSONPatch()
        patch.add(tree, missingIn: try JSONDocument(parsing: original).root)
        var writer = JSONWriter()
        writer.patch(patch)
        return writer.text
    }

    @Test("adds the topmost missing parent with all that it gets, and only the member where the parent is there")
    func parents() throws {
        let additions: [(path: [String], value: JSONTree)] = [(["spec", "a", "b"], .integer(1)), (["spec", "a", "c"], .integer(2))]
        #expect(try patch(adding: additions, to: "{}") == #"[{"op":"add","path":"/spec","value":{"a":{"b":1,"c":2}}}]"#)
        #expect(try patch(adding: additions, to: #"{"spec":{"a":{"b":7}}}"#) == #"[{"op":"add","path":"/spec/a/c","value":2}]"#)
    }

    @Test("changes nothing that is there, whatever its type, and counts null as missing")
    func existing() throws {
        #expect(try patch(adding: [(["spec", "a"], .integer(1))], to: #"{"spec":"odd"}"#) == "[]")
        #expect(try patch(adding: [(["spec", "a"], .integer(1))], to: #"{"spec":{"a":false}}"#) == "[]")
        #expect(
            try patch(adding: [(["spec", "a"], .integer(1))], to: #"{"spec":{"a":null}}"#)
                == #"[{"op":"add","path":"/spec/a","value":1}]"#)
    }

    @Test("escapes names in its paths")
    func pointer() {
        #expect(JSONPointer(["metadata", "annotations", "a/b~c"]).description == "/metadata/annotations/a~1b~0c")
        #expect(JSONPointer().description == "")
    }
}

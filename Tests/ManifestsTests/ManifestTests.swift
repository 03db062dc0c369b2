import KubernetesAPI
import Manifests
import NIOCore
import Testing
import YAML

func file(_ text: String, _ name: String = "a.yaml") -> ManifestFile {
    ManifestFile(name: name, text: ByteBuffer(string: text))
}

@Suite("a manifest")
struct ManifestTests {
    private func names(_ text: String, _ name: String = "a.yaml") -> [String?] {
        Manifest(file(text, name)).objects.map(\.name)
    }

    @Test("holds objects of any number of documents, in YAML or JSON")
    func documents() {
        let object = { (name: String) in "apiVersion: v1\nkind: Thing\nmetadata: {name: \(name)}\n" }
        #expect(names("---\n# only a comment\n---\n" + object("a") + "---\n" + object("b") + "---\n") == ["a", "b"])
        #expect(names(#"{"apiVersion":"v1","kind":"Thing","metadata":{"name":"a\ud83d\ude00"}}"#) == ["a😀"])
        #expect(names("{apiVersion: v1, kind: Thing, metadata: {name: a}}") == ["a"])
        #expect(names("").isEmpty)
    }

    private static let object: @Sendable (String) -> String = { name in "apiVersion: v1\nkind: Thing\nmetadata: {name: \(name)}\n" }
    private static let inJSON: @Sendable (String) -> String = { name in
        #"{"apiVersion":"v1","kind":"Thing","metadata":{"name":"\#(name)"}}"#
    }

    @Test(
        "has the documents that kubectl finds in it, and tells where kubectl would pass over one",
        arguments: [
            ("stream.json", inJSON("a") + "\n" + inJSON("b"), ["a", "b"], nil),
            ("stream without spaces.json", inJSON("a") + inJSON(#"b{}\""#), ["a", #"b{}""#], nil),
            ("JSON and then text.json", inJSON("a") + " x", ["a"], "1: error: not a JSON value at byte"),
            ("byte order marks.yaml", "\u{FEFF}" + object("a") + "---\n\u{FEFF}" + object("b"), ["a", "b"], nil),
            ("a byte order mark.json", "\u{FEFF}" + inJSON("a") + inJSON("b"), ["a", "b"], nil),
            ("a separator with spaces.yaml", object("a") + "--- \t\r\n" + object("b"), ["a", "b"], nil),
            ("text behind a separator.yaml", object("a") + "--- # note\n" + object("b"), ["a"], "5: error: kubectl passes over"),
            (
                "an object behind a separator.yaml", object("a") + "--- {kind: X}\n---\n" + object("b"), ["a", "b"],
                "4: error: kubectl passes over"
            ),
            (
                "an end and no beginning.yaml", object("a") + "...\n" + object("b"), ["a"],
                "5: error: did not find expected <document start>"
            ),
            ("a comment behind the first separator.yaml", "--- # note\n" + object("a"), ["a"], nil),
            ("a directive.yaml", "%YAML 1.1\n---\n" + object("a"), ["a"], "2: error: did not find expected <document start>"),
            (
                "a key twice.yaml", object("a") + "---\n" + object("b") + "kind: X\n", ["a"],
                #"8: error: the key "kind" is already set in line 6"#
            )
        ] as [(String, String, [String], String?)])
    func texts(name: String, text: String, names: [String], fault: String?) {
        let manifest = Manifest(file(text, name))
        #expect(manifest.objects.map(\.name) == names)
        #expect(manifest.faults.count == (fault == nil ? 0 : 1))
        if let fault { #expect(manifest.faults.first?.description.hasPrefix("\(name):\(fault)") == true, "\(manifest.faults)") }
    }

    @Test("gives the objects of lists one by one")
    func lists() {
        let manifest = Manifest(
            file(
                """
                apiVersion: v1
                kind: List
                items:
                - apiVersion: cache.my.domain/v1
                  kind: DBMMOMySQLList
                  items:
                  - metadata: {name: a}
                    spec: {replicas: 1}
                  - apiVersion: cache.my.domain/v1alpha1
                    kind: DBMMOMySQL
                    metadata: {name: b}
                - apiVersion: v1
                  kind: Service
                  metadata: {name: c}
                """))
        #expect(manifest.objects.map(\.name) == ["a", "b", "c"])
        #expect(manifest.objects.map(\.kind) == ["DBMMOMySQL", "DBMMOMySQL", "Service"])
        #expect(manifest.objects.map(\.apiVersion) == ["cache.my.domain/v1", "cache.my.domain/v1alpha1", "v1"])
        #expect(manifest.objects.first?.position(of: FieldPath("spec", "replicas")).line == 8)
        #expect(manifest.objects.map(\.position.line) == [7, 9, 12])
    }

    @Test("tells the line of a field in JSON too")
    func linesOfJSON() throws {
        let object = try #require(
            Manifest(
                file(
                    """
                    {
                      "apiVersion": "v1", "kind": "Thing",
                      "spec": {
                        "list": [
                          "é", {"a": 1}
                        ]
                      }
                    }
                    """, "a.json")
            ).objects.first)
        let list = FieldPath("spec", "list")
        #expect(object.position == YAMLPosition(line: 1, column: 1))
        #expect(object.position(of: list.appending(index: 0)) == YAMLPosition(line: 5, column: 7))
        #expect(object.position(of: list.appending(index: 1).appending("a")) == YAMLPosition(line: 5, column: 18))
        #expect(object.position(of: list.appending(index: 7)) == YAMLPosition(line: 4, column: 13))
        #expect(object.position(of: FieldPath("metadata", "name")).line == 1)
    }

    @Test(
        "tells where it is no manifest",
        arguments: [
            ("a: [", "a.yaml", "a.yaml:2: error: while parsing a flow node: did not find expected node content"),
            ("- 1", "a.yaml", "a.yaml:1: error: not an object"),
            ("a: 1\n---\nb", "a.yaml", "a.yaml:1: error: an object without kind"),
            ("\nkind: X", "a.yaml", "a.yaml:2: error: an object without apiVersion"),
            ("kind: X\napiVersion: ''", "a.yaml", "a.yaml:1: error: an object without apiVersion"),
            ("apiVersion: v1\nkind: List\nitems:\n- 1", "a.yaml", "a.yaml:4: error: not an object"),
            ("a: 1\na: 2", "a.yaml", "a.yaml:2: error: the key \"a\" is already set in line 1"),
            ("{\n \"a\": x}", "a.json", "a.json:2: error: not a JSON value at byte 8"),
            ("{}\nx", "a.json", "a.json:1: error: an object without kind"),
            ("%YAML 1.1\n---\na: 1", "a.yaml", "a.yaml:2: error: did not find expected <document start>")
        ])
    func faults(text: String, name: String, expected: String) {
        #expect(Manifest(file(text, name)).faults.first?.description == expected)
    }
}

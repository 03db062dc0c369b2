import JSON
import NIOCore
import Subprocess
import SystemPackage
import TestSupport
import Testing
import YAML

@Suite("writing YAML")
struct YAMLWritingTests {
    private func yaml(_ json: String) throws -> String {
        var writer = YAMLWriter()
        writer.document(try JSONDocument(parsing: json).root)
        return String(buffer: writer.buffer)
    }

    @Test("objects are laid out as kubectl lays them out")
    func layout() throws {
        let json = #"""
            {"apiVersion":"v1","kind":"Thing","metadata":{"name":"x","labels":{},"finalizers":[]},
             "spec":{"list":[1,{"a":1,"b":[2,[3,4]]},[],{}],"text":"one\ntwo\n","number":1e3,"null":null,"yes":true}}
            """#
        #expect(
            try yaml(json) == """
                apiVersion: v1
                kind: Thing
                metadata:
                  name: x
                  labels: {}
                  finalizers: []
                spec:
                  list:
                  - 1
                  - a: 1
                    b:
                    - 2
                    - - 3
                      - 4
                  - []
                  - {}
                  text: |
                    one
                    two
                  number: 1e3
                  "null": null
                  "yes": true

                """)
    }

    @Test("several documents are parted by dashes")
    func documents() throws {
        var writer = YAMLWriter()
        for text in [#"{"a":1}"#, "[]", #""x""#] { writer.document(try JSONDocument(parsing: text).root) }
        #expect(String(buffer: writer.buffer) == "a: 1\n---\n[]\n---\nx\n")
    }

    @Test(
        "a string is quoted when it would read as something else, and only then",
        arguments: [
            ("x", "x"), ("", "\"\""), ("yes", "\"yes\""), ("y", "\"y\""), ("Yes", "\"Yes\""), ("yEs", "yEs"), ("null", "\"null\""),
            ("~", "\"~\""),
            ("12", "\"12\""), ("1e3", "\"1e3\""), ("0x1F", "\"0x1F\""), ("0o17", "\"0o17\""), ("1_000", "\"1_000\""), ("8.4", "\"8.4\""),
            ("8.4.1", "8.4.1"), ("20Gi", "20Gi"), ("500m", "500m"), (".inf", "\".inf\""), (".5_", "\".5_\""), ("0b_", "\"0b_\""),
            ("1:30", "\"1:30\""), ("-1_0:30.5", "\"-1_0:30.5\""),
            ("1.0e+999", "\"1.0e+999\""), ("0xFFFFFFFFFFFFFFFFFF", "\"0xFFFFFFFFFFFFFFFFFF\""),
            ("2001-01-01", "\"2001-01-01\""), ("2001-01-01T00:00:00Z", "\"2001-01-01T00:00:00Z\""), ("2001-01-x", "2001-01-x"),
            (#"2001-01-01 "at" \noon"#, #""2001-01-01 \"at\" \\noon""#),
            ("2f0f2c3a-0000-4000-8000-000000000001", "2f0f2c3a-0000-4000-8000-000000000001"), ("10.0.0.1", "10.0.0.1"), ("=", "\"=\""),
            ("<<", "\"<<\""), ("a: b", "'a: b'"), ("a:", "'a:'"), ("a:b", "a:b"), ("https://x.y:80/z?a=1#b", "https://x.y:80/z?a=1#b"),
            ("a #b", "'a #b'"), ("a#b", "a#b"), ("#a", "'#a'"), ("- a", "'- a'"), ("-", "'-'"), ("-a", "-a"), ("? a", "'? a'"),
            ("?a", "?a"),
            ("*a", "'*a'"), ("&a", "'&a'"), ("!a", "'!a'"), ("{a", "'{a'"), ("a{b}", "a{b}"), ("it's", "it's"), ("'a'", "'''a'''"),
            ("%a", "'%a'"),
            (" a", "' a'"), ("a ", "'a '"), ("a b", "a b"), ("---", "'---'"), ("...", "'...'"), ("é😀", "é😀"), ("a\tb", #""a\tb""#),
            ("a\u{0}b", #""a\x00b""#), ("a\u{85}", #""a\x85""#), ("\u{2028}", #""\u2028""#), ("\u{FEFF}", #""\uFEFF""#),
            ("a\u{202E}b", #""a\u202Eb""#), ("a\\b", "a\\b")
        ])
    func quotes(string: String, expected: String) throws {
        #expect(try yaml(JSONTree.string(string).text) == expected + "\n")
    }

    @Test(
        "lines become a literal block where they can be seen in one",
        arguments: [
            ("a\nb", "|-\n  a\n  b"), ("a\nb\n", "|\n  a\n  b"), ("a\n\n\n", "|+\n  a\n\n"), ("a\n  b\n", "|\n  a\n    b"),
            (" a\nb", "|2-\n   a\n  b"),
            ("\na", "|2-\n\n  a"), ("a \nb", #""a \nb""#), ("a\n ", #""a\n ""#), ("\n", #""\n""#), ("a\n\tb", #""a\n\tb""#),
            ("a\r\nb", #""a\r\nb""#)
        ])
    func blocks(string: String, expected: String) throws {
        #expect(try yaml(JSONTree.string(string).text) == expected + "\n")
    }

    @Test("a long key stands behind a question mark")
    func longKey() throws {
        let key = String(repeating: "k", count: 2000)
        for value in ["1", #"{"a":1}"#, "[1]"] {
            let json = #"{"\#(key)":\#(value)}"#
            let text = try yaml(json)
            #expect(text.hasPrefix("? kkk"))
            #expect(try YAMLTests.json(text) == json)
        }
    }

    @Test("what is written reads as what it was, here and in PyYAML")
    func roundTrip() async throws {
        let seed = UInt64.random(in: .min ... .max)
        print("writing of generated values: seed \(seed)")
        var generator = ValueGenerator(seed: seed)
        var writer = YAMLWriter()
        var values: [JSONValue] = []
        for number in 0..<2000 {
            let value = try JSONDocument(parsing: generator.value()).root
            values.append(value)
            let text = try yaml(value.spelling)
            let read = try YAMLTests.documents(text)
            try #require(read.count == 1, "seed \(seed), \(number): \(value.spelling)\n\(text)")
            let back = try JSONDocument(parsing: read[0].json).root
            #expect(back.reads(as: value), "seed \(seed), \(number): \(value.spelling)\n\(text)")
            writer.document(value)
        }
        let script = "import json, sys, yaml; print(json.dumps(list(yaml.load_all(sys.stdin.buffer, Loader=yaml.CSafeLoader))))"
        let result = try await run(
            .name("python3"), arguments: ["-c", script],
            input: .fileDescriptor(try InputFile.holding(String(buffer: writer.buffer)), closeAfterSpawningProcess: true),
            output: .string(limit: 64 << 20), error: .string(limit: 1 << 20))
        try #require(result.terminationStatus.isSuccess, "seed \(seed): \(result.standardError)")
        let theirs = try JSONDocument(parsing: result.standardOutput).root.elements
        #expect(theirs.count == values.count)
        for (number, (value, other)) in zip(values, theirs).enumerated() {
            #expect(other.reads(as: value), "seed \(seed), \(number): \(value.spelling)")
        }
    }
}

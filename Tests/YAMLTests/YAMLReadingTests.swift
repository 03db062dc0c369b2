import JSON
import NIOCore
import Testing
import YAML

@Suite("reading YAML")
struct YAMLReadingTests {
    @Test("members keep their order, and numbers their digits")
    func order() throws {
        #expect(try json("b: 18446744073709551615\na: -9223372036854775808\n") == #"{"b":18446744073709551615,"a":-9223372036854775808}"#)
    }

    @Test(
        "floating point numbers are spelt as Go spells them",
        arguments: [
            ("1e3", "1000"), ("1.50", "1.5"), ("1e20", "100000000000000000000"), ("1e21", "1e+21"), ("1.25e22", "1.25e+22"),
            ("0.000001", "0.000001"), ("0.0000001", "1e-7"), ("1.5e-10", "1.5e-10"), ("-0.0", "-0"), ("-2.5e-7", "-2.5e-7"),
            ("18446744073709551616", "18446744073709552000"), ("5e-324", "5e-324"), ("1.7976931348623157e308", "1.7976931348623157e+308")
        ])
    func floats(yaml: String, expected: String) throws {
        #expect(try json(yaml) == expected)
    }

    @Test("a text without content has no documents, one of dashes has empty ones")
    func empty() throws {
        #expect(try documents("").isEmpty)
        #expect(try documents("# nothing\n").isEmpty)
        #expect(try documents("---\n---\n").map { String(buffer: $0.json) } == ["null", "null"])
    }

    @Test("documents before a fault are read, none after it")
    func partly() throws {
        let reader = try YAMLDocuments(reading: ByteBuffer(string: "a: 1\n---\nb: [\n---\nc: 3\n"))
        #expect(try reader.next().map { String(buffer: $0.json) } == #"{"a":1}"#)
        #expect(throws: YAMLError.self) { try reader.next() }
        #expect(try reader.next() == nil)
    }

    // MARK: Places

    private static let manifest = """
        # a comment
        kind: Thing
        metadata: {name: x,
          labels: {a: b}}
        spec:
          base: &base
            size: 1
          list:
            - name: first
              value: 1
            -
              name: second
          copy:
            <<: *base
            extra: |
              text
        """

    @Test(
        "the place of a value is that of its key, or of itself in a list",
        arguments: [
            ("kind", 2, 1), ("metadata", 3, 1), ("metadata/name", 3, 12), ("metadata/labels/a", 4, 12), ("spec/list", 8, 3),
            ("spec/list/0", 9, 7), ("spec/list/0/value", 10, 7), ("spec/list/1/name", 12, 7), ("spec/copy/extra", 15, 5),
            // What an alias brings stands where its anchor is.
            ("spec/copy/size", 7, 5),
            // What is missing is shown at what is there of the way to it.
            ("spec/list/2", 8, 3), ("spec/list/0/colour/hue", 9, 7), ("spec/base/size/x", 7, 5), ("status/phase", 2, 1), ("", 2, 1)
        ])
    func places(path: String, line: Int, column: Int) throws {
        let document = try #require(try documents(Self.manifest).first)
        let position = document.position(of: JSONPointer(path.split(separator: "/").map(String.init)))
        #expect(position == YAMLPosition(line: line, column: column))
    }

    @Test("lines are counted from the start of the stream, in every encoding")
    func laterDocuments() throws {
        let text = "é: 1\r\n---\r\nb:\r\n  😀c: 2\r\n"
        var utf16 = ByteBuffer(bytes: [0xFF, 0xFE])
        for unit in text.utf16 { utf16.writeInteger(unit, endianness: .little) }
        for buffer in [ByteBuffer(string: text), utf16] {
            let document = try #require(try documents(buffer).last)
            #expect(document.position == YAMLPosition(line: 3, column: 1))
            #expect(document.position(of: JSONPointer(["b", "😀c"])) == YAMLPosition(line: 4, column: 3))
        }
    }

    // MARK: Faults

    @Test(
        "what cannot be read is told with its place and reason",
        arguments: [
            ("a: 1\nb: 2\na: 3\n", 3, 1, #"the key "a" is already set in line 1"#),
            ("1: x\n\"1\": y\n", 2, 1, #"the key "1" is already set in line 1"#),
            ("a: {b: 1, c: 2, b: 3}", 1, 17, #"the key "b" is already set in line 1"#),
            ("a: .inf", 1, 4, "JSON has neither infinity nor NaN; quote the value if it is meant as a string"),
            ("- 1\n- -.INF", 2, 3, "JSON has neither infinity nor NaN; quote the value if it is meant as a string"),
            ("~: x", 1, 1, "the key is neither a string nor a plain number or boolean"),
            ("[a]: x", 1, 1, "the key is neither a string nor a plain number or boolean"),
            ("? {a: b}\n: x", 1, 3, "the key is neither a string nor a plain number or boolean"),
            ("9223372036854775808: x", 1, 1, "the key is neither a string nor a plain number or boolean"),
            ("a: *b", 1, 4, "there is no anchor 'b' before this alias"),
            ("a: &b 1\n---\na: *b", 3, 4, "there is no anchor 'b' before this alias"),
            ("a: &b [1, *b]", 1, 11, "the value of anchor 'b' contains itself"),
            ("<<: 1", 1, 5, "<< needs a mapping or a list of mappings as its value"),
            ("<<: [{a: 1}, b]", 1, 5, "<< needs a mapping or a list of mappings as its value"),
            ("a: !!int 1.5", 1, 4, "the value is no !!int"),
            ("a: !!bool maybe", 1, 4, "the value is no !!bool"),
            ("a: !!float x", 1, 4, "the value is no !!float"),
            ("a: !!null x", 1, 4, "the value is no !!null"),
            ("a: !!binary '???'", 1, 4, "the !!binary value is not text in base 64"),
            ("a: !!binary /w==", 1, 4, "the !!binary value is not text in base 64"),
            ("a: [1, 2\nb: 3", 2, 2, "while parsing a flow sequence: did not find expected ',' or ']'"),
            ("a: 1\n  b: 2", 2, 4, "mapping values are not allowed in this context"),
            ("a:\n\t- b", 2, 1, "while scanning for the next token: found character that cannot start any token"),
            ("a: \"x", 1, 6, "while scanning a quoted scalar: found unexpected end of stream"),
            ("é: 1\nü\u{1}", 2, 2, "control characters are not allowed"),
            ("%YAML 2.0\n---\na", 1, 1, "found incompatible YAML document")
        ])
    func faults(yaml: String, line: Int, column: Int, message: String) {
        let error = fault(yaml)
        #expect(error?.message == message)
        #expect(error?.position == YAMLPosition(line: line, column: column))
        #expect(error.map { "\($0)" } == "line \(line), column \(column): \(message)")
    }

    @Test("bytes that are no text are refused where they stand")
    func invalidEncoding() {
        #expect(throws: YAMLError(.syntax("invalid leading UTF-8 octet"), at: YAMLPosition(line: 2, column: 4))) {
            try documents(ByteBuffer(bytes: Array("a: 1\nb: ".utf8) + [0xFF, 0x0A]))
        }
    }

    // MARK: Limits

    @Test("nesting is limited, by itself and through aliases")
    func depth() {
        var limits = YAMLLimits()
        limits.depth = 4
        #expect(fault("[[[[1]]]]", limits: limits) == nil)
        #expect(fault("[[[[[1]]]]]", limits: limits)?.reason == .tooDeep(limit: 4))
        #expect(fault("- &a [[1]]\n- [*a]", limits: limits) == nil)
        #expect(fault("- &a [[1]]\n- [[*a]]", limits: limits)?.reason == .tooDeep(limit: 4))
        #expect(fault(String(repeating: "[", count: 1_000_000))?.reason == .tooDeep(limit: 512))
        #expect(fault(String(repeating: "{a: ", count: 100_000))?.reason == .tooDeep(limit: 512))
        #expect(fault((0..<2000).map { String(repeating: " ", count: $0) + "a:\n" }.joined())?.reason == .tooDeep(limit: 512))
    }

    @Test("an alias bomb is refused before it is lit")
    func aliasBomb() {
        let levels = (1...30).map { "a\($0): &a\($0) [\(Array(repeating: "*a\($0 - 1)", count: 9).joined(separator: ", "))]" }
        #expect(fault("a0: &a0 lol\n" + levels.joined(separator: "\n"))?.reason == .aliasesTooLarge(limit: 8 << 20))
        let merges = (1...30).map { level in
            "a\(level): &a\(level)\n  <<: *a\(level - 1)\n  l\(level): *a\(level - 1)\n  r\(level): *a\(level - 1)\n"
        }
        #expect(fault("a0: &a0 {x: lol}\n" + merges.joined())?.reason == .aliasesTooLarge(limit: 8 << 20))
    }

    @Test("a text beyond the limit is not read")
    func size() {
        var limits = YAMLLimits()
        limits.size = 4
        #expect(fault("a: 1", limits: limits) == nil)
        #expect(fault("a: 12", limits: limits)?.reason == .tooLarge(limit: 4))
    }

    @Test("a text that is cut or changed at any byte is read or refused, and never ends the process")
    func mutations() throws {
        let bytes = Array(Self.manifest.utf8)
        for end in bytes.indices { _ = try? documents(ByteBuffer(bytes: bytes[..<end])) }
        for place in bytes.indices {
            for byte in Array("\0\t\n:-[]{}&*!|>'\"%@`?,#<~".utf8) + [0x80, 0xFF] {
                var changed = bytes
                changed[place] = byte
                guard let read = try? documents(ByteBuffer(bytes: changed)) else { continue }
                for document in read { _ = try JSONDocument(parsing: document.json) }
            }
        }
    }
}

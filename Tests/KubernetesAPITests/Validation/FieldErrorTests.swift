import JSON
import KubernetesAPI
import Testing

@Suite("A field path")
struct FieldPathTests {
    @Test("is spelt as Kubernetes spells it")
    func spelling() {
        let rules = FieldPath("spec", "azure").appending("firewallRules")
        #expect(rules.appending(index: 2).appending("endIP").description == "spec.azure.firewallRules[2].endIP")
        let annotations = FieldPath("metadata", "annotations")
        #expect(annotations.appending(key: "cache.my.domain/x").description == "metadata.annotations[cache.my.domain/x]")
        #expect(FieldPath().description == "")
        #expect(FieldPath().appending(index: 0).appending(index: 1).description == "[0][1]")
    }

    @Test("is a value of its own")
    func value() {
        let spec = FieldPath("spec")
        #expect(spec.appending("size") == FieldPath("spec", "size"))
        #expect(spec.description == "spec")
        #expect(FieldPath("a").appending(key: "b") != FieldPath("a").appending("b"))
    }
}

@Suite("A field error")
struct FieldErrorTests {
    static let field = FieldPath("spec", "x")

    @Test(
        "is worded as Kubernetes words it",
        arguments: [
            (FieldError.required(field, "the tenant"), "Required value: the tenant", "FieldValueRequired"),
            (.required(field, ""), "Required value", "FieldValueRequired"),
            (.invalid(field, value: FieldError.quoted("x"), "no"), #"Invalid value: "x": no"#, "FieldValueInvalid"),
            (.invalid(field, value: "7", "no"), "Invalid value: 7: no", "FieldValueInvalid"),
            (.typeInvalid(field, value: "7", "must be a string"), "Invalid value: 7: must be a string", "FieldValueTypeInvalid"),
            (
                .notSupported(field, value: FieldError.quoted("x"), supported: ["b", "a"]),
                #"Unsupported value: "x": supported values: "b", "a""#, "FieldValueNotSupported"
            ),
            (
                .notSupported(field, value: FieldError.quoted("x"), supported: ["a"], detail: #"did you mean "a"?"#),
                #"Unsupported value: "x": supported values: "a"; did you mean "a"?"#, "FieldValueNotSupported"
            ),
            (
                .notSupported(field, value: "7", supported: [], detail: "supported values: 0 (off), 1 (on)"),
                "Unsupported value: 7: supported values: 0 (off), 1 (on)", "FieldValueNotSupported"
            ),
            (.forbidden(field, "cannot shrink"), "Forbidden: cannot shrink", "FieldValueForbidden"),
            (.duplicate(field, value: FieldError.quoted("x")), #"Duplicate value: "x""#, "FieldValueDuplicate"),
            (.tooLong(field, maximumLength: 52), "Too long: may not be longer than 52", "FieldValueTooLong"),
            (.tooMany(field, count: 3, maximumCount: 2), "Too many: 3: must have at most 2 items", "FieldValueTooMany"),
            (.tooMany(field, count: 2, maximumCount: 1), "Too many: 2: must have at most 1 item", "FieldValueTooMany")
        ])
    func wording(error: FieldError, message: String, reason: String) {
        #expect(error.message == message)
        #expect(error.description == "spec.x: \(message)")
        #expect(error.type.reason == reason)
    }

    @Test("of the whole object shows no path")
    func wholeObject() {
        #expect(FieldError.required(FieldPath(), "an object").description == "Required value: an object")
    }

    @Test(
        "shows strings in quotes, with what could disturb a terminal escaped",
        arguments: [
            ("", #""""#), ("<req>", #""<req>""#), (#"a"b\c"#, #""a\"b\\c""#), ("a\nb\tc\r", #""a\nb\tc\r""#),
            ("\u{7}\u{8}\u{b}\u{c}", #""\a\b\v\f""#),
            ("\u{1b}[2J\u{0}\u{7f}", #""\x1b[2J\x00\x7f""#), ("\u{9b}\u{202e}\u{200b}", #""\u009b\u202e\u200b""#),
            ("\u{a0}\u{2028}", #""\u00a0\u2028""#),
            ("é 日本 😀", #""é 日本 😀""#), ("\u{e0041}\u{f0000}", #""\U000e0041\U000f0000""#)
        ])
    func quoting(string: String, expected: String) {
        #expect(FieldError.quoted(string) == expected)
    }

    @Test("cuts long values")
    func cut() throws {
        let longest = String(repeating: "é", count: 256)
        #expect(FieldError.quoted(longest) == "\"\(longest)\"")
        #expect(FieldError.quoted(longest + "é") == "\"\(longest)…\"")
        let oneCharacter = "e" + String(repeating: "\u{301}", count: 100_000)
        #expect(FieldError.quoted(oneCharacter).unicodeScalars.count == 259)
        let zeros = String(repeating: "0", count: 255)
        #expect(try FieldError.rendered(JSONDocument(parsing: "1" + zeros).root) == "1" + zeros)
        #expect(try FieldError.rendered(JSONDocument(parsing: "1" + zeros + "0").root) == "1" + zeros + "…")
        let wide = #"[""# + String(repeating: "😀", count: 1000) + #""]"#
        #expect(try FieldError.rendered(JSONDocument(parsing: wide).root) == #"[""# + String(repeating: "😀", count: 254) + "…")
    }

    @Test(
        "shows JSON values as they are spelt",
        arguments: [
            ("7", "7"), ("1e3", "1e3"), ("true", "true"), ("null", "null"), (#""a\u0062""#, #""ab""#), (#"{"a": ["b"]}"#, #"{"a": ["b"]}"#),
            ("[\n1]", #"[\n1]"#)
        ])
    func rendering(json: String, expected: String) throws {
        #expect(try FieldError.rendered(JSONDocument(parsing: json).root) == expected)
    }
}

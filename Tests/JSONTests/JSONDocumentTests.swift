import JSON
import NIOCore
import TestSupport
import Testing

@Suite("A JSON document")
struct JSONDocumentTests {
    @Test(
        "gives every value back as it is spelt",
        arguments: [
            "null", "true", "false", "0", "-0", "1e3", "1E+3", "0.10", "12345678901234567890123456789", "1e400", "100000000000000000000",
            #""""#, #""a\u0062\/\ud83d\ude00""#, #""\ud800""#, "[]", "{}", #"{"a":[1,2,{"b":null}]}"#, " [ 1 , 2 ] "
        ])
    func spelling(text: String) throws {
        let document = try JSONDocument(parsing: text)
        #expect(document.root.spelling == text.trimmed)
        #expect(String(buffer: document.root.text) == text.trimmed)
    }

    @Test(
        "is refused with the byte offset of what does not fit",
        arguments: [
            ("", JSONParseError.Reason.empty, 0),
            ("   ", .empty, 3),
            ("{", .unexpectedEnd, 1),
            (#"{"a""#, .unexpectedEnd, 4),
            (#"{"a":1"#, .unexpectedEnd, 6),
            (#"{"a":1,}"#, .unexpectedCharacter, 7),
            (#"{"a" 1}"#, .unexpectedCharacter, 5),
            (#"{a:1}"#, .unexpectedCharacter, 1),
            ("[1,]", .unexpectedCharacter, 3),
            ("[1 2]", .unexpectedCharacter, 3),
            ("[1}", .unexpectedCharacter, 2),
            (#"["a"b]"#, .unexpectedCharacter, 4),
            ("tru", .invalidLiteral, 0),
            ("[nul]", .invalidLiteral, 1),
            ("[truex]", .invalidLiteral, 1),
            ("\u{FEFF}1", .invalidLiteral, 0),
            ("01", .invalidNumber, 0),
            ("[-]", .invalidNumber, 1),
            ("[1.]", .invalidNumber, 1),
            ("[.5]", .invalidLiteral, 1),
            ("[1e]", .invalidNumber, 1),
            ("[+1]", .invalidLiteral, 1),
            ("[1a]", .invalidNumber, 1),
            (#"["abc]"#, .unterminatedString, 1),
            (#"["a\"]"#, .unterminatedString, 1),
            ("[\"a\nb\"]", .controlCharacterInString, 3),
            (#"["\x"]"#, .invalidEscape, 2),
            (#"["a\u12g4"]"#, .invalidEscape, 3),
            ("1 2", .trailingContent, 2),
            ("{}]", .trailingContent, 2)
        ])
    func refusal(text: String, reason: JSONParseError.Reason, offset: Int) {
        #expect(throws: JSONParseError(reason: reason, byteOffset: offset)) {
            try JSONDocument(parsing: text)
        }
    }

    @Test(
        "is refused at the first byte that is not UTF-8",
        arguments: [
            ([0x80], 0), ([0xC0, 0xAF], 0), ([0x61, 0xED, 0xA0, 0x80], 1), ([0xF4, 0x90, 0x80, 0x80], 0), ([0xE2, 0x82], 0), ([0xFF], 0)
        ] as [([UInt8], Int)])
    func invalidUTF8(bytes: [UInt8], offset: Int) {
        let text = ByteBuffer(bytes: [UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")])
        #expect(throws: JSONParseError(reason: .invalidUTF8, byteOffset: offset + 1)) {
            try JSONDocument(parsing: text)
        }
    }

    @Test("is nested at most as deep as allowed")
    func depth() throws {
        let allowed = String(repeating: "[", count: 512) + String(repeating: "]", count: 512)
        #expect(try JSONDocument(parsing: allowed).root.kind == .array)
        #expect(throws: JSONParseError(reason: .tooDeep(limit: 512), byteOffset: 512)) {
            try JSONDocument(parsing: "[" + allowed + "]")
        }
        #expect(throws: JSONParseError(reason: .tooDeep(limit: 2), byteOffset: 10)) {
            try JSONDocument(parsing: #"{"a":{"b":[]}}"#, maximumDepth: 2)
        }
    }

    @Test("cut at any byte is refused or is a whole value, and never ends the process")
    func truncation() throws {
        let text = #"{"a":[1,-2.5e10,true,null],"b\n":{"c":"x\u00e9y é 😀"},"d":""}"#
        let whole = ByteBuffer(string: text)
        for length in 0..<whole.readableBytes {
            let cut = try #require(whole.getSlice(at: 0, length: length))
            #expect(throws: JSONParseError.self) { try JSONDocument(parsing: cut) }
        }
        #expect(try JSONDocument(parsing: whole).root["d"]?.string == "")
    }

    @Test("survives any mutation of a byte, and what it accepts can be read whole")
    func mutation() throws {
        let text = Array(#"{"a":[1,-2.5e10,true,null],"b\n":{"c":"x\u00e9y é 😀"},"d":""}"#.utf8)
        for position in text.indices {
            for byte in UInt8.min...UInt8.max {
                var mutated = text
                mutated[position] = byte
                guard let document = try? JSONDocument(parsing: ByteBuffer(bytes: mutated)) else { continue }
                #expect(try JSONDocument(parsing: document.root.canonicalText).root.isEquivalent(to: document.root))
            }
        }
    }

    /// The first stage takes 64 KiB at a time.
    static let window = 64 * 1024

    @Test(
        "longer than what is looked at in one go is read the same",
        arguments: [
            #"{"name":"x","value":1e3}"#, #"{ "name" : "x" , "value" : 1e3 }"#, #"{"escaped":"{\"a\":1,\"b\":[2,3]},\"c\"","value":1e3}"#,
            "{\n  \"name\": \"x,y\",\n  \"value\": 1e3\n}", #"{"value":1e3}"#, #"{"😀,":"é,\"é","value":1e3}"#
        ])
    func long(element: String) throws {
        let count = 5 * Self.window / element.utf8.count
        let text = "[" + repeatElement(element, count: count).joined(separator: ",") + "]"
        let document = try JSONDocument(parsing: text)
        let elements = document.root.elements
        #expect(elements.count == count)
        #expect(elements.allSatisfy { $0.spelling == element && $0["value"]?.spelling == "1e3" })
        #expect(throws: JSONParseError(reason: .unexpectedEnd, byteOffset: text.utf8.count - 1)) {
            try JSONDocument(parsing: String(text.dropLast()))
        }
    }

    @Test("is read the same wherever the end of what is looked at in one go falls", arguments: 0..<40)
    func everyPlace(shift: Int) throws {
        let element = #"{"a,\"":[-1.5e3,true,"\\","é"]}"#
        let padding = String(repeating: " ", count: Self.window - shift)
        let text = "[\(padding)\(element),\(element)]"
        #expect(try JSONDocument(parsing: text).root.elements.map(\.spelling) == [element, element])
        let broken = "[\(padding)\(element),{\"a\":tru}]"
        #expect(throws: JSONParseError(reason: .invalidLiteral, byteOffset: broken.utf8.count - 5)) { try JSONDocument(parsing: broken) }
    }

    @Test("may hold strings and numbers longer than what is looked at in one go, and may be nothing but them")
    func longScalars() throws {
        let string = "\"" + String(repeating: #"x,\","#, count: Self.window) + "\""
        let digits = String(repeating: "7", count: 3 * Self.window)
        for scalar in [string, digits] {
            #expect(try JSONDocument(parsing: scalar).root.spelling == scalar)
            #expect(try JSONDocument(parsing: "[\(scalar),1,\(scalar)]").root.elements.map(\.spelling) == [scalar, "1", scalar])
        }
        let numbers = "[" + repeatElement("12", count: Self.window).joined(separator: ",") + "]"
        #expect(try JSONDocument(parsing: numbers).root.elements.count == Self.window)
    }

    @Test("is refused with the byte offset also far behind its beginning")
    func lateFaults() throws {
        let start = "[" + repeatElement(#""a,b""#, count: Self.window).joined(separator: ",") + ","
        let offset = start.utf8.count
        for (end, reason, place) in [
            (#""x"#, JSONParseError.Reason.unterminatedString, 0), ("\"a\u{1}\"]", .controlCharacterInString, 2),
            (#""\x"]"#, .invalidEscape, 1),
            ("]", .unexpectedCharacter, 0), ("1] 2", .trailingContent, 3)
        ] {
            #expect(throws: JSONParseError(reason: reason, byteOffset: offset + place)) { try JSONDocument(parsing: start + end) }
        }
        let notUTF8 = ByteBuffer(bytes: Array(start.utf8) + [0x22, 0xFF, 0x22, 0x5D])
        #expect(throws: JSONParseError(reason: .invalidUTF8, byteOffset: offset + 1)) { try JSONDocument(parsing: notUTF8) }
    }
}

@Suite("An outline of a JSON document")
struct JSONOutlineTests {
    @Test("tells the values down to its depth, and the rest when it is asked for it")
    func expanding() throws {
        let outline = try JSONDocument(outlining: ByteBuffer(string: #"{"a":[{"b":[1]},2,[]],"c":"}"}"#), depth: 2).root
        let elements = outline["a"]?.elements ?? []
        #expect(elements.map(\.spelling) == [#"{"b":[1]}"#, "2", "[]"])
        #expect(elements.map(\.kind) == [.object, .number, .array])
        #expect(elements.first?["b"] == nil)
        #expect(try elements.first?.expanded()["b"]?.spelling == "[1]")
        #expect(try elements.map { try $0.expanded().spelling } == [#"{"b":[1]}"#, "2", "[]"])
        #expect(outline["c"]?.string == "}")
    }

    @Test("passes over what is longer than the first stage looks at in one go")
    func long() throws {
        let numbers = repeatElement("12", count: 64 * 1024).joined(separator: ",")
        let first = "[[[\(numbers)],{\"a\":[\(numbers)]}],7]"
        let outline = try JSONDocument(outlining: ByteBuffer(string: "[\(first),{}]"), depth: 1).root
        #expect(outline.elements.map { $0.spelling == first } == [true, false])
        #expect(try outline.elements.first?.expanded().elements.last?.integer == 7)
    }

    @Test("finds faults in what was passed over when that is asked for, with the offset in the whole text")
    func lateFault() throws {
        let outline = try JSONDocument(outlining: ByteBuffer(string: #"[[1,{"a":tru}],[[[]]]]"#), depth: 1).root
        #expect(throws: JSONParseError(reason: .invalidLiteral, byteOffset: 9)) { try outline.elements.first?.expanded() }
        #expect(throws: JSONParseError(reason: .tooDeep(limit: 2), byteOffset: 17)) { try outline.elements.last?.expanded(maximumDepth: 2) }
    }

    @Test("is refused at once when the brackets are not balanced", arguments: ["[[1,[2]", "[[1]]]", "{\"a\":[1}"])
    func balance(text: String) {
        #expect(throws: JSONParseError.self) { try JSONDocument(outlining: ByteBuffer(string: text), depth: 1) }
    }

    @Test("lists what it passed over, but for a part")
    func passedOver() throws {
        let outline = try JSONDocument(outlining: ByteBuffer(string: #"{"x":{"y":1},"list":[{},{"a":1}],"z":[[2]]}"#), depth: 2).root
        let list = try #require(outline["list"])
        #expect(outline.outlined(outside: list).map(\.spelling) == ["[2]"])
    }
}

@Suite("A JSON value")
struct JSONValueTests {
    let root: JSONValue

    init() throws {
        root = try JSONDocument(
            parsing: #"""
                {"text":"a\n\"\\\/\u0041\uD83D\uDE00","half":"\ud83dx","int":-7,"big":9223372036854775808,"float":1e3,"yes":true,"no":null,
                 "list":[1,[2],{"x":3}],"empty":{},"twice":1,"twice":2,"\u006eame":"n"}
                """#
        ).root
    }

    @Test("reads strings with their escapes resolved")
    func strings() {
        #expect(root["text"]?.string == "a\n\"\\/A😀")
        #expect(root["half"]?.string == "\u{FFFD}x")
        #expect(root["int"]?.string == nil)
    }

    @Test("reads integers that fit 64 bits, and nothing else as one")
    func integers() {
        #expect(root["int"]?.integer == -7)
        #expect(root["big"]?.integer == nil)
        #expect(root["float"]?.integer == nil)
        #expect(root["text"]?.integer == nil)
    }

    @Test("finds members by name, spelt with escapes or not, the last of two")
    func members() {
        #expect(root["name"]?.string == "n")
        #expect(root["twice"]?.integer == 2)
        #expect(root.members.filter { $0.name == "twice" }.map(\.value.integer) == [2])
        #expect(root["absent"] == nil)
        #expect(root["list"]?["x"] == nil)
        #expect(root[path: ["list"]]?.elements.count == 3)
    }

    @Test("tells names apart that look the same")
    func similarNames() throws {
        // Escapes, so that the names are compared as strings.
        let similar = try JSONDocument(parsing: #"{"\u00e9":1,"e\u0301":2}"#).root
        #expect(similar.members.count == 2)
        #expect(similar["\u{E9}"]?.integer == 1)
    }

    @Test("walks arrays over nested values")
    func elements() {
        #expect(root["list"]?.elements.map(\.spelling) == ["1", "[2]", #"{"x":3}"#])
        #expect(root["empty"]?.isEmptyContainer == true)
        #expect(root["list"]?.isEmptyContainer == false)
        #expect(root["yes"]?.boolean == true)
        #expect(root["no"]?.isNull == true)
    }

    @Test(
        "means the same in any order of members and any spelling of strings, but not of numbers",
        arguments: [
            (#"{"a":1,"b":"x"}"#, #"{ "b":"\u0078", "a":1 }"#, true),
            (#"{"a":1}"#, #"{"a":1.0}"#, false),
            (#"{"a":1}"#, #"{"a":1,"b":null}"#, false),
            (#"{"a":1,"a":2}"#, #"{"a":2}"#, true),
            ("[1,2]", "[2,1]", false),
            ("[]", "{}", false)
        ])
    func equivalence(left: String, right: String, same: Bool) throws {
        #expect(try JSONDocument(parsing: left).root.isEquivalent(to: JSONDocument(parsing: right).root) == same)
    }
}

extension String {
    fileprivate var trimmed: String {
        String(drop(while: { $0 == " " }).reversed().drop(while: { $0 == " " }).reversed())
    }
}

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

    @Test("larger than what is kept between documents is read the same")
    func large() throws {
        let element = #"{"name":"x","value":1e3}"#
        let text = "[" + Array(repeating: element, count: 40_000).joined(separator: ",") + "]"
        let document = try JSONDocument(parsing: text)
        #expect(document.root.elements.count == 40_000)
        #expect(document.root.elements.last?["value"]?.spelling == "1e3")
        #expect(throws: JSONParseError(reason: .unexpectedEnd, byteOffset: text.utf8.count - 1)) {
            try JSONDocument(parsing: String(text.dropLast()))
        }
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

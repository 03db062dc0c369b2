import CSimdJSON
public import NIOCore

/// A value in a ``JSONDocument``: a place in its text, read on demand.
public struct JSONValue: Sendable {
    public enum Kind: Sendable, Equatable {
        case null, boolean, number, string, array, object
    }

    let document: JSONDocument
    let index: Int

    private var node: csimdjson_node { document.node(index) }

    public var kind: Kind {
        switch Int(node.kind) {
        case CSIMDJSON_OBJECT: .object
        case CSIMDJSON_ARRAY: .array
        case CSIMDJSON_STRING: .string
        case CSIMDJSON_NUMBER: .number
        case CSIMDJSON_TRUE, CSIMDJSON_FALSE: .boolean
        default: .null
        }
    }

    public var isNull: Bool { Int(node.kind) == CSIMDJSON_NULL }

    /// An object without members or an array without elements.
    public var isEmptyContainer: Bool {
        let node = node
        return (Int(node.kind) == CSIMDJSON_OBJECT || Int(node.kind) == CSIMDJSON_ARRAY) && Int(node.next) == index + 1
    }

    /// Whether this is a container that ``JSONDocument/init(outlining:depth:)`` passed over.
    private var isOutlined: Bool { Int32(node.flags) & CSIMDJSON_FLAG_OUTLINED != 0 }

    /// The containers within this value that were passed over, but for those in a part of it, in the order of the text.
    public func outlined(outside part: JSONValue) -> some Sequence<JSONValue> {
        (index..<Int(node.next)).lazy.filter { !(part.index..<Int(part.node.next)).contains($0) }
            .map { JSONValue(document: document, index: $0) }.filter(\.isOutlined)
    }

    /// A container that ``JSONDocument/init(outlining:depth:)`` passed over, with all that it holds; any other value as it is.
    ///
    /// - Parameter maximumDepth: levels of nesting that are accepted.
    /// - Throws: `JSONParseError` with the byte offset in this value's document when the container's text is not JSON.
    public func expanded(maximumDepth: Int = JSONDocument.defaultMaximumDepth) throws(JSONParseError) -> JSONValue {
        guard isOutlined else { return self }
        do {
            return try JSONDocument(parsing: text, maximumDepth: maximumDepth).root
        } catch {
            throw JSONParseError(reason: error.reason, byteOffset: error.byteOffset + Int(node.start))
        }
    }

    public var boolean: Bool? {
        switch Int(node.kind) {
        case CSIMDJSON_TRUE: true
        case CSIMDJSON_FALSE: false
        default: nil
        }
    }

    /// The number, when it is written without fraction and exponent and fits 64 bits.
    public var integer: Int64? {
        let node = node
        guard Int(node.kind) == CSIMDJSON_NUMBER, Int32(node.flags) & CSIMDJSON_FLAG_INTEGER != 0 else { return nil }
        return withText { Int64(String(decoding: $0, as: UTF8.self)) }
    }

    /// The string with its escapes resolved. An escape that names half of a surrogate pair reads as U+FFFD, as it does in the
    /// Kubernetes API server.
    public var string: String? {
        let node = node
        guard Int(node.kind) == CSIMDJSON_STRING else { return nil }
        let escaped = Int32(node.flags) & CSIMDJSON_FLAG_ESCAPED != 0
        return withText { text in
            escaped ? StringEscapes.resolved(text.unquoted) : String(decoding: text.unquoted, as: UTF8.self)
        }
    }

    /// The value's text as it stands in the document, without a copy.
    public var text: ByteBuffer {
        let node = node
        let start = document.text.readerIndex + Int(node.start)
        // The index holds only offsets inside of the text, so the slice is always there.
        return document.text.getSlice(at: start, length: Int(node.end - node.start)) ?? ByteBuffer()
    }

    /// Where the value's text begins in that of its document, in bytes.
    public var byteOffset: Int { Int(node.start) }

    /// Length of the value's text in bytes.
    public var byteCount: Int { Int(node.end - node.start) }

    /// The value's text as a string, as it is spelt in the document.
    public var spelling: String { withText { String(decoding: $0, as: UTF8.self) } }

    func withText<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        document.withText(of: node, body)
    }
}

// MARK: - Members and elements

extension JSONValue {
    /// The member of that name, or nil when there is none or the value is no object. Of members with one name the last counts,
    /// as in the Kubernetes API server.
    public subscript(name: String) -> JSONValue? {
        var name = name
        let found = name.withUTF8 { document.member(UnsafeRawBufferPointer($0), of: index) }
        return found.map { JSONValue(document: document, index: $0) }
    }

    /// As ``subscript(_:)-(String)``, by a name that stands in a document.
    public subscript(name: JSONValue) -> JSONValue? {
        guard let plain = name.withPlainString({ document.member($0, of: index) }) else { return name.string.flatMap { self[$0] } }
        return plain.map { JSONValue(document: document, index: $0) }
    }

    /// The value that a path of member names leads to.
    public subscript(path names: [String]) -> JSONValue? {
        var value = self
        for name in names {
            guard let member = value[name] else { return nil }
            value = member
        }
        return value
    }

    /// The members of an object in the order of the text, one for each name; empty when the value is no object.
    public var members: [(name: String, value: JSONValue)] {
        distinctMembers.map { ($0.name.string ?? "", $0.value) }
    }

    /// As ``members``, each name as it is spelt.
    public var distinctMembers: [(name: JSONValue, value: JSONValue)] {
        var members: [(name: JSONValue, value: JSONValue)] = []
        forEachDistinctMember { name, value in members.append((name, value)) }
        return members
    }

    /// Passes each of ``distinctMembers``.
    public func forEachDistinctMember(_ body: (_ name: JSONValue, _ value: JSONValue) -> Void) {
        guard Int(node.kind) == CSIMDJSON_OBJECT else { return }
        if document.hasPlainDistinctNames(index) { return forEachMember(body) }
        for member in memberSpans.keepingLastOfEachName() { body(member.name, member.value) }
    }

    /// All members in the order of the text, repeated ones too, with each name as it is spelt.
    public var memberSpans: [(name: JSONValue, value: JSONValue)] {
        guard Int(node.kind) == CSIMDJSON_OBJECT else { return [] }
        var members: [(name: JSONValue, value: JSONValue)] = []
        forEachMember { name, value in members.append((name, value)) }
        return members
    }

    /// The elements of an array; empty when the value is no array.
    public var elements: [JSONValue] {
        guard Int(node.kind) == CSIMDJSON_ARRAY else { return [] }
        var elements: [JSONValue] = []
        var child = index + 1
        while child < Int(node.next) {
            elements.append(JSONValue(document: document, index: child))
            child = Int(document.node(child).next)
        }
        return elements
    }

    private func forEachMember(_ body: (_ name: JSONValue, _ value: JSONValue) -> Void) {
        let end = Int(node.next)
        var child = index + 1
        while child + 1 < end {
            body(JSONValue(document: document, index: child), JSONValue(document: document, index: child + 1))
            child = Int(document.node(child + 1).next)
        }
    }

    /// Passes what is between the quotes of a string without escapes; nil for every other value.
    func withPlainString<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
        let node = node
        guard Int(node.kind) == CSIMDJSON_STRING, Int32(node.flags) & CSIMDJSON_FLAG_ESCAPED == 0 else { return nil }
        return withText { body($0.unquoted) }
    }

    /// Whether the value is this string.
    public func isString(_ other: String) -> Bool {
        var other = other
        return other.withUTF8 { other in
            withPlainString { $0.isSame(as: UnsafeRawBufferPointer(other)) } ?? string?.utf8.elementsEqual(other) ?? false
        }
    }
}

extension [(name: JSONValue, value: JSONValue)] {
    fileprivate func keepingLastOfEachName() -> Self {
        var places: [ExactString: Int] = [:]
        for (place, member) in enumerated() { places[ExactString(member.name.string ?? "")] = place }
        return enumerated().filter { places[ExactString($0.element.name.string ?? "")] == $0.offset }.map(\.element)
    }
}

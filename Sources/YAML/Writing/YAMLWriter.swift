public import JSON
public import NIOCore

/// Writes JSON values as YAML documents, laid out as kubectl lays them out: block style, lists not indented within mappings, quotes only where
/// they are needed. Members keep their order, numbers their spelling.
public struct YAMLWriter: Sendable {
    /// What was written.
    public private(set) var buffer = ByteBuffer()

    public init() {}

    /// Writes a document, behind `---` when it is not the first.
    public mutating func document(_ value: JSONValue) {
        if buffer.writerIndex > 0 { buffer.writeString("---\n") }
        switch value.kind {
        case .object where !value.isEmptyContainer: mapping(value, indent: 0, isInline: false)
        case .array where !value.isEmptyContainer: sequence(value, indent: 0, isInline: false)
        default:
            leaf(value, indent: 0)
            buffer.writeString("\n")
        }
    }

    /// - Parameters:
    ///   - indent: columns before each key.
    ///   - isInline: whether the first key goes on the line that is begun already.
    private mutating func mapping(_ value: JSONValue, indent: Int, isInline: Bool) {
        for (index, member) in value.members.enumerated() {
            if index > 0 || !isInline { pad(indent) }
            let key = YAMLString(member.name).onOneLine
            if key.utf8.count > Self.longestSimpleKey {
                buffer.writeString("? \(key)\n")
                pad(indent)
                buffer.writeString(":")
            } else {
                buffer.writeString("\(key):")
            }
            switch member.value.kind {
            case .object where !member.value.isEmptyContainer:
                buffer.writeString("\n")
                mapping(member.value, indent: indent + 2, isInline: false)
            case .array where !member.value.isEmptyContainer:
                buffer.writeString("\n")
                sequence(member.value, indent: indent, isInline: false)
            default:
                buffer.writeString(" ")
                leaf(member.value, indent: indent)
                buffer.writeString("\n")
            }
        }
    }

    private mutating func sequence(_ value: JSONValue, indent: Int, isInline: Bool) {
        for (index, element) in value.elements.enumerated() {
            if index > 0 || !isInline { pad(indent) }
            buffer.writeString("- ")
            switch element.kind {
            case .object where !element.isEmptyContainer: mapping(element, indent: indent + 2, isInline: true)
            case .array where !element.isEmptyContainer: sequence(element, indent: indent + 2, isInline: true)
            default:
                leaf(element, indent: indent)
                buffer.writeString("\n")
            }
        }
    }

    /// A value on the line that is begun, or as a block below it.
    ///
    /// - Parameter indent: of the key or dash that the value belongs to.
    private mutating func leaf(_ value: JSONValue, indent: Int) {
        guard let text = value.string else {
            buffer.writeImmutableBuffer(value.isEmptyContainer ? ByteBuffer(string: value.kind == .object ? "{}" : "[]") : value.text)
            return
        }
        let string = YAMLString(text)
        guard let block = string.literalBlock else {
            buffer.writeString(string.onOneLine)
            return
        }
        buffer.writeString(block.header)
        for line in block.lines {
            buffer.writeString("\n")
            guard !line.isEmpty else { continue }
            pad(indent + 2)
            buffer.writeSubstring(line)
        }
    }

    private mutating func pad(_ columns: Int) {
        buffer.writeRepeatingByte(UInt8(ascii: " "), count: columns)
    }

    /// Readers look so far for the colon behind a key without `?`, less than the 1024 characters that YAML allows.
    private static let longestSimpleKey = 512
}

/// The escape sequences of JSON strings (RFC 8259, section 7).
enum StringEscapes {
    private static let replacement: Unicode.Scalar = "\u{FFFD}"

    /// The value of a string whose escapes were checked when the document was indexed.
    static func resolved(_ content: UnsafeRawBufferPointer) -> String {
        var value: [UInt8] = []
        value.reserveCapacity(content.count)
        var position = content.startIndex
        while position < content.endIndex {
            let byte = content[position]
            guard byte == UInt8(ascii: "\\"), position + 1 < content.endIndex else {
                value.append(byte)
                position += 1
                continue
            }
            let escape = content[position + 1]
            position += 2
            switch escape {
            case UInt8(ascii: "b"): value.append(0x08)
            case UInt8(ascii: "f"): value.append(0x0C)
            case UInt8(ascii: "n"): value.append(0x0A)
            case UInt8(ascii: "r"): value.append(0x0D)
            case UInt8(ascii: "t"): value.append(0x09)
            case UInt8(ascii: "u"):
                value.append(contentsOf: String(Character(scalar(in: content, after: &position))).utf8)
            default: value.append(escape)
            }
        }
        return String(decoding: value, as: UTF8.self)
    }

    private static func scalar(in content: UnsafeRawBufferPointer, after position: inout Int) -> Unicode.Scalar {
        guard let unit = codeUnit(in: content, at: position) else { return replacement }
        position += 4
        guard UTF16.isLeadSurrogate(unit) else { return Unicode.Scalar(unit) ?? replacement }
        let escapesAgain =
            position + 1 < content.endIndex && content[position] == UInt8(ascii: "\\") && content[position + 1] == UInt8(ascii: "u")
        guard escapesAgain, let trail = codeUnit(in: content, at: position + 2), UTF16.isTrailSurrogate(trail) else {
            return replacement
        }
        position += 6
        return UTF16.decode(UTF16.EncodedScalar([unit, trail]))
    }

    private static func codeUnit(in content: UnsafeRawBufferPointer, at position: Int) -> UInt16? {
        guard position >= content.startIndex, position + 4 <= content.endIndex else { return nil }
        return UInt16(String(decoding: content[position..<position + 4], as: UTF8.self), radix: 16)
    }
}

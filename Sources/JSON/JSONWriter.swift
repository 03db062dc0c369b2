import CMalloc
public import NIOCore

/// Writes compact JSON into a buffer. Commas are placed by the writer; that every name gets a value and every begin its end is
/// the caller's part.
public struct JSONWriter: Sendable {
    /// What was written.
    public private(set) var buffer: ByteBuffer

    private var needsComma = false

    /// What was written, as a string.
    public var text: String { String(buffer: buffer) }

    /// - Parameter capacity: bytes to reserve.
    public init(capacity: Int = 512) {
        buffer = ByteBufferAllocator().buffer(capacity: capacity)
        buffer.withUnsafeMutableWritableBytes { CMalloc_prefer_huge_pages($0.baseAddress, $0.count) }
    }

    public mutating func beginObject() { begin(UInt8(ascii: "{")) }
    public mutating func endObject() { end(UInt8(ascii: "}")) }
    public mutating func beginArray() { begin(UInt8(ascii: "[")) }
    public mutating func endArray() { end(UInt8(ascii: "]")) }

    /// The name of the member whose value is written next.
    public mutating func name(_ name: String) {
        quote(name, isName: true)
    }

    /// As ``name(_:)``, spelt as it is in its document.
    public mutating func verbatimName(_ name: JSONValue) {
        name.withText { write($0, isName: true) }
    }

    public mutating func string(_ value: String) {
        quote(value, isName: false)
    }

    /// A member that is a string; left out when there is none.
    public mutating func member(_ memberName: String, _ value: String?) {
        guard let value else { return }
        name(memberName)
        string(value)
    }

    public mutating func integer(_ value: Int64) {
        plain(String(value))
    }

    /// A number as it is spelt, which has to be as RFC 8259 (section 6) spells numbers.
    public mutating func number(_ spelling: String) {
        plain(spelling)
    }

    public mutating func boolean(_ value: Bool) {
        plain(value ? "true" : "false")
    }

    public mutating func null() {
        plain("null")
    }

    /// The value as it is spelt in its document.
    public mutating func verbatim(_ value: JSONValue) {
        value.withText { write($0, isName: false) }
    }

    private mutating func plain(_ text: String) {
        var text = text
        text.withUTF8 { write(UnsafeRawBufferPointer($0), isName: false) }
    }

    private mutating func begin(_ bracket: UInt8) {
        withUnsafeBytes(of: bracket) { write($0, isName: false) }
        needsComma = false
    }

    private mutating func end(_ bracket: UInt8) {
        buffer.writeInteger(bracket)
        needsComma = true
    }

    /// What a token takes besides its text: a comma before it, two quotes, a colon behind it.
    private static let punctuation = 4

    /// Writes a token at once, since each write to the buffer has its price.
    private mutating func write(_ text: UnsafeRawBufferPointer, isQuoted: Bool = false, isName: Bool) {
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: text.count + Self.punctuation) { [needsComma] room in
            var end = 0
            func append(_ byte: Unicode.Scalar) {
                room[end] = UInt8(ascii: byte)
                end += 1
            }
            if needsComma { append(",") }
            if isQuoted { append("\"") }
            UnsafeMutableRawBufferPointer(rebasing: room[end...]).copyMemory(from: text)
            end += text.count
            if isQuoted { append("\"") }
            if isName { append(":") }
            return end
        }
        needsComma = !isName
    }

    private mutating func quote(_ value: String, isName: Bool) {
        var value = value
        value.withUTF8 { bytes in
            guard !bytes.contains(where: Self.mustEscape) else {
                var escaped: [UInt8] = []
                escaped.reserveCapacity(bytes.count + bytes.count / 4 + 8)
                for byte in bytes { Self.escape(byte, into: &escaped) }
                return escaped.withUnsafeBytes { write($0, isQuoted: true, isName: isName) }
            }
            write(UnsafeRawBufferPointer(bytes), isQuoted: true, isName: isName)
        }
    }

    private static func mustEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func escape(_ byte: UInt8, into text: inout [UInt8]) {
        guard mustEscape(byte) else { return text.append(byte) }
        text.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): text.append(byte)
        case 0x0A: text.append(UInt8(ascii: "n"))
        case 0x0D: text.append(UInt8(ascii: "r"))
        case 0x09: text.append(UInt8(ascii: "t"))
        default:
            let digits = String(byte, radix: 16)
            text += (digits.utf8.count == 1 ? "u000\(digits)" : "u00\(digits)").utf8
        }
    }
}

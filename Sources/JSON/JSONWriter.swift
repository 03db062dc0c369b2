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
    }

    public mutating func beginObject() { begin(UInt8(ascii: "{")) }
    public mutating func endObject() { end(UInt8(ascii: "}")) }
    public mutating func beginArray() { begin(UInt8(ascii: "[")) }
    public mutating func endArray() { end(UInt8(ascii: "]")) }

    /// The name of the member whose value is written next.
    public mutating func name(_ name: String) {
        separate()
        quote(name)
        buffer.writeInteger(UInt8(ascii: ":"))
        needsComma = false
    }

    /// As ``name(_:)``, spelt as it is in its document.
    public mutating func verbatimName(_ name: JSONValue) {
        verbatim(name)
        buffer.writeInteger(UInt8(ascii: ":"))
        needsComma = false
    }

    public mutating func string(_ value: String) {
        separate()
        quote(value)
    }

    public mutating func integer(_ value: Int64) {
        separate()
        buffer.writeString(String(value))
    }

    /// A number as it is spelt, which has to be as RFC 8259 (section 6) spells numbers.
    public mutating func number(_ spelling: String) {
        separate()
        buffer.writeString(spelling)
    }

    public mutating func boolean(_ value: Bool) {
        separate()
        buffer.writeString(value ? "true" : "false")
    }

    public mutating func null() {
        separate()
        buffer.writeString("null")
    }

    /// The value as it is spelt in its document.
    public mutating func verbatim(_ value: JSONValue) {
        separate()
        value.withText { text in _ = buffer.writeBytes(text) }
    }

    private mutating func begin(_ bracket: UInt8) {
        separate()
        buffer.writeInteger(bracket)
        needsComma = false
    }

    private mutating func end(_ bracket: UInt8) {
        buffer.writeInteger(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { buffer.writeInteger(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func quote(_ value: String) {
        buffer.writeInteger(UInt8(ascii: "\""))
        var value = value
        value.withUTF8 { bytes in
            var written = 0
            for (position, byte) in bytes.enumerated() where Self.mustEscape(byte) {
                buffer.writeBytes(bytes[written..<position])
                escape(byte)
                written = position + 1
            }
            buffer.writeBytes(bytes[written...])
        }
        buffer.writeInteger(UInt8(ascii: "\""))
    }

    private static func mustEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): buffer.writeString("\\\"")
        case UInt8(ascii: "\\"): buffer.writeString("\\\\")
        case 0x0A: buffer.writeString("\\n")
        case 0x0D: buffer.writeString("\\r")
        case 0x09: buffer.writeString("\\t")
        default:
            let digits = String(byte, radix: 16)
            buffer.writeString(digits.utf8.count == 1 ? "\\u000\(digits)" : "\\u00\(digits)")
        }
    }
}

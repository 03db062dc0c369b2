import NIOCore

/// The base 64 encoding of RFC 4648, section 4, with padding.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding = UInt8(ascii: "=")

    static func encoded(_ bytes: ByteBuffer) -> String {
        bytes.withUnsafeReadableBytes { bytes in
            String(unsafeUninitializedCapacity: (bytes.count + 2) / 3 * 4) { text in
                var length = 0
                for start in stride(from: 0, to: bytes.count, by: 3) {
                    let group = bytes[start..<min(start + 3, bytes.count)]
                    // Up to three bytes, the first in the highest place, make four digits of six bits.
                    var bits: UInt32 = 0
                    for byte in group { bits = bits << 8 | UInt32(byte) }
                    bits <<= 8 * UInt32(3 - group.count)
                    for digit in 0..<4 {
                        let value = Int(bits >> (18 - 6 * UInt32(digit)) & 0x3F)
                        text[length] = digit <= group.count ? alphabet[value] : padding
                        length += 1
                    }
                }
                return length
            }
        }
    }
}

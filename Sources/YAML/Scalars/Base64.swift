/// Base 64 (RFC 4648, section 4) with padding; line breaks are passed over.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Nil when the text is no base 64.
    static func decoded(_ text: String) -> [UInt8]? {
        let characters = text.utf8.filter { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        let digits = characters.prefix { $0 != UInt8(ascii: "=") }.map { alphabet.firstIndex(of: $0) }
        let padding = characters.dropFirst(digits.count)
        guard characters.count.isMultiple(of: 4), padding.count <= 2, padding.allSatisfy({ $0 == UInt8(ascii: "=") }) else { return nil }
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: digits.count, by: 4) {
            let group = digits[start...].prefix(4).compactMap { $0 }
            guard group.count == min(4, digits.count - start) else { return nil }
            let bits = group.reduce(0) { $0 << 6 | $1 } << (6 * (4 - group.count))
            bytes += [bits >> 16, bits >> 8, bits].prefix(group.count - 1).map(UInt8.init(truncatingIfNeeded:))
        }
        return bytes
    }
}

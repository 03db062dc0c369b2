import TestSupport

extension SeededGenerator {
    /// A made-up UUID.
    mutating func uuid() -> String {
        let digits = Array(hex())
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
    }

    /// 32 hexadecimal digits.
    mutating func hex() -> String {
        [next(), next()].map { number in
            let text = String(number, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }.joined()
    }
}

extension String {
    /// Whether it is spelt like a UUID.
    var isUUID: Bool {
        let groups = split(separator: "-", omittingEmptySubsequences: false)
        return groups.map(\.count) == [8, 4, 4, 4, 12] && groups.joined().allSatisfy { $0.isASCII && $0.isHexDigit }
    }
}

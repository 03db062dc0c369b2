/// An IPv4 address in its dotted form, comparable by number.
struct IPv4Address: Comparable {
    let number: UInt32

    static let first = IPv4Address(number: 0)
    static let last = IPv4Address(number: .max)

    private init(number: UInt32) {
        self.number = number
    }

    /// Four decimal numbers up to 255, without leading zeros, which some readers take for octal.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var number: UInt32 = 0
        for part in parts {
            guard part.utf8.allSatisfy(\.isDigit), let byte = UInt8(part), part == "0" || !part.hasPrefix("0") else { return nil }
            number = number << 8 | UInt32(byte)
        }
        self.number = number
    }

    static func < (left: IPv4Address, right: IPv4Address) -> Bool { left.number < right.number }
}

/// Numbers as go-yaml v2 and the number syntax of Go behind it read them.
enum YAMLNumber {
    /// The number that a text stands for, nil when it is none.
    static func parsed(_ text: String) -> YAMLScalar? {
        guard let first = text.utf8.first else { return nil }
        switch first {
        case UInt8(ascii: "."):
            return separatorsAreBetweenDigits(text) ? float(withoutSeparators(text)).map(YAMLScalar.float) : nil
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"):
            let plain = withoutSeparators(text)
            return integer(plain) ?? float(plain).map(YAMLScalar.float)
        default:
            return nil
        }
    }

    /// Whether some reader of YAML 1.1 takes the text for a number, also one too large for Kubernetes to do so.
    static func isLikeNumber(_ text: String) -> Bool {
        let plain = withoutSeparators(text)
        let digits = plain.utf8.drop { $0.isSign }
        let hasPrefix = digits.first == UInt8(ascii: "0") && digits.dropFirst().first.map { "box".utf8.contains($0 | 0x20) } == true
        return isFloat(plain) || (hasPrefix && digits.dropFirst(2).allSatisfy(\.isHexDigit))
    }

    private static func withoutSeparators(_ text: String) -> String {
        text.utf8.contains(UInt8(ascii: "_")) ? text.replacing("_", with: "") : text
    }

    /// `_` may stand only between digits where a fraction begins the number; elsewhere it is passed over wherever it stands.
    private static func separatorsAreBetweenDigits(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.indices.allSatisfy { index in
            guard bytes[index] == UInt8(ascii: "_") else { return true }
            return index > 0 && index + 1 < bytes.count && bytes[index - 1].isDigit && bytes[index + 1].isDigit
        }
    }

    /// `12`, `-12`, `0x1f`, `0b11`, `0o17`, and `017`, which is octal too.
    private static func integer(_ text: String) -> YAMLScalar? {
        var digits = text[...]
        let sign = digits.first.flatMap { $0 == "-" || $0 == "+" ? $0 : nil }
        if sign != nil { digits.removeFirst() }
        var radix = 10
        if digits.utf8.count > 1, digits.utf8.first == UInt8(ascii: "0") {
            switch digits.utf8.dropFirst().first.map({ $0 | 0x20 }) {
            case UInt8(ascii: "x"): (radix, digits) = (16, digits.dropFirst(2))
            case UInt8(ascii: "b"): (radix, digits) = (2, digits.dropFirst(2))
            case UInt8(ascii: "o"): (radix, digits) = (8, digits.dropFirst(2))
            default: radix = 8
            }
        }
        // The initialisers below take a sign of their own.
        guard digits.utf8.first?.isHexDigit == true else { return nil }
        if let value = Int64((sign == "-" ? "-" : "") + digits, radix: radix) { return .integer(value) }
        return sign == nil ? UInt64(digits, radix: radix).map(YAMLScalar.unsigned) : nil
    }

    /// Nil for all but numbers, and for what is too large for 64 bits.
    private static func float(_ text: String) -> Double? {
        guard isFloat(text), let value = Double(text), value.isFinite else { return nil }
        return value
    }

    /// `1.5`, `1.`, `.5`, `1e3`
    private static func isFloat(_ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        if rest.first?.isSign == true { rest.removeFirst() }
        let whole = rest.prefix { $0.isDigit }
        rest = rest.dropFirst(whole.count)
        var fractionCount = 0
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            fractionCount = rest.prefix { $0.isDigit }.count
            rest = rest.dropFirst(fractionCount)
        }
        guard !whole.isEmpty || fractionCount > 0 else { return false }
        guard rest.first.map({ $0 | 0x20 }) == UInt8(ascii: "e") else { return rest.isEmpty }
        rest.removeFirst()
        if rest.first?.isSign == true { rest.removeFirst() }
        return !rest.isEmpty && rest.allSatisfy(\.isDigit)
    }
}

extension UInt8 {
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

    fileprivate var isHexDigit: Bool {
        isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self | 0x20)
    }

    fileprivate var isSign: Bool { self == UInt8(ascii: "+") || self == UInt8(ascii: "-") }
}

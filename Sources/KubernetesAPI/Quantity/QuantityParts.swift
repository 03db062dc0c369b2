/// The parts of a quantity's text: ± digits · 10^decimalExponent · 2^binaryExponent.
struct QuantityParts {
    let isMinus: Bool
    let digits: [UInt8]
    let decimalExponent: Int
    let binaryExponent: Int

    init(_ text: String) throws(QuantityError.Reason) {
        guard !text.isEmpty else { throw .empty }
        guard text.utf8.count <= Quantity.maximumLength else { throw .tooLong }
        let number = Number(text)
        guard !number.digits.isEmpty else { throw text.contains(where: \.isWhitespace) ? .whiteSpace : .malformed }
        let suffix = number.rest
        guard let (decimal, binary) = try Self.exponents(ofSuffix: suffix) else {
            throw text.contains(where: \.isWhitespace) ? .whiteSpace : .unknownSuffix(suffix)
        }
        isMinus = number.isMinus
        digits = number.digits
        decimalExponent = decimal - number.fractionDigits
        binaryExponent = binary
    }

    static let binarySuffixes = ["Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60]
    static let decimalSuffixes = ["n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18]

    /// - Returns: nil for a suffix that there is not.
    private static func exponents(ofSuffix suffix: String) throws(QuantityError.Reason) -> (decimal: Int, binary: Int)? {
        // Strings are equal when they look the same: the Kelvin sign would pass for a K.
        guard suffix.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        if let binary = binarySuffixes[suffix] { return (0, binary) }
        if let decimal = decimalSuffixes[suffix] { return (decimal, 0) }
        guard suffix.first == "e" || suffix.first == "E" else { return nil }
        var digits = suffix.utf8.dropFirst()
        let isMinus = digits.first == UInt8(ascii: "-")
        if isMinus || digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
        guard !digits.isEmpty, digits.allSatisfy(Number.isDigit) else { return nil }
        var exponent = 0
        for digit in digits {
            exponent = exponent * 10 + Int(digit - UInt8(ascii: "0"))
            guard exponent <= Quantity.maximumExponent else { throw .exponentOutOfRange }
        }
        return (isMinus ? -exponent : exponent, 0)
    }

    /// The signed decimal number that a text begins with.
    struct Number {
        private(set) var isMinus = false
        private(set) var digits: [UInt8] = []
        private(set) var fractionDigits = 0
        /// Sign, digits and point.
        let spelling: String
        /// What follows the number.
        let rest: String

        init(_ text: String) {
            var bytes = text.utf8[...]
            if bytes.first == UInt8(ascii: "+") || bytes.first == UInt8(ascii: "-") { isMinus = bytes.removeFirst() == UInt8(ascii: "-") }
            let whole = bytes.prefix(while: Self.isDigit)
            digits = Array(whole)
            bytes = bytes.dropFirst(whole.count)
            if bytes.first == UInt8(ascii: ".") {
                bytes = bytes.dropFirst()
                let fraction = bytes.prefix(while: Self.isDigit)
                digits += fraction
                fractionDigits = fraction.count
                bytes = bytes.dropFirst(fraction.count)
            }
            // By bytes, not by characters: a combining mark would belong to the digit in front of it.
            spelling = String(decoding: text.utf8[..<bytes.startIndex], as: UTF8.self)
            rest = String(decoding: bytes, as: UTF8.self)
        }

        static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    }
}

/// Floating point numbers spelt as programs in Go do.
enum GoFloat {
    /// As `encoding/json` writes a `float64`: plain digits, with an exponent below 1e-6 and from 1e21 on.
    static func json(_ value: Double) -> String {
        if value == 0 { return value.sign == .minus ? "-0" : "0" }
        let magnitude = value.magnitude
        let digits = Decimal(value.description)
        return magnitude < 1e-6 || magnitude >= 1e21 ? digits.scientific(exponentDigits: 1) : digits.plain
    }

    /// As sigs.k8s.io/yaml writes a number that is a key: `strconv.FormatFloat(value, 'g', -1, 32)`.
    static func key(_ value: Double) -> String {
        let single = Float(value)
        if single.isNaN { return ".nan" }
        if single.isInfinite { return single < 0 ? "-.inf" : ".inf" }
        if single == 0 { return single.sign == .minus ? "-0" : "0" }
        let digits = Decimal(single.description)
        let exponent = digits.pointPlace - 1
        return exponent < -4 || exponent >= 6 ? digits.scientific(exponentDigits: 2) : digits.plain
    }

    /// The shortest digits that name one number, apart from how they are laid out.
    private struct Decimal {
        var isNegative = false
        var digits: [UInt8] = []
        /// Where the point stands, in digits from the first.
        var pointPlace = 0

        /// Takes the digits from what Swift prints, which are the shortest as well.
        init(_ description: String) {
            var exponent = 0
            var sawPoint = false
            var rest = description.utf8[...]
            while let byte = rest.popFirst() {
                switch byte {
                case UInt8(ascii: "-"): isNegative = true
                case UInt8(ascii: "."): sawPoint = true
                case UInt8(ascii: "e"):
                    exponent = Int(Substring(rest)) ?? 0
                    rest = rest[rest.endIndex...]
                default:
                    digits.append(byte)
                    if !sawPoint { pointPlace += 1 }
                }
            }
            pointPlace += exponent
            let leading = digits.prefix { $0 == UInt8(ascii: "0") }.count
            digits.removeFirst(leading)
            pointPlace -= leading
            while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        }

        var plain: String {
            let zeros = { (count: Int) in [UInt8](repeating: UInt8(ascii: "0"), count: max(0, count)) }
            let whole = pointPlace <= 0 ? zeros(1) : Array(digits.prefix(pointPlace)) + zeros(pointPlace - digits.count)
            let fraction = zeros(-pointPlace) + digits.dropFirst(max(0, pointPlace))
            let text = String(decoding: fraction.isEmpty ? whole : whole + [UInt8(ascii: ".")] + fraction, as: UTF8.self)
            return isNegative ? "-\(text)" : text
        }

        func scientific(exponentDigits: Int) -> String {
            let mantissa = digits.count > 1 ? digits.prefix(1) + [UInt8(ascii: ".")] + digits.dropFirst() : digits[...]
            let exponent = pointPlace - 1
            let magnitude = String(exponent.magnitude)
            let padding = String(repeating: "0", count: max(0, exponentDigits - magnitude.utf8.count))
            let text = "\(String(decoding: mantissa, as: UTF8.self))e\(exponent < 0 ? "-" : "+")\(padding)\(magnitude)"
            return isNegative ? "-\(text)" : text
        }
    }
}

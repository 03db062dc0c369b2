/// An amount such as `20Gi`, `500m` or `1e3` (`resource.Quantity` of `k8s.io/apimachinery`), without loss.
///
/// The Kubernetes type rounds what is finer than nano up and caps what has a binary suffix at 2⁶³ - 1. Here every quantity
/// keeps its exact value, so that two of them compare as the numbers that they are. It also reads `Gi` and `.` as zero, which
/// its own grammar does not allow; here they are refused.
public struct Quantity: Sendable, CustomStringConvertible {
    /// The bytes of the longest text that is read.
    public static let maximumLength = 128

    /// The largest exponent that is read, of either sign, as in `1e999`.
    public static let maximumExponent = 999

    /// The quantity as it was written.
    public let description: String

    // The value is ± odd · 2^powerOf2 · 5^powerOf5 where 2 and 5 do not divide `odd`. Every decimal number with a decimal or a
    // binary unit has this form, and it is unique, so equal values have equal parts.
    private let isMinus: Bool
    private let odd: BigNatural
    private let powerOf2: Int
    private let powerOf5: Int

    /// Reads a quantity: a sign, digits with a decimal point, and a suffix (`Ki Mi Gi Ti Pi Ei`, `n u m k M G T P E`, or an
    /// exponent such as `e3` or `E-3`), with no white space.
    public init(_ text: String) throws(QuantityError) {
        let parts: QuantityParts
        do {
            parts = try QuantityParts(text)
        } catch {
            throw QuantityError(error, in: text)
        }
        self.init(
            description: text, isMinus: parts.isMinus, digits: BigNatural(decimalDigits: parts.digits),
            decimalExponent: parts.decimalExponent, binaryExponent: parts.binaryExponent
        )
    }

    /// A whole number of bytes, such as `Quantity(bytes: 1 << 30)` for 1Gi.
    public init(bytes: UInt64) {
        self.init(description: String(bytes), isMinus: false, digits: BigNatural(bytes), decimalExponent: 0, binaryExponent: 0)
    }

    private init(description: String, isMinus: Bool, digits: BigNatural, decimalExponent: Int, binaryExponent: Int) {
        self.description = description
        let twos = digits.trailingZeroBitCount
        var odd = digits.shifted(right: twos)
        let fives = odd.removeFactorsOf5()
        self.odd = odd
        self.isMinus = isMinus && !odd.isZero
        self.powerOf2 = odd.isZero ? 0 : decimalExponent + binaryExponent + twos
        self.powerOf5 = odd.isZero ? 0 : decimalExponent + fives
    }

    public var isZero: Bool { odd.isZero }
    public var isPositive: Bool { !isMinus && !odd.isZero }
    public var isNegative: Bool { isMinus }
    /// Whether it is a whole number.
    public var isInteger: Bool { powerOf2 >= 0 && powerOf5 >= 0 }
}

// MARK: - Comparison

extension Quantity: Comparable, Hashable {
    /// Whether the values are equal, however they are written: `1Gi` is `1024Mi`.
    public static func == (left: Quantity, right: Quantity) -> Bool {
        left.isMinus == right.isMinus && left.powerOf2 == right.powerOf2 && left.powerOf5 == right.powerOf5 && left.odd == right.odd
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(isMinus)
        hasher.combine(powerOf2)
        hasher.combine(powerOf5)
        hasher.combine(odd)
    }

    public static func < (left: Quantity, right: Quantity) -> Bool {
        if left.isMinus != right.isMinus { return left.isMinus }
        return left.isMinus ? right.isSmallerInMagnitude(than: left) : left.isSmallerInMagnitude(than: right)
    }

    private func isSmallerInMagnitude(than other: Quantity) -> Bool {
        if isZero || other.isZero { return isZero && !other.isZero }
        // Both are brought to the smaller of their powers. The limits on text and exponent keep this below 9000 bits.
        let mine = odd.multiplied(byPowerOf5: powerOf5 - other.powerOf5).shifted(left: powerOf2 - other.powerOf2)
        let others = other.odd.multiplied(byPowerOf5: other.powerOf5 - powerOf5).shifted(left: other.powerOf2 - powerOf2)
        return mine < others
    }
}

extension Quantity {
    /// How many whole mebibytes fit in the quantity; 0 when it is negative, and at most 2³² of them.
    public var mebibytes: UInt64 {
        var (low, high) = (UInt64(0), UInt64(1) << 32)
        while low < high {
            let middle = (low + high + 1) / 2
            if Quantity(bytes: middle << 20) <= self { low = middle } else { high = middle - 1 }
        }
        return low
    }
}

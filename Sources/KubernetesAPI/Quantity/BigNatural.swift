/// A natural number of any size, with what comparing quantities needs.
struct BigNatural: Sendable, Hashable, Comparable {
    /// Base 2³², least significant first, without zeros at the end: so equal numbers have equal limbs.
    private var limbs: [UInt32]

    init(_ value: UInt64) {
        limbs = [UInt32(truncatingIfNeeded: value), UInt32(truncatingIfNeeded: value >> 32)]
        dropLeadingZeros()
    }

    /// - Parameter digits: ASCII digits; none means zero.
    init(decimalDigits digits: some Sequence<UInt8>) {
        limbs = []
        for digit in digits { multiply(by: 10, adding: UInt32(digit &- UInt8(ascii: "0"))) }
    }

    var isZero: Bool { limbs.isEmpty }

    /// The zeros at the end of the binary form; 0 for zero.
    var trailingZeroBitCount: Int {
        guard let place = limbs.firstIndex(where: { $0 != 0 }) else { return 0 }
        return place * UInt32.bitWidth + limbs[place].trailingZeroBitCount
    }

    mutating func multiply(by factor: UInt32, adding summand: UInt32 = 0) {
        var carry = UInt64(summand)
        for place in limbs.indices {
            // At most (2³² - 1)² + 2³² - 1, which is less than 2⁶⁴.
            let product = UInt64(limbs[place]) * UInt64(factor) + carry
            limbs[place] = UInt32(truncatingIfNeeded: product)
            carry = product >> 32
        }
        if carry > 0 { limbs.append(UInt32(carry)) }
        dropLeadingZeros()
    }

    func multiplied(byPowerOf5 exponent: Int) -> BigNatural {
        var product = self
        // 5¹³ is the largest power of 5 in a limb.
        for _ in 0..<max(0, exponent / 13) { product.multiply(by: 1_220_703_125) }
        for _ in 0..<max(0, exponent % 13) { product.multiply(by: 5) }
        return product
    }

    func shifted(left bits: Int) -> BigNatural {
        guard bits > 0, !isZero else { return self }
        var shifted = self
        shifted.multiply(by: 1 << UInt32(bits % UInt32.bitWidth))
        shifted.limbs.insert(contentsOf: repeatElement(0, count: bits / UInt32.bitWidth), at: 0)
        return shifted
    }

    func shifted(right bits: Int) -> BigNatural {
        guard bits > 0 else { return self }
        var shifted = self
        shifted.limbs.removeFirst(min(limbs.count, bits / UInt32.bitWidth))
        // A division by 2 to the rest of the bits, which is less than a limb.
        _ = shifted.divide(by: 1 << UInt32(bits % UInt32.bitWidth))
        return shifted
    }

    /// Divides by 5 as long as nothing remains.
    ///
    /// - Returns: how often that was.
    mutating func removeFactorsOf5() -> Int {
        guard !isZero else { return 0 }
        var count = 0
        while true {
            var quotient = self
            guard quotient.divide(by: 5) == 0 else { return count }
            self = quotient
            count += 1
        }
    }

    /// - Returns: the remainder.
    private mutating func divide(by divisor: UInt32) -> UInt32 {
        var remainder: UInt32 = 0
        for place in limbs.indices.reversed() {
            // The remainder is less than the divisor, so the quotient fits a limb.
            (limbs[place], remainder) = divisor.dividingFullWidth((remainder, limbs[place]))
        }
        dropLeadingZeros()
        return remainder
    }

    private mutating func dropLeadingZeros() {
        while limbs.last == 0 { limbs.removeLast() }
    }

    static func < (left: BigNatural, right: BigNatural) -> Bool {
        guard left.limbs.count == right.limbs.count else { return left.limbs.count < right.limbs.count }
        return left.limbs.reversed().lexicographicallyPrecedes(right.limbs.reversed())
    }
}

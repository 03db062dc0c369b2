import KubernetesAPI
import Testing

@Suite("A quantity")
struct QuantityTests {
    @Test(
        "has the value that its number and suffix say",
        arguments: [
            ("1Ki", "1024"), ("1Mi", "1048576"), ("1Gi", "1073741824"), ("1Ti", "1099511627776"), ("1Pi", "1125899906842624"),
            ("1Ei", "1152921504606846976"), ("1n", "0.000000001"), ("1u", "0.000001"), ("100m", "0.1"), ("1k", "1000"), ("1M", "1000000"),
            ("1G", "1000000000"), ("1T", "1000000000000"), ("1P", "1000000000000000"), ("1E", "1000000000000000000"),
            ("1e3", "1000"), ("1E3", "1000"), ("1e+3", "1000"), ("1e-3", "1m"), ("1E-3", "1m"), ("1.5e1", "15"), ("1e0003", "1k"),
            ("0.5", "500m"), (".5", "500m"), ("5.", "5"), ("5.Gi", "5Gi"), ("+1Gi", "1024Mi"), ("-1Gi", "-1024Mi"), ("-0", "0"),
            ("00012", "12"), ("1.5Gi", "1536Mi"), ("0e999", "0"), ("0.10", "100m"), ("-.5Ki", "-512")
        ])
    func value(text: String, same: String) throws {
        let (quantity, other) = (try Quantity(text), try Quantity(same))
        #expect(quantity == other)
        #expect(quantity.hashValue == other.hashValue)
        #expect(!(quantity < other) && !(other < quantity))
        #expect(quantity.description == text)
    }

    @Test(
        "is refused when it is not written as one",
        arguments: [
            ("", QuantityError.Reason.empty), (" 1", .whiteSpace), ("1 ", .whiteSpace), ("20 Gi", .whiteSpace), ("\t", .whiteSpace),
            ("1\n", .whiteSpace),
            ("1Kib", .unknownSuffix("Kib")), ("1i", .unknownSuffix("i")), ("1.1.M", .unknownSuffix(".M")),
            ("1+1.0M", .unknownSuffix("+1.0M")),
            ("0.1mi", .unknownSuffix("mi")), ("0.1am", .unknownSuffix("am")), ("-3.01e-", .unknownSuffix("e-")),
            ("1e", .unknownSuffix("e")),
            ("1e1.5", .unknownSuffix("e1.5")), ("1ee3", .unknownSuffix("ee3")), ("1Ki3", .unknownSuffix("Ki3")),
            ("0x10", .unknownSuffix("x10")),
            ("1_000", .unknownSuffix("_000")), ("aoeu", .malformed), ("e3", .malformed), ("Gi", .malformed), ("--1", .malformed),
            ("+", .malformed), (".", .malformed), (".Ki", .malformed), ("\u{0664}", .malformed),
            ("1\u{212A}i", .unknownSuffix("\u{212A}i")),
            ("1\u{301}", .unknownSuffix("\u{301}")), ("1e1000", .exponentOutOfRange), ("1e-99999999999999999999999", .exponentOutOfRange),
            (String(repeating: "9", count: 129), .tooLong)
        ])
    func refusal(text: String, reason: QuantityError.Reason) {
        let error = #expect(throws: QuantityError.self) { try Quantity(text) }
        #expect(error?.reason == reason)
    }

    @Test(
        "that is nearly right gets a suggestion",
        arguments: [
            ("20GB", ["20G", "20Gi"]), ("20gb", ["20G", "20Gi"]), ("20g", ["20G", "20Gi"]), ("20gi", ["20Gi"]), ("20GI", ["20Gi"]),
            ("20GiB", ["20Gi"]),
            ("20 Gi", ["20Gi"]), (" 1", ["1"]), ("20 gb", ["20G", "20Gi"]), ("20K", ["20k", "20Ki"]), ("1.5mb", ["1.5M", "1.5Mi"]),
            ("0.1mi", ["0.1Mi"]),
            ("512b", ["512"]), ("100µ", ["100u"]), ("1e", ["1E", "1Ei"]), ("20 elephants", []), ("Gi", []), ("", []), ("1e1000", [])
        ])
    func suggestions(text: String, expected: [String]) {
        let error = #expect(throws: QuantityError.self) { try Quantity(text) }
        #expect(error?.suggestions == expected)
    }

    @Test(
        "tells in one line what is wrong with it",
        arguments: [
            ("20GB", #"not a quantity; did you mean "20G" or "20Gi"?"#),
            ("20gi", #"not a quantity; did you mean "20Gi"?"#),
            ("", "is empty; a quantity is a number with a unit, such as 20Gi"),
            ("much", "not a quantity: must begin with a number, such as 20Gi"),
            ("1 lot", "a quantity may not contain white space"),
            ("7\"\n", "a quantity may not contain white space"),
            ("7\"\u{1b}[2J", #"not a quantity: "\"\x1b[2J" is no unit; use one of Ki, Mi, Gi, Ti, Pi, Ei, n, u, m, k, M, G, T, P, E"#),
            ("1e2000", "the exponent of a quantity may not be beyond 999"),
            (String(repeating: "0", count: 200), "a quantity may not be longer than 128 bytes")
        ])
    func text(text: String, expected: String) {
        let error = #expect(throws: QuantityError.self) { try Quantity(text) }
        #expect(error?.description == expected)
    }

    @Test("compares as the number that it is", arguments: ComparedQuantities.rows)
    func comparison(left: String, order: String, right: String) throws {
        let (left, right) = (try Quantity(left), try Quantity(right))
        #expect((left < right) == (order == "<"))
        #expect((left > right) == (order == ">"))
        #expect((left == right) == (order == "="))
        #expect((right < left) == (order == ">"))
        if left == right { #expect(left.hashValue == right.hashValue) }
    }

    @Test(
        "is neither rounded nor capped",
        arguments: [
            ("0.9n", "1n"), ("1e-30", "2e-30"), ("8Ei", "9Ei"), ("9223372036854775807", "8Ei"), ("1e998", "1e999"), ("-1e999", "-1e998"),
            (String(repeating: "9", count: 127), String(repeating: "9", count: 128)), ("-1", "0"), ("0", "1e-999"), ("1e-999", "1e999")
        ])
    func exactness(smaller: String, larger: String) throws {
        #expect(try Quantity(smaller) < Quantity(larger))
        #expect(try Quantity(smaller) != Quantity(larger))
    }

    @Test("is positive, negative or zero")
    func sign() throws {
        for (text, sign) in [("1n", 1), ("-1n", -1), ("0", 0), ("-0", 0), ("+0.000Gi", 0), ("-0e3", 0), ("1e-999", 1)] {
            let quantity = try Quantity(text)
            #expect(quantity.isPositive == (sign > 0), "\(text)")
            #expect(quantity.isNegative == (sign < 0), "\(text)")
            #expect(quantity.isZero == (sign == 0), "\(text)")
        }
    }

    @Test("is made from a number of bytes")
    func bytes() throws {
        #expect(try Quantity(bytes: 1 << 30) == Quantity("1Gi"))
        #expect(try Quantity(bytes: .max) < Quantity("16Ei"))
        #expect(try Quantity(bytes: .max) == Quantity("18446744073709551615"))
        #expect(Quantity(bytes: 0).isZero)
        #expect(Quantity(bytes: 1024).description == "1024")
    }
}

/// Why a text is no quantity, and what its writer may have meant.
public struct QuantityError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Reason: Error, Equatable {
        case empty
        /// More than ``Quantity/maximumLength`` bytes.
        case tooLong
        /// An exponent beyond ``Quantity/maximumExponent``.
        case exponentOutOfRange
        case whiteSpace
        /// The text does not begin with a number.
        case malformed
        /// What follows the number is neither a unit nor an exponent.
        case unknownSuffix(String)
    }

    public let reason: Reason

    /// Quantities that are spelt nearly like the text.
    public let suggestions: [String]

    init(_ reason: Reason, in text: String) {
        self.reason = reason
        suggestions =
            switch reason {
            case .whiteSpace, .unknownSuffix: Self.suggestions(for: text)
            case .empty, .tooLong, .exponentOutOfRange, .malformed: []
            }
    }

    /// A text that does not repeat the quantity, to stand behind it: `not a quantity; did you mean "20G" or "20Gi"?`
    public var description: String {
        guard suggestions.isEmpty else {
            return "not a quantity; did you mean \(suggestions.map(FieldError.quoted).joined(separator: " or "))?"
        }
        return switch reason {
        case .empty: "is empty; a quantity is a number with a unit, such as 20Gi"
        case .tooLong: "a quantity may not be longer than \(Quantity.maximumLength) bytes"
        case .exponentOutOfRange: "the exponent of a quantity may not be beyond \(Quantity.maximumExponent)"
        case .whiteSpace: "a quantity may not contain white space"
        case .malformed: "not a quantity: must begin with a number, such as 20Gi"
        case .unknownSuffix(let suffix):
            "not a quantity: \(FieldError.quoted(suffix)) is no unit; use one of Ki, Mi, Gi, Ti, Pi, Ei, n, u, m, k, M, G, T, P, E"
        }
    }
}

// MARK: - Suggestions

extension QuantityError {
    private static func suggestions(for text: String) -> [String] {
        let joined = text.filter { !$0.isWhitespace }
        let number = QuantityParts.Number(joined)
        let meant = [number.rest] + suffixes(like: number.rest.lowercased())
        let candidates = meant.map { number.spelling + $0 }.filter { (try? QuantityParts($0)) != nil }
        // With the white space gone the text may be right as it is, and then nothing else is meant.
        return candidates.first == joined ? [joined] : candidates
    }

    private static func suffixes(like suffix: String) -> [String] {
        switch suffix {
        case "b", "byte", "bytes": return [""]
        case "µ", "μ", "u": return ["u"]
        case "n": return ["n"]
        case "k", "kb": return ["k", "Ki"]
        default:
            guard let letter = suffix.first, "kmgtpe".contains(letter) else { return [] }
            let binary = letter.uppercased() + "i"
            switch suffix.dropFirst() {
            case "", "b": return [letter.uppercased(), binary]
            case "i", "ib": return [binary]
            default: return []
            }
        }
    }
}

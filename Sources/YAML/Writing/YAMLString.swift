/// A string on its way into a YAML text.
struct YAMLString {
    private let text: String

    init(_ text: String) {
        self.text = text
    }

    /// The string in one line: without quotes where it reads as itself then.
    var onOneLine: String {
        if isPlain { return Self.resolvesToString(text) ? text : doubleQuoted }
        return isPrintableLine ? "'\(text.replacing("'", with: "''"))'" : doubleQuoted
    }

    /// A literal block: what stands behind the key, and the lines below it. Nil for a string of one line, and for one whose characters a block
    /// cannot show.
    var literalBlock: (header: String, lines: [Substring])? {
        let scalars = text.unicodeScalars
        guard scalars.contains("\n"), scalars.contains(where: { $0 != "\n" }) else { return nil }
        guard scalars.allSatisfy({ $0 == "\n" || Self.isPrintable($0) }) else { return nil }
        var lines = text.split(separator: "\n" as Character, omittingEmptySubsequences: false)
        // A space at the end of a line cannot be seen.
        guard lines.allSatisfy({ $0.unicodeScalars.last != " " }) else { return nil }
        let ends = scalars.reversed().prefix { $0 == "\n" }.count
        let chomping = ends == 0 ? "-" : ends == 1 ? "" : "+"
        // Without an indicator the first line that is not empty tells how far the block is indented.
        let needsIndicator = scalars.first == " " || scalars.first == "\n"
        if ends > 0 { lines.removeLast() }
        return ("|\(needsIndicator ? "2" : "")\(chomping)", lines)
    }

    // MARK: Quotes

    /// Whether the text can stand without quotes as far as the grammar goes.
    private var isPlain: Bool {
        guard let first = text.unicodeScalars.first, isPrintableLine else { return text.isEmpty }
        guard first != " ", text.unicodeScalars.last != " ", !text.hasPrefix("---"), !text.hasPrefix("...") else { return false }
        var previous: Unicode.Scalar?
        var pending: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            // These mean something only before a space or at the end.
            if scalar == " ", pending != nil { return false }
            pending = scalar == ":" || (previous == nil && (scalar == "-" || scalar == "?")) ? scalar : nil
            if scalar == "#", previous == " " || previous == nil { return false }
            if previous == nil, ",[]{}&*!|>'\"%@`".unicodeScalars.contains(scalar) { return false }
            previous = scalar
        }
        return pending == nil
    }

    private var isPrintableLine: Bool { text.unicodeScalars.allSatisfy(Self.isPrintable) }

    /// What YAML 1.1 lets stand as it is, but for line breaks and what cannot be seen.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E: true
        case 0xA0...0xFFFD, 0x10000...0x10FFFF:
            switch scalar.properties.generalCategory {
            case .format, .lineSeparator, .paragraphSeparator: false
            default: true
            }
        default: false
        }
    }

    var doubleQuoted: String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\":
                quoted += "\\"
                quoted.unicodeScalars.append(scalar)
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case _ where Self.isPrintable(scalar): quoted.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x100: quoted += "\\x" + Self.hexadecimal(scalar.value, digits: 2)
            case _ where scalar.value < 0x10000: quoted += "\\u" + Self.hexadecimal(scalar.value, digits: 4)
            default: quoted += "\\U" + Self.hexadecimal(scalar.value, digits: 8)
            }
        }
        return quoted + "\""
    }

    private static func hexadecimal(_ value: UInt32, digits: Int) -> String {
        let text = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }

    // MARK: Types

    /// Whether the text without quotes is a string to Kubernetes, and to the other readers of YAML 1.1, which know more types of it.
    private static func resolvesToString(_ text: String) -> Bool {
        guard case .string = YAMLScalar(plain: text), !YAMLNumber.isLikeNumber(text), text != "=", text != "<<" else { return false }
        return !isInBase60(text.utf8) && !isDate(text.utf8)
    }

    /// `1:30` was 90 once.
    private static func isInBase60(_ text: String.UTF8View) -> Bool {
        let digits = text.first.map { "+-".utf8.contains($0) } == true ? text.dropFirst() : text[...]
        guard digits.first?.isDigit == true, digits.contains(UInt8(ascii: ":")) else { return false }
        return digits.allSatisfy { $0.isDigit || ":._".utf8.contains($0) }
    }

    /// Whether the text begins as a date does: `2001-1-1`.
    private static func isDate(_ text: String.UTF8View) -> Bool {
        let parts = text.prefix { $0.isDigit || $0 == UInt8(ascii: "-") }.split(
            separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        return parts.count == 3 && parts[0].count == 4 && (1...2).contains(parts[1].count) && (1...2).contains(parts[2].count)
    }
}

/// Text of a user made fit for messages, headers and terminals.
public enum PrintableText {
    /// - Parameters:
    ///   - quotes: whether quotation marks and backslashes are escaped too.
    ///   - maximumLength: the Unicode scalars that are kept; `…` follows when there were more.
    public static func escaping(_ text: String, quotes: Bool, maximumLength: Int) -> String {
        var escaped = ""
        for (position, scalar) in text.unicodeScalars.enumerated() {
            guard position < maximumLength else { return escaped + "…" }
            if quotes, scalar == "\"" || scalar == "\\" {
                escaped += "\\"
                escaped.unicodeScalars.append(scalar)
            } else if isPrintable(scalar) {
                escaped.unicodeScalars.append(scalar)
            } else {
                escaped += escape(scalar)
            }
        }
        return escaped
    }

    /// At most so many Unicode scalars, ending in `…` when something was cut, and cut between characters as people see them.
    static func truncated(_ text: String, maximumLength: Int) -> String {
        guard text.unicodeScalars.dropFirst(maximumLength).first != nil else { return text }
        var kept = ""
        var length = 0
        for character in text {
            length += character.unicodeScalars.count
            guard length < maximumLength else { break }
            kept.append(character)
        }
        return kept + "…"
    }

    /// One line: line breaks and other control characters become spaces.
    static func singleLine(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isLineBreakingOrControl) else { return text }
        var line = ""
        for scalar in text.unicodeScalars { line.unicodeScalars.append(isLineBreakingOrControl(scalar) ? " " : scalar) }
        return line
    }

    /// As `unicode.IsPrint` of Go: letters, marks, numbers, punctuation, symbols and the ASCII space.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return (0x20..<0x7F).contains(scalar.value) }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator, .spaceSeparator: return false
        default: return true
        }
    }

    private static func isLineBreakingOrControl(_ scalar: Unicode.Scalar) -> Bool {
        // Nearly always; looking up the category takes much longer.
        if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7F }
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: return true
        default: return false
        }
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        switch scalar.value {
        case 0x07: return "\\a"
        case 0x08: return "\\b"
        case 0x09: return "\\t"
        case 0x0A: return "\\n"
        case 0x0B: return "\\v"
        case 0x0C: return "\\f"
        case 0x0D: return "\\r"
        case ..<0x80: return "\\x" + hexadecimal(scalar.value, digits: 2)
        case ..<0x10000: return "\\u" + hexadecimal(scalar.value, digits: 4)
        default: return "\\U" + hexadecimal(scalar.value, digits: 8)
        }
    }

    private static func hexadecimal(_ value: UInt32, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }
}

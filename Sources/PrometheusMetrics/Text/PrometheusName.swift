/// Makes names that the text format allows out of any text.
enum PrometheusName {
    /// A metric's name, `[a-zA-Z_:][a-zA-Z0-9_:]*`.
    static func metric(_ text: String) -> String {
        sanitized(text) { isLetterOrUnderscore($0) || $0 == UInt8(ascii: ":") }
    }

    /// A label's name, `[a-zA-Z_][a-zA-Z0-9_]*`. Names that begin with two underscores, `le` and `quantile` have meanings of their own.
    static func label(_ text: String) -> String {
        var name = sanitized(text, allowing: isLetterOrUnderscore)
        while name.hasPrefix("__") { name.removeFirst() }
        return name == "le" || name == "quantile" ? name + "_" : name
    }

    private static func sanitized(_ text: String, allowing isAllowedFirst: (UInt8) -> Bool) -> String {
        let underscore = UInt8(ascii: "_")
        var name: [UInt8] = text.unicodeScalars.map { scalar in
            guard let byte = UInt8(exactly: scalar.value) else { return underscore }
            return isAllowedFirst(byte) || isDigit(byte) ? byte : underscore
        }
        if name.first.map(isDigit) ?? true { name.insert(underscore, at: 0) }
        return String(decoding: name, as: UTF8.self)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isLetterOrUnderscore(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
    }
}

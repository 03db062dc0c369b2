/// How parts of paths, queries and forms are written (RFC 3986, section 2).
public enum PercentEncoding {
    /// Every byte but the unreserved ones is written in hexadecimal. `.` and `..` as a whole are too, since they would mean a step in the
    /// path.
    public static func escaped(_ text: String) -> String {
        let isStep = text == "." || text == ".."
        var escaped = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "~"):
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: ".") where !isStep: escaped.append(".")
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                escaped += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return escaped
    }

    /// The parts of a query or of an `application/x-www-form-urlencoded` body.
    public static func joined(_ fields: [(name: String, value: String)]) -> String {
        fields.map { "\(escaped($0.name))=\(escaped($0.value))" }.joined(separator: "&")
    }
}

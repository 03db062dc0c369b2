public import JSON

extension JSONValue {
    /// The value after a patch, applied as an API server does (RFC 6902): `add` needs the object that gets the member, `replace` the
    /// member itself.
    public func patched(by patch: JSONValue) throws -> JSONValue {
        var value = self
        for operation in patch.elements {
            let path = operation["path"]?.string ?? ""
            guard path.hasPrefix("/"), let addition = operation["value"] else { throw PatchMismatch(path: path) }
            let names = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map { token in
                String(token).replacing("~1", with: "/").replacing("~0", with: "~")
            }
            guard value[path: Array(names.dropLast())]?.kind == .object else { throw PatchMismatch(path: path) }
            switch operation["op"]?.string {
            case "add": break
            case "replace" where value[path: names] != nil: break
            default: throw PatchMismatch(path: path)
            }
            value = try JSONDocument(parsing: value.setting(.verbatim(addition), at: names).text).root
        }
        return value
    }
}

/// Base 64 as RFC 4648 (section 4) has it, read strictly.
public enum Base64Text {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The bytes of a text; nil when it is not base 64 with padding.
    public static func decoded(_ text: String) -> [UInt8]? {
        let digits = text.utf8.prefix { $0 != UInt8(ascii: "=") }
        let padding = text.utf8.count - digits.count
        guard text.utf8.count.isMultiple(of: 4), padding <= 2, text.utf8.suffix(padding).allSatisfy({ $0 == UInt8(ascii: "=") }) else {
            return nil
        }
        var bytes: [UInt8] = []
        var (bits, count): (UInt32, UInt32) = (0, 0)
        for digit in digits {
            guard let value = alphabet.firstIndex(of: digit) else { return nil }
            (bits, count) = (bits << 6 | UInt32(value), count + 6)
            guard count >= 8 else { continue }
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> count))
            bits &= (1 << count) - 1
        }
        return bits == 0 ? bytes : nil
    }
}

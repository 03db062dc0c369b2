import HTTPCalls
import JSON

/// Makes texts of others fit to be shown: without the secrets of the call, on one line, not too long.
struct Redaction: Sendable {
    /// Of a message, in characters.
    static let messageLimit = 512
    private static let codeLimit = 128
    /// So many bytes of a text are looked at, blanks included.
    private static let workLimit = 16 << 10
    private static let blank = Array("[secret]".utf8)

    /// Longer ones first: one may hold another.
    private let spellings: [[UInt8]]

    init(_ secrets: [Secret]) {
        spellings = Set(secrets.flatMap { Self.spellings(of: $0.value) }).filter { !$0.isEmpty }.sorted { $0.count > $1.count }
    }

    func message(_ text: String) -> String { shown(text, Self.messageLimit) }
    func code(_ text: String) -> String { shown(text, Self.codeLimit) }

    private func shown(_ text: String, _ limit: Int) -> String {
        var bytes = Array(text.utf8)
        // Before anything else, so that no part of a secret is left.
        for spelling in spellings { bytes.replace(spelling, with: Self.blank) }
        var line = String.UnicodeScalarView()
        for scalar in String(decoding: bytes.prefix(Self.workLimit), as: UTF8.self).unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .spaceSeparator:
                if line.last.map({ $0 != " " }) ?? false { line.append(" ") }
            // They can turn around or hide what stands beside them.
            case .format, .surrogate, .unassigned, .privateUse: break
            default: line.append(scalar)
            }
        }
        let whole = String(line)
        let cut = whole.count > limit ? "\(whole.prefix(limit - 1))…" : whole
        return cut.last == " " ? String(cut.dropLast()) : cut
    }

    /// As it is, and as a form or JSON has it.
    private static func spellings(of secret: String) -> [[UInt8]] {
        var writer = JSONWriter(capacity: 64)
        writer.string(secret)
        return [Array(secret.utf8), Array(PercentEncoding.escaped(secret).utf8), Array(writer.text.utf8.dropFirst().dropLast())]
    }
}

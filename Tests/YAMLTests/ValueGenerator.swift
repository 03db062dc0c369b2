import JSON
import TestSupport

/// Makes JSON values whose strings are as unfriendly to YAML as can be.
struct ValueGenerator {
    private var random: SeededGenerator

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    mutating func value(depth: Int = 0) -> String {
        switch Int.random(in: 0..<(depth < 5 ? 9 : 5), using: &random) {
        case 0: return random.pick(["null", "true", "false"])
        case 1: return random.pick(["0", "-7", "9223372036854775807", "1.5", "1000000", "0.001", "-2.5", "12345678901234567"])
        case 2, 3, 4: return JSONTree.string(string()).text
        case 5, 6:
            let count = Int.random(in: 0..<4, using: &random)
            return "[\((0..<count).map { _ in value(depth: depth + 1) }.joined(separator: ","))]"
        default:
            var names: [String] = []
            for _ in 0..<Int.random(in: 0..<5, using: &random) {
                let name = random.oneIn(200) ? String(repeating: string(), count: 300) : string()
                if !names.contains(name) { names.append(name) }
            }
            return "{\(names.map { "\(JSONTree.string($0).text):\(value(depth: depth + 1))" }.joined(separator: ","))}"
        }
    }

    /// Pieces that mean something in YAML, put together at random.
    private mutating func string() -> String {
        if random.oneIn(3) { return random.pick(Self.words) + (random.oneIn(4) ? random.pick(Self.pieces) + random.pick(Self.pieces) : "") }
        return (0..<Int.random(in: 0..<6, using: &random)).map { _ in random.pick(Self.pieces) }.joined()
    }

    private static let words = [
        "yes", "no", "on", "OFF", "y", "n", "true", "Null", "~", "", "12", "012", "0o17", "0x1F", "0b11", "1_000", "1e3", "1.5", ".5", "1.",
        ".inf", "-.INF", ".NaN", "1:30", "1:30.5", "190:20:30", "2001-01-01", "2001-1-1 10:00:00", "2001-12-14t21:59:43.10-05:00", "=",
        "<<",
        "---", "...", "--- a", "...a", "-", "?", ":", "0b_", "0x_", ".5_", "_", "0_", "+", "+1", "-0", "0.0", "1e", "- a", "? b", ": c",
        "a: b", "a #b"
    ]

    private static let pieces = [
        "a", "b", "1", "0", " ", "  ", "\n", "\n\n", "\t", "\r", "-", ":", ": ", "#", " #", "?", ",", "[", "]", "{", "}", "&", "*", "!",
        "|", ">", "'",
        "\"", "%", "@", "`", "\\", "=", "<", "~", ".", "_", "é", "e\u{301}", "😀", "\u{85}", "\u{A0}", "\u{2028}", "\u{2029}", "\u{FEFF}",
        "\u{0}",
        "\u{1B}", "\u{7F}", "\u{FFFD}", "\u{200B}"
    ]
}

/// A name of a host or of a service, absolute and in lower case.
///
/// Only what every name server takes is one: labels of letters, digits and hyphens, which do not begin or end with a hyphen, and a single underscore
/// in front where a service or a protocol is named. Nothing in it needs escapes in a zone file.
struct DNSName: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// From the host to the root.
    let labels: [String]

    /// Nil when it is none.
    init?(_ labels: [String]) {
        let labels = labels.map { $0.lowercased() }
        // Each label with its dot or length, and the root.
        guard !labels.isEmpty, labels.allSatisfy(Self.isLabel), labels.reduce(1, { $0 + $1.utf8.count + 1 }) <= 255 else { return nil }
        self.labels = labels
    }

    /// Reads a name, which may have a dot at its end.
    init?(_ text: String) {
        let text = text.hasSuffix(".") ? text.dropLast() : text[...]
        self.init(text.split(separator: ".", omittingEmptySubsequences: false).map(String.init))
    }

    /// A name below this one.
    func prefixed(by labels: String...) -> DNSName? { DNSName(labels + self.labels) }

    func isBelow(_ other: DNSName) -> Bool {
        labels.count > other.labels.count && labels.suffix(other.labels.count).elementsEqual(other.labels)
    }

    /// Whether a host can have it: none of its labels begins with an underscore.
    var isHostName: Bool { !labels.contains { $0.hasPrefix("_") } }

    /// With a dot at its end.
    var description: String { labels.joined(separator: ".") + "." }

    /// Names below a name come after it.
    static func < (first: DNSName, second: DNSName) -> Bool {
        first.labels.reversed().lexicographicallyPrecedes(second.labels.reversed())
    }

    private static func isLabel(_ label: String) -> Bool {
        let bytes = (label.hasPrefix("_") ? label.dropFirst() : label[...]).utf8
        guard let first = bytes.first, let last = bytes.last, label.utf8.count <= 63 else { return false }
        return isLetterOrDigit(first) && isLetterOrDigit(last) && bytes.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

/// A release series of MySQL, `major.minor`.
struct MySQLSeries: Equatable {
    let major: Int
    let minor: Int

    /// The series that are upgraded one after the other. Of 9 each minor is a series, and they are one step.
    private static let steps = [(5, 6), (5, 7), (8, 0), (8, 4)]
    private static let latestMajor = 9
    /// The series of the latest major that are released: 9.7, of April 2026, has long-term support, as 8.4 has until April 2032.
    private static let released = 0...7
    private static let names = steps.map { "\($0.0).\($0.1)" }

    /// What a list of the known series reads like.
    static let list = "\"5.6\", \"5.7\", \"8.0\", \"8.4\", \"9.0\" to \"9.7\""

    /// What Azure offers.
    static let onAzure = ["5.7", "8.0", "8.4"]

    /// Nil for what is not two numbers, and for a series that is not known.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ (1...3).contains($0.utf8.count) && $0.utf8.allSatisfy(\.isDigit) }),
            let major = Int(parts[0]), let minor = Int(parts[1]), "\(major).\(minor)" == text
        else { return nil }
        self.major = major
        self.minor = minor
        guard step != nil, major != Self.latestMajor || Self.released.contains(minor) else { return nil }
    }

    /// The series of what a server says of itself, as `8.4.2`.
    init?(ofServer version: String) {
        self.init(version.split(separator: ".").prefix(2).joined(separator: "."))
    }

    /// The place in the order of upgrades.
    private var step: Int? {
        major == Self.latestMajor ? Self.steps.count : Self.steps.firstIndex { $0 == (major, minor) }
    }

    /// No longer mended by its makers: 5.6 since February 2021, 5.7 since October 2023, 8.0 since April 2026.
    var isEndOfLife: Bool { (step ?? 0) <= 2 }

    enum Transition: Equatable {
        case allowed
        case downgrade
        /// The series that has to come first.
        case skips(String)
    }

    func transition(to next: MySQLSeries) -> Transition {
        guard let from = step, let to = next.step else { return .allowed }
        if to < from || (to == from && next.minor < minor) { return .downgrade }
        return to > from + 1 ? .skips(Self.names[from + 1]) : .allowed
    }

    /// The series that a full version belongs to, such as 8.4 for `8.4.2`, or that a lone major most likely means.
    static func meant(by text: String) -> String? {
        let digits = text.drop { $0 == "v" || $0 == "V" }
        let parts = digits.split(separator: ".")
        if parts.count > 2, let series = MySQLSeries(parts.prefix(2).joined(separator: ".")) { return "\(series.major).\(series.minor)" }
        if parts.count == 2, digits.count < text.count, MySQLSeries(String(digits)) != nil { return String(digits) }
        if parts.count == 1 { return names.last { $0.hasPrefix("\(digits).") } }
        return nil
    }
}

import Glibc

/// A zone as a file, which a name server reads.
struct ZoneFile: Sendable {
    let path: String

    /// Writes a zone if it says something else than the file.
    ///
    /// - Parameter time: Seconds since 1970. Serial numbers follow it, and grow in any case.
    /// - Returns: Whether it was written.
    /// - Throws: `Errno`.
    func write(_ zone: Zone, time: Int64) throws -> Bool {
        let known = TextFile.exists(path) ? try TextFile.read(path) : ""
        guard let text = Self.next(zone, after: known, time: time) else { return false }
        try TextFile.replace(path, with: text)
        return true
    }

    /// The text to write; nil when the file says the same.
    static func next(_ zone: Zone, after known: String, time: Int64) -> String? {
        guard let serial = serial(in: known) else { return zone.text(serial: UInt32(truncatingIfNeeded: time)) }
        guard zone.text(serial: serial) != known else { return nil }
        return zone.text(serial: max(serial &+ 1, UInt32(truncatingIfNeeded: time)))
    }

    /// The serial number in the text of a zone.
    static func serial(in text: String) -> UInt32? {
        let fields = text.split(separator: "\n").dropFirst().first?.split(separator: " ") ?? []
        return fields.count > 6 && fields[3] == "SOA" ? UInt32(fields[6]) : nil
    }
}

/// The process that serves the zones.
struct NameServer: Sendable {
    /// Holds its process id; nil when nobody is to be told.
    let processIDFile: String?

    enum Notice: Equatable {
        case given
        /// It does not run. It reads the zones when it starts.
        case noProcess
    }

    /// Has it read the zones again.
    func reload() -> Notice {
        guard let processIDFile, let text = try? TextFile.read(processIDFile),
            let process = pid_t(text.prefix { !$0.isWhitespace }), process > 1,
            // The number may be another process's by now.
            (try? TextFile.read("/proc/\(process)/comm"))?.hasPrefix("named") == true, kill(process, SIGHUP) == 0
        else { return .noProcess }
        return .given
    }
}

import Glibc

/// A moment of the wall clock, as objects of Kubernetes tell it (metav1.Time, metav1.MicroTime: RFC 3339 in UTC).
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Since 1970-01-01T00:00:00Z.
    public let seconds: Int64
    /// 0 to 999,999.
    public let microseconds: Int64

    /// The years that RFC 3339 can write.
    private static let range = Int64(-62_135_596_800)...253_402_300_799

    /// - Parameters:
    ///   - seconds: Since 1970-01-01T00:00:00Z; what RFC 3339 cannot write becomes the nearest that it can.
    ///   - microseconds: 0 to 999,999; others become the nearest of these.
    public init(seconds: Int64, microseconds: Int64 = 0) {
        self.seconds = min(max(seconds, Self.range.lowerBound), Self.range.upperBound)
        self.microseconds = min(max(microseconds, 0), 999_999)
    }

    /// The time by the machine's clock.
    public static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(seconds: Int64(time.tv_sec), microseconds: Int64(time.tv_nsec) / 1000)
    }

    /// Whole seconds, as metav1.Time writes it: `2026-01-31T12:00:00Z`.
    public var text: String { "\(wholeSeconds)Z" }

    /// With microseconds, as metav1.MicroTime writes it: `2026-01-31T12:00:00.000001Z`.
    public var microText: String { "\(wholeSeconds).\(Self.padded(microseconds, 6))Z" }

    private var wholeSeconds: String {
        var time = time_t(seconds)
        var broken = tm()
        gmtime_r(&time, &broken)
        let date = [
            Self.padded(Int64(broken.tm_year) + 1900, 4), Self.padded(Int64(broken.tm_mon) + 1, 2), Self.padded(Int64(broken.tm_mday), 2)
        ]
        let clock = [broken.tm_hour, broken.tm_min, broken.tm_sec].map { Self.padded(Int64($0), 2) }
        return "\(date.joined(separator: "-"))T\(clock.joined(separator: ":"))"
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    public static func < (first: Timestamp, second: Timestamp) -> Bool {
        (first.seconds, first.microseconds) < (second.seconds, second.microseconds)
    }
}

extension Timestamp {
    /// Reads a time as RFC 3339 writes it, with any offset and any fraction; what is finer than a microsecond is cut off.
    public init?(_ text: String) {
        var rest = Substring(text)
        guard let year = rest.number(4), rest.skip("-"), let month = rest.number(2), rest.skip("-"), let day = rest.number(2),
            rest.skip("T") || rest.skip("t"), let hour = rest.number(2), rest.skip(":"), let minute = rest.number(2), rest.skip(":"),
            let second = rest.number(2), (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
        else { return nil }
        var fraction: Substring = ""
        if rest.skip(".") {
            fraction = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(fraction.count)
            guard !fraction.isEmpty else { return nil }
        }
        let micro = Int64((fraction.prefix(6) + "000000").prefix(6))
        guard let micro, let offset = rest.offset() else { return nil }
        var broken = tm()
        (broken.tm_year, broken.tm_mon, broken.tm_mday) = (Int32(year - 1900), Int32(month - 1), Int32(day))
        (broken.tm_hour, broken.tm_min, broken.tm_sec) = (Int32(hour), Int32(minute), Int32(second))
        self.init(seconds: Int64(timegm(&broken)) - offset, microseconds: micro)
    }
}

extension Substring {
    /// Takes a number of just so many digits.
    fileprivate mutating func number(_ digits: Int) -> Int64? {
        let text = prefix(digits)
        guard text.count == digits, text.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        self = dropFirst(digits)
        return Int64(text)
    }

    fileprivate mutating func skip(_ character: Character) -> Bool {
        guard first == character else { return false }
        self = dropFirst()
        return true
    }

    /// The whole rest as an offset from UTC, in seconds.
    fileprivate func offset() -> Int64? {
        var rest = self
        if rest.skip("Z") || rest.skip("z") { return rest.isEmpty ? 0 : nil }
        let isEast = rest.skip("+")
        guard isEast || rest.skip("-"), let hours = rest.number(2), rest.skip(":"), let minutes = rest.number(2), rest.isEmpty,
            hours < 24, minutes < 60
        else { return nil }
        return (isEast ? 1 : -1) * (hours * 3600 + minutes * 60)
    }
}

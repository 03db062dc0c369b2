import Glibc

/// The header field `Retry-After` (RFC 9110, section 10.2.3).
public enum RetryAfter {
    /// Nobody is believed who wants to be left alone for longer.
    private static let longest: Int64 = 24 * 60 * 60

    /// The wall clock, in seconds since 1970-01-01T00:00:00Z.
    public static var now: Int64 { Int64(time(nil)) }

    /// - Parameters:
    ///   - text: A number of seconds, or a date as RFC 9110 (section 5.6.7) has it written.
    ///   - now: In seconds since 1970-01-01T00:00:00Z.
    /// - Returns: Nil when it is neither; never less than zero, never more than a day.
    public static func pause(_ text: String, now: Int64 = RetryAfter.now) -> Duration? {
        let isNumber = !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        // A number of seconds that no integer holds is still a number.
        if isNumber { return .seconds(min(Int64(text) ?? longest, longest)) }
        return seconds(ofDate: text).map { .seconds(min(max($0 - now, 0), longest)) }
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// Reads such as `Sun, 06 Nov 1994 08:49:37 GMT`; the obsolete forms are nowhere in use.
    private static func seconds(ofDate text: String) -> Int64? {
        let parts = text.split(separator: " ").map(String.init)
        guard parts.count == 6, parts[5] == "GMT", let day = Int32(parts[1]), (1...31).contains(day),
            let month = months.firstIndex(of: parts[2]), let year = Int32(parts[3]), (1970...9999).contains(year)
        else { return nil }
        let clock = parts[4].split(separator: ":").compactMap { Int32($0) }
        guard clock.count == 3, (0...23).contains(clock[0]), (0...59).contains(clock[1]), (0...60).contains(clock[2]) else { return nil }
        var broken = tm()
        (broken.tm_year, broken.tm_mon, broken.tm_mday) = (year - 1900, Int32(month), day)
        (broken.tm_hour, broken.tm_min, broken.tm_sec) = (clock[0], clock[1], clock[2])
        return Int64(timegm(&broken))
    }
}

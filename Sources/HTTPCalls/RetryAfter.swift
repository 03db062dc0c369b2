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
        guard parts.count == 6, parts[5] == "GMT", let day = Int64(parts[1]), (1...31).contains(day),
            let month = months.firstIndex(of: parts[2]), let year = Int64(parts[3]), (1970...9999).contains(year)
        else { return nil }
        let clock = parts[4].split(separator: ":").compactMap { Int64($0) }
        guard clock.count == 3, (0...23).contains(clock[0]), (0...59).contains(clock[1]), (0...60).contains(clock[2]) else { return nil }
        return days(year: year, month: Int64(month) + 1, day: day) * 86_400 + clock[0] * 3600 + clock[1] * 60 + clock[2]
    }

    /// Days since 1970-01-01. Years are counted from March, so that the leap day is the last of its year.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month > 2 ? year : year - 1
        let sinceMarch = (month + 9) % 12
        return 365 * year + year / 4 - year / 100 + year / 400 + (153 * sinceMarch + 2) / 5 + day - 1 - 719_468
    }
}

import COpenSSL
import Glibc

/// Times are seconds since 1970-01-01T00:00:00Z.
enum Timestamp {
    /// The time of a certificate's field, nil when the field is malformed.
    static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64? {
        guard let time else { return nil }
        var broken = tm()
        guard ASN1_TIME_to_tm(time, &broken) == 1 else { return nil }
        return Int64(timegm(&broken))
    }

    /// The time in UTC as RFC 3339 writes it.
    static func text(_ seconds: Int64) -> String {
        var seconds = time_t(seconds)
        var broken = tm()
        guard gmtime_r(&seconds, &broken) != nil else { return "\(seconds) seconds after 1970" }
        let date = [padded(Int64(broken.tm_year) + 1900, 4), padded(broken.tm_mon + 1, 2), padded(broken.tm_mday, 2)]
        let clock = [padded(broken.tm_hour, 2), padded(broken.tm_min, 2), padded(broken.tm_sec, 2)]
        return "\(date.joined(separator: "-"))T\(clock.joined(separator: ":"))Z"
    }

    private static func padded(_ number: some BinaryInteger, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

/// The period a new certificate is valid in, in seconds since 1970-01-01T00:00:00Z.
public struct CertificateValidity: Hashable, Sendable {
    public let notBefore: Int64
    public let notAfter: Int64

    /// The certificate is valid some minutes before it is made, for clients whose clock is behind.
    public static let backdating: Int64 = 5 * 60
    private static let secondsPerDay: Int64 = 24 * 60 * 60
    /// A hundred years, in days.
    private static let longest = 36_500
    /// 9999-12-31T23:59:59Z, the last time an X.509 certificate can express (RFC 5280, section 4.1.2.5).
    private static let endOfTime: Int64 = 253_402_300_799

    /// - Parameters:
    ///   - now: Seconds since 1970-01-01T00:00:00Z.
    ///   - days: From 1 to 36,500.
    /// - Throws: `CertificateError.Code.invalidValidity`.
    public init(days: Int, from now: Int64) throws(CertificateError) {
        guard (1...Self.longest).contains(days) else {
            throw CertificateError(.invalidValidity, "a certificate is valid for 1 to \(Self.longest) days, not \(days)")
        }
        try self.init(seconds: Int64(days) * Self.secondsPerDay, from: now)
    }

    /// - Parameters:
    ///   - seconds: From 1 to a hundred years.
    ///   - now: Seconds since 1970-01-01T00:00:00Z.
    /// - Throws: `CertificateError.Code.invalidValidity`.
    public init(seconds: Int64, from now: Int64) throws(CertificateError) {
        let (end, overflows) = now.addingReportingOverflow(seconds)
        guard (1...Int64(Self.longest) * Self.secondsPerDay).contains(seconds), now >= Self.backdating, !overflows, end <= Self.endOfTime
        else {
            throw CertificateError(.invalidValidity, "a certificate cannot be valid for \(seconds) seconds from this clock's time on")
        }
        notBefore = now - Self.backdating
        notAfter = end
    }
}

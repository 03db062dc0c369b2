/// What probes have shown so far, and what follows from it. No I/O and no clock.
struct ProbeHistory {
    private var lastSuccess: ContinuousClock.Instant?
    private var failure: String?

    var isFailing: Bool { failure != nil }
    var hasSucceeded: Bool { lastSuccess != nil }

    mutating func succeed(at now: ContinuousClock.Instant) {
        lastSuccess = now
        failure = nil
    }

    mutating func fail(_ reason: String) {
        failure = reason
    }

    /// Why the listener does not count as ready, nil when it does.
    /// - Parameter limit: How old the last success may be.
    func fault(at now: ContinuousClock.Instant, limit: Duration) -> String? {
        if let failure { return "a TLS handshake with ourselves failed: \(failure)" }
        guard let lastSuccess else { return "no TLS handshake with ourselves yet" }
        let age = lastSuccess.duration(to: now)
        guard age <= limit else { return "the last TLS handshake with ourselves was \(age.components.seconds) s ago" }
        return nil
    }
}

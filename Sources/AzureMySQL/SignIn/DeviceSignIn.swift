import HTTPCalls

/// What the authority has a human do.
struct DeviceCode: Sendable {
    let deviceCode: Secret
    let userCode: String
    let url: String
    /// Between two questions.
    let interval: Duration
    let life: Duration
}

/// A human signs in at another device, while we ask now and then whether it is done (RFC 8628). No I/O, and no clock of its own.
struct DeviceSignIn {
    /// RFC 8628, section 3.5.
    private static let slowDown = Duration.seconds(5)
    private static let longestInterval = Duration.seconds(60)

    enum Step {
        /// Somebody has signed in before.
        case refresh(Secret)
        /// A code is to be asked for.
        case begin
        case poll(DeviceCode)
        case wait(DeviceCode, Duration)
    }

    /// What a question whether it is done was answered with.
    enum Outcome {
        case pending
        case slowDown
        /// Nothing is known of it.
        case unanswered
        /// The code is of no use any more, whatever the reason.
        case over
    }

    private struct Attempt {
        let code: DeviceCode
        let end: ContinuousClock.Instant
        var interval: Duration
        var pollAt: ContinuousClock.Instant
    }

    private var attempt: Attempt?
    private var refreshToken: Secret?

    func step(at now: ContinuousClock.Instant) -> Step {
        if let refreshToken { return .refresh(refreshToken) }
        guard let attempt, now < attempt.end else { return .begin }
        return now < attempt.pollAt ? .wait(attempt.code, now.duration(to: attempt.pollAt)) : .poll(attempt.code)
    }

    mutating func begin(_ code: DeviceCode, at now: ContinuousClock.Instant) {
        attempt = Attempt(code: code, end: now + code.life, interval: code.interval, pollAt: now + code.interval)
    }

    mutating func poll(_ outcome: Outcome, at now: ContinuousClock.Instant) {
        guard var attempt else { return }
        switch outcome {
        case .pending: break
        case .slowDown: attempt.interval = min(attempt.interval + Self.slowDown, Self.longestInterval)
        case .unanswered: attempt.interval = min(attempt.interval * 2, Self.longestInterval)
        case .over:
            self.attempt = nil
            return
        }
        attempt.pollAt = now + attempt.interval
        self.attempt = attempt
    }

    /// There is a token.
    ///
    /// - Parameter refreshToken: Nil when the one that there is stays.
    mutating func finish(_ refreshToken: Secret?) {
        attempt = nil
        if let refreshToken { self.refreshToken = refreshToken }
    }

    /// The authority does not take the refresh token any more.
    mutating func forget() {
        refreshToken = nil
    }
}

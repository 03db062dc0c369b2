import HTTPCalls

/// A token that was given to us.
struct AccessToken: Sendable, Equatable {
    let value: Secret
    /// How long it counts, from when it was asked for.
    let life: Duration
}

/// The token of one account: which is used, and when it is time for another. No I/O, and no clock of its own.
struct TokenState {
    /// So long before its end a token is renewed, or for the last fifth of its life when that is shorter.
    private static let renewalMargin = Duration.seconds(300)
    /// So long before its end a token is no longer used, or for the last tenth of its life when that is shorter: it has to count still when
    /// the request arrives, by a clock of others.
    private static let useMargin = Duration.seconds(10)
    /// For how long a failure counts for everybody who asks, unless it says so itself.
    private static let failurePause = Duration.seconds(10)
    /// A token that was refused although it is new is not replaced again for this long.
    private static let refusalPause = Duration.seconds(10)

    enum Step {
        case use(Secret)
        /// It counts still, and another is to be asked for meanwhile.
        case useAndRenew(Secret)
        case renew
        case refuse(AzureError)
    }

    private struct Kept {
        let value: Secret
        var renewAt: ContinuousClock.Instant
        let end: ContinuousClock.Instant
    }

    private struct Failure {
        let error: AzureError
        let end: ContinuousClock.Instant
    }

    private var kept: Kept?
    private var failure: Failure?
    private var refusedAt: ContinuousClock.Instant?

    func step(at now: ContinuousClock.Instant) -> Step {
        let failure = failure.flatMap { now < $0.end ? $0 : nil }
        if let kept, now < kept.end { return now < kept.renewAt || failure != nil ? .use(kept.value) : .useAndRenew(kept.value) }
        guard let failure else { return .renew }
        return .refuse(AzureError(failure.error.cause, call: failure.error.call, retryAfter: now.duration(to: failure.end)))
    }

    /// - Parameter asked: When the token was asked for.
    mutating func take(_ token: AccessToken, asked: ContinuousClock.Instant) {
        kept = Kept(
            value: token.value, renewAt: asked + token.life - min(Self.renewalMargin, token.life / 5),
            end: asked + token.life - min(Self.useMargin, token.life / 10))
        failure = nil
    }

    /// Nobody could sign in. What an authority has answered is remembered, so that a wrong secret does not have it asked again and again; that
    /// it was not reached, or that a human is waited for, only puts off the renewal of a token that counts still.
    mutating func fail(_ error: AzureError, at now: ContinuousClock.Instant) {
        switch error.cause {
        case .signIn, .throttled, .status, .malformedAnswer:
            failure = Failure(error: error, end: now + (error.retryAfter ?? Self.failurePause))
        case .signInPending, .transport, .timeout, .cancelled:
            failure = nil
            if let renewAt = kept?.renewAt { kept?.renewAt = max(renewAt, now + Self.failurePause) }
        }
    }

    /// Azure has refused a token.
    ///
    /// - Returns: Whether it is worth to ask for another.
    mutating func refuse(_ token: Secret, at now: ContinuousClock.Instant) -> Bool {
        // Somebody else was quicker.
        guard let kept, kept.value == token else { return true }
        if let refusedAt, now < refusedAt + Self.refusalPause { return false }
        refusedAt = now
        self.kept = nil
        return true
    }

    /// Azure has taken the token that replaced a refused one.
    mutating func accept() {
        refusedAt = nil
    }
}

import HTTPCalls

/// Whether and when to send a request again. No I/O, and no time.
struct RetryPolicy: Sendable {
    enum Failure: Sendable, Equatable {
        case status(Int, retryAfter: Duration?)
        case transport
    }

    /// How often a request is sent at most.
    var attempts = 10
    /// A connection that was kept may have been closed just when we wrote into it, and so may the next; more than that is an outage, about
    /// which the caller knows better.
    var transportAttempts = 3
    var firstPause = Duration.milliseconds(100)
    var longestPause = Duration.seconds(5)

    /// - Parameters:
    ///   - attempt: How often the request has been sent.
    ///   - jitter: From 0 to 1.
    /// - Returns: How long to wait before the request is sent again; nil when it is not to be.
    func pause(after attempt: Int, _ failure: Failure, isRead: Bool, jitter: Double) -> Duration? {
        switch failure {
        case .status(429, let retryAfter?), .status(503, let retryAfter?):
            // The API server has not begun with the request when it says so. Some later, so that not all come back at once.
            return attempt < attempts ? retryAfter + .milliseconds(200) * jitter : nil
        case .status(429, nil): return attempt < attempts ? backoff(attempt, jitter) : nil
        case .status(503, nil): return isRead && attempt < attempts ? backoff(attempt, jitter) : nil
        case .transport: return isRead && attempt < transportAttempts ? backoff(attempt, jitter) : nil
        case .status: return nil
        }
    }

    private func backoff(_ attempt: Int, _ jitter: Double) -> Duration {
        Backoff(first: firstPause, longest: longestPause).pause(after: attempt, jitter: jitter)
    }
}

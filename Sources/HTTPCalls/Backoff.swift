/// Pauses that double with each failure, shortened by chance by up to a half so that many who failed together do not come back together.
public struct Backoff: Sendable {
    public let first: Duration
    public let longest: Duration

    public init(first: Duration, longest: Duration) {
        self.first = first
        self.longest = longest
    }

    /// - Parameters:
    ///   - failures: How often it has failed in a row, at least 1.
    ///   - jitter: From 0 to 1.
    public func pause(after failures: Int, jitter: Double) -> Duration {
        var pause = first
        var failures = failures
        while failures > 1, pause < longest {
            pause *= 2
            failures -= 1
        }
        return min(pause, longest) * (0.5 + 0.5 * min(max(jitter, 0), 1))
    }
}

/// Pauses that double with each failure, shortened by chance by up to a half so that many who failed together do not come back together.
struct Backoff: Sendable {
    let first: Duration
    let longest: Duration

    /// - Parameters:
    ///   - failures: How often it has failed in a row, at least 1.
    ///   - jitter: From 0 to 1.
    func pause(after failures: Int, jitter: Double) -> Duration {
        var pause = first
        var failures = failures
        while failures > 1, pause < longest {
            pause *= 2
            failures -= 1
        }
        return min(pause, longest) * (0.5 + 0.5 * min(max(jitter, 0), 1))
    }
}

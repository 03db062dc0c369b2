struct TimedOut: Error, CustomStringConvertible {
    let description: String
}

/// Waits until a condition holds.
/// - Throws: `TimedOut`.
func poll(_ what: String, for limit: Duration = .seconds(20), _ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw TimedOut(description: "waited \(limit) in vain until \(what)") }
        try await Task.sleep(for: .milliseconds(5))
    }
}

struct TimedOut: Error, CustomStringConvertible {
    let description: String
}

/// Waits until a condition holds.
///
/// - Throws: `TimedOut`, or what the condition throws.
func poll(
    _ what: String, for limit: Duration = .seconds(20), every interval: Duration = .milliseconds(20), _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw TimedOut(description: "waited \(limit) in vain until \(what)") }
        try await Task.sleep(for: interval)
    }
}

/// Runs the body, and what has to be done after it whether or not it throws.
func withCleanup<Result>(_ cleanup: () async -> Void, _ body: () async throws -> Result) async throws -> Result {
    do {
        let result = try await body()
        await cleanup()
        return result
    } catch {
        await cleanup()
        throw error
    }
}

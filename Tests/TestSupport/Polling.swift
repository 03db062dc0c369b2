/// Waited for in vain.
public struct TimedOut: Error, CustomStringConvertible {
    public let description: String

    public init(description: String) {
        self.description = description
    }
}

/// Waits until a condition holds.
///
/// - Throws: `TimedOut`, or what the condition throws.
public func poll(
    _ what: String, for limit: Duration = .seconds(20), every interval: Duration = .milliseconds(5), _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw TimedOut(description: "waited \(limit) in vain until \(what)") }
        try await Task.sleep(for: interval)
    }
}

/// The time for something was over before it was done.
public struct DeadlineExceeded: Error {}

/// Does something that ends at a deadline at the latest, all of it included.
///
/// The operation is cancelled at the deadline, and must then return soon.
/// - Throws: `DeadlineExceeded`, or what the operation throws.
public func withDeadline<Result: Sendable>(
    _ deadline: ContinuousClock.Instant, _ operation: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask { try await operation() }
        group.addTask {
            try await Task.sleep(until: deadline, clock: .continuous)
            return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next(), let result = first else { throw DeadlineExceeded() }
        return result
    }
}

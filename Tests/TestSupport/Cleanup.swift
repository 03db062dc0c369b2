/// Runs the body, and what has to be done after it whether or not it throws.
public func withCleanup<Result>(_ cleanup: () async -> Void, _ body: () async throws -> Result) async throws -> Result {
    do {
        let result = try await body()
        await cleanup()
        return result
    } catch {
        await cleanup()
        throw error
    }
}

/// Runs something as long as the body. It is cancelled then, and waited for.
public func running<Result>(_ service: @escaping @Sendable () async -> Void, _ body: () async throws -> Result) async throws -> Result {
    let task = Task { await service() }
    return try await withCleanup({
        task.cancel()
        await task.value
    }) { try await body() }
}

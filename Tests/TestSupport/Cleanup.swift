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

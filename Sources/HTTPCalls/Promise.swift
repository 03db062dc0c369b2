import NIOConcurrencyHelpers

/// A value that is there later, once and for all who wait for it.
public final class Promise<Value: Sendable>: Sendable {
    private struct State {
        var value: Value?
        var nextWaiter: UInt64 = 0
        var waiters: [UInt64: CheckedContinuation<Value, any Error>] = [:]
    }

    private let state = NIOLockedValueBox(State())

    public init() {}

    public var value: Value? { state.withLockedValue { $0.value } }

    /// The first value counts.
    public func fulfil(_ value: Value) {
        let waiters = state.withLockedValue { state in
            guard state.value == nil else { return [UInt64: CheckedContinuation<Value, any Error>]() }
            state.value = value
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume(returning: value) }
    }

    /// - Throws: `CancellationError` as soon as the task is cancelled, which waiting for the value of a task does not do.
    public func wait() async throws -> Value {
        let number = state.withLockedValue { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let verdict: Result<Value, any Error>? = state.withLockedValue { state in
                    if let value = state.value { return .success(value) }
                    if Task.isCancelled { return .failure(CancellationError()) }
                    state.waiters[number] = continuation
                    return nil
                }
                if let verdict { continuation.resume(with: verdict) }
            }
        } onCancel: {
            state.withLockedValue { $0.waiters.removeValue(forKey: number) }?.resume(throwing: CancellationError())
        }
    }
}

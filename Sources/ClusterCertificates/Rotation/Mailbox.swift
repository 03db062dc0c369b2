import NIOConcurrencyHelpers

/// Collects what comes in, for one who takes it when he is ready for it.
final class Mailbox<Item: Sendable>: Sendable {
    private struct State {
        var items: [Item] = []
        var waiter: AsyncStream<Void>.Continuation?
    }

    private let state = NIOLockedValueBox(State())

    func put(_ item: Item) {
        state.withLockedValue { state in
            state.items.append(item)
            return state.waiter
        }?.finish()
    }

    func take() -> [Item] {
        state.withLockedValue { state in
            defer { state.items = [] }
            return state.items
        }
    }

    /// Waits until there is something, until a time, or until the task is cancelled.
    ///
    /// - Parameter due: Nil for no such time.
    func wait(until due: ContinuousClock.Instant?) async {
        let (arrival, waiter) = AsyncStream.makeStream(of: Void.self)
        let isThere = state.withLockedValue { state in
            state.waiter = waiter
            return !state.items.isEmpty
        }
        guard !isThere else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in arrival {} }
            if let due { group.addTask { try? await Task.sleep(until: due, clock: .continuous) } }
            await group.next()
            group.cancelAll()
        }
    }
}

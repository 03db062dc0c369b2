import HTTPCalls
import NIOConcurrencyHelpers

/// Keys that are to be worked on, each by one worker at a time.
///
/// Keys may be added from anywhere and at any time, also while nobody works; what is added repeatedly before it is taken is worked on once.
/// Nothing polls: workers are woken by additions and by one timer for what is delayed.
public final class WorkQueue<Key: Hashable & Sendable>: Sendable {
    /// What became of the work on a key.
    public enum Outcome: Sendable {
        case done
        /// It failed: once more, after a pause that grows from 5 ms to 5 min with each failure in a row, and is shortened by chance.
        case failed
        /// Once more after a while. The failures before are forgotten.
        case again(after: Duration)
    }

    /// What is told to metrics, from any thread.
    public struct Observer: Sendable {
        /// How many keys wait, after each change, in order. It must be quick and leave the queue alone, which is locked meanwhile.
        public var depth: @Sendable (Int) -> Void = { _ in }
        /// A key was added that was not waiting.
        public var added: @Sendable () -> Void = {}
        /// A key failed and will be worked on again.
        public var retried: @Sendable () -> Void = {}
        /// How long a key waited until it was worked on.
        public var waited: @Sendable (Duration) -> Void = { _ in }
        /// How long the work on a key took.
        public var worked: @Sendable (Duration) -> Void = { _ in }

        public init() {}
    }

    private struct State {
        var queue: WorkQueueState<Key>
        /// Wakes who hands out the work.
        var wake: AsyncStream<Void>.Continuation?
    }

    private let state: NIOLockedValueBox<State>
    private let observer: Observer

    public init(observer: Observer = Observer()) {
        let backoff = Backoff(first: .milliseconds(5), longest: .seconds(300))
        state = NIOLockedValueBox(State(queue: WorkQueueState(backoff: backoff)))
        self.observer = observer
    }

    // MARK: Adding

    public func add(_ key: Key) {
        let isNew = change { $0.add(key, at: .now) }
        if isNew { observer.added() }
    }

    /// Adds a key later. Of several times, the earliest counts.
    public func add(_ key: Key, after delay: Duration) {
        guard delay > .zero else { return add(key) }
        change { $0.add(key, due: .now + delay) }
    }

    /// How many keys wait to be worked on now.
    public var depth: Int { state.withLockedValue { $0.queue.depth } }

    // MARK: Working

    /// Works on the keys until the task is cancelled. Then it takes no more, and waits for the work under way, which is cancelled too.
    ///
    /// It may be called again afterwards; what waited then still waits. Only one call works at a time.
    /// - Parameters:
    ///   - concurrency: How many keys are worked on at once.
    ///   - work: Works on one key.
    public func process(concurrency: Int, _ work: @escaping @Sendable (Key) async -> Outcome) async {
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        state.withLockedValue { $0.wake = wake }
        defer { state.withLockedValue { $0.wake = nil } }
        wake.yield()
        await withDiscardingTaskGroup { group in
            var alarm = Alarm(wake: wake)
            defer { alarm.cancel() }
            let running = NIOLockedValueBox(0)
            for await _ in wakes {
                while running.withLockedValue({ $0 }) < max(1, concurrency), let taken = take() {
                    running.withLockedValue { $0 += 1 }
                    group.addTask { [self] in
                        await perform(taken, work)
                        running.withLockedValue { $0 -= 1 }
                        wake.yield()
                    }
                }
                alarm.set(state.withLockedValue { $0.queue.nextDue })
            }
            group.cancelAll()
        }
    }

    private func take() -> WorkQueueState<Key>.Work? {
        guard !Task.isCancelled else { return nil }
        let taken = change(wakes: false) { $0.take(at: .now) }
        if let taken { observer.waited(.now - taken.since) }
        return taken
    }

    private func perform(_ taken: WorkQueueState<Key>.Work, _ work: @Sendable (Key) async -> Outcome) async {
        let start = ContinuousClock.now
        let outcome = await work(taken.key)
        let now = ContinuousClock.now
        observer.worked(now - start)
        let result: WorkQueueState<Key>.Result =
            switch outcome {
            case .done: .done
            case .failed: .failed
            case .again(let delay): .again(at: now + max(.zero, delay))
            }
        if result == .failed { observer.retried() }
        change { $0.finish(taken.key, result, at: now, jitter: .random(in: 0...1)) }
    }

    @discardableResult
    private func change<Result>(wakes: Bool = true, _ body: (inout WorkQueueState<Key>) -> Result) -> Result {
        let (result, wake) = state.withLockedValue { state in
            let depth = state.queue.depth
            let result = body(&state.queue)
            if state.queue.depth != depth { observer.depth(state.queue.depth) }
            return (result, state.wake)
        }
        if wakes { wake?.yield() }
        return result
    }
}

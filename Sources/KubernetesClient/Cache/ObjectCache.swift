import HTTPCalls
public import Logging
import NIOConcurrencyHelpers
public import ServiceLifecycle

/// Knows the objects of a selection and keeps up with them: it lists them once, then watches.
///
/// Reading it costs the API server nothing. What it knows is a moment old: whoever writes relies on the API server's checks
/// (resourceVersion, preconditions, server-side apply) and not on the cache.
///
/// Broken watches go on from where they were. When the API server does not remember so far back (410), everything is listed again, and what
/// is found to have changed meanwhile, deletions too, is told as if it had been watched.
public final class ObjectCache: Service {
    /// When things happen.
    public struct Schedule: Sendable {
        /// How long the API server keeps one watch: between this and twice this, by chance, so that not all of them end together.
        public var watchDuration = Duration.seconds(240)
        /// How much longer than that we wait for its end. A watch that outlives this is one whose other side hangs.
        public var watchGrace = Duration.seconds(15)
        /// After the first failure in a row.
        public var firstPause = Duration.milliseconds(100)
        /// The longest pause after a failure.
        public var longestPause = Duration.seconds(5)
        /// A watch that tells of nothing and ends sooner counts as failed.
        public var shortWatch = Duration.seconds(1)

        public init() {}
    }

    /// What it knows.
    public let type: ResourceType
    public let selection: ObjectSelection

    private let client: KubernetesClient
    private let schedule: Schedule
    private let logger: Logger
    private let onChange: @Sendable (ObjectChange) -> Void
    private let store = NIOLockedValueBox(ObjectStore())
    private let synced = Promise<Void>()

    /// - Parameter onChange: Told of each change, in order and one at a time, after the cache has it. It must be quick: it holds up the
    ///   watch.
    public init(
        _ type: ResourceType, _ selection: ObjectSelection = ObjectSelection(), client: KubernetesClient, schedule: Schedule = Schedule(),
        logger: Logger, onChange: @escaping @Sendable (ObjectChange) -> Void = { _ in }
    ) {
        self.type = type
        self.selection = selection
        self.client = client
        self.schedule = schedule
        self.onChange = onChange
        var logger = logger
        logger[metadataKey: "kubernetes.resource"] = "\(type)"
        self.logger = logger
    }

    // MARK: Reading

    /// Whether everything has been listed once.
    public var hasSynced: Bool { synced.value != nil }

    /// Waits until everything has been listed once.
    ///
    /// - Throws: `CancellationError`.
    public func waitUntilSynced() async throws {
        try await synced.wait()
    }

    public subscript(key: ObjectKey) -> KubernetesObject? { store.withLockedValue { $0.objects[key] } }

    /// All objects, in no order.
    public var objects: [KubernetesObject] { store.withLockedValue { Array($0.objects.values) } }

    public var count: Int { store.withLockedValue { $0.objects.count } }

    // MARK: Keeping up

    /// Keeps up until graceful shutdown or cancellation.
    public func run() async {
        await cancelWhenGracefulShutdown { [self] in
            var state = ReflectorState(backoff: Backoff(first: schedule.firstPause, longest: schedule.longestPause))
            while !Task.isCancelled {
                switch state.next() {
                case .list: await list(&state)
                case .watch(let version): await watch(from: version, &state)
                case .wait(let pause): try? await Task.sleep(for: pause)
                }
            }
        }
    }

    private func list(_ state: inout ReflectorState) async {
        do throws(KubernetesError) {
            let list = try await client.list(type, selection)
            tell(store.withLockedValue { $0.replace(with: list.items) })
            state.listed(list.resourceVersion)
            synced.fulfil(())
            logger.debug("listed", metadata: ["kubernetes.objects": "\(list.items.count)"])
        } catch {
            report(error, "cannot list")
            state.listFailed(retryAfter: error.retryAfter, jitter: .random(in: 0...1))
        }
    }

    private func watch(from version: String, _ state: inout ReflectorState) async {
        let start = ContinuousClock.now
        let reached = NIOLockedValueBox<String?>(nil)
        let end: ReflectorState.WatchEnd
        do throws(KubernetesError) {
            let duration = schedule.watchDuration * .random(in: 1...2)
            try await client.watch(type, selection, from: version, for: duration, grace: schedule.watchGrace) { [self] event in
                tell(store.withLockedValue { $0.apply(event) })
                if let version = event.resourceVersion { reached.withLockedValue { $0 = version } }
            }
            end = .finished
        } catch {
            report(error, "watch ended")
            end = error.isExpired ? .expired : .failed(retryAfter: error.retryAfter)
        }
        let last = reached.withLockedValue { $0 }
        if let last { state.progressed(to: last) }
        state.watchEnded(
            end, wasShort: .now - start < schedule.shortWatch, hadEvents: last != nil, jitter: .random(in: 0...1))
    }

    private func tell(_ changes: [ObjectChange]) {
        for change in changes { onChange(change) }
    }

    private func report(_ error: KubernetesError, _ message: Logger.Message) {
        guard !Task.isCancelled else { return }
        // That a watch breaks or expires now and then is part of its life.
        logger.info(message, metadata: ["error": "\(error)"])
    }
}

public import AzureMySQL
import DBMMOMySQLAPI
public import KubernetesClient
public import Logging
public import ServiceLifecycle

/// Makes databases real, in one of several processes at a time.
///
/// Whatever becomes of the cluster, it goes on: it returns only when it is asked to.
public final class DatabaseWorker: Service {
    /// The lease by which the processes agree on who works.
    public static let leaseName = "dbmmo-worker"

    private static let resyncInterval = Duration.seconds(600)

    public struct Configuration: Sendable {
        public var cluster: ClusterConfiguration
        /// Whose databases are looked after; nil for all namespaces.
        public var namespace: String?
        /// How many databases are worked on at once.
        public var concurrency = 4
        /// What tells this process from all others, as the name of its pod with something random.
        public var identity: String
        /// Who reports events, as the name of the pod.
        public var instance: String
        public var leaseTiming = LeaderElection.Timing()
        public var azure = AzureOptions()

        public init(cluster: ClusterConfiguration, identity: String, instance: String) {
            self.cluster = cluster
            self.identity = identity
            self.instance = instance
        }

        /// Where the lease is: in the namespace that we run in.
        public var leaseNamespace: String { cluster.namespace ?? namespace ?? "default" }
    }

    private let configuration: Configuration
    private let logger: Logger
    private let start: @Sendable () async throws -> Void
    private let client: KubernetesClient
    private let servers: any FlexibleServers
    private let queue: WorkQueue<ObjectKey>
    private let view: ClusterView
    private let election: LeaderElection
    private let recorder: EventRecorder
    private let reconciler: Reconciler

    /// - Parameters:
    ///   - servers: The calls of Azure. It is shut down when the worker ends.
    ///   - start: Returns when it may begin, such as when the webhooks serve, which its writes need.
    public init(
        _ configuration: Configuration, servers: any FlexibleServers, metrics: WorkerMetrics, logger: Logger,
        start: @escaping @Sendable () async throws -> Void = {}
    ) {
        self.configuration = configuration
        self.logger = logger
        self.start = start
        self.servers = servers
        client = KubernetesClient(configuration.cluster, logger: logger)
        let queue = WorkQueue<ObjectKey>(observer: metrics.queueObserver)
        self.queue = queue
        let counts = DatabaseCounts(metrics)
        view = ClusterView(namespace: configuration.namespace, client: client, counts: counts, logger: logger) { queue.add($0) }
        let lease = ObjectKey(namespace: configuration.leaseNamespace, name: Self.leaseName)
        let election = LeaderElection(
            lease, identity: configuration.identity, client: client, timing: configuration.leaseTiming, logger: logger,
            onLeading: metrics.tellLeading)
        self.election = election
        recorder = EventRecorder(
            client: client, controller: "\(ServedVersion.group)/dbmmo", instance: configuration.instance, logger: logger)
        let writer = ObjectWriter(client: client, view: view, metrics: metrics, logger: logger)
        let desk = AzureDesk(servers, client: client, options: configuration.azure, metrics: metrics, logger: logger)
        reconciler = Reconciler(
            view: view, writer: writer, desk: desk, lane: AzureLane(concurrency: configuration.concurrency) { queue.add($0) },
            eventReader: EventReader(client: client, logger: logger), recorder: recorder, metrics: metrics, logger: logger
        ) {
            election.isLeading
        }
    }

    /// Works until graceful shutdown or cancellation.
    public func run() async {
        await withDiscardingTaskGroup { group in
            for cache in view.caches { group.addTask { await cache.run() } }
            group.addTask { [recorder] in await recorder.run() }
            group.addTask { [self] in
                await cancelWhenGracefulShutdown { [self] in
                    guard (try? await start()) != nil, (try? await waitForCaches()) != nil else { return }
                    await election.run { [self] in await lead() }
                }
            }
        }
        await client.shutdown()
        await servers.shutdown()
    }

    private func waitForCaches() async throws {
        for cache in view.caches { try await cache.waitUntilSynced() }
        logger.info("the worker knows the cluster", metadata: ["objects": "\(view.databases.count)"])
    }

    private func lead() async {
        reconciler.desk.forgetAll()
        await withDiscardingTaskGroup { group in
            group.addTask { [self] in
                await queue.process(concurrency: configuration.concurrency, reconciler.reconcile)
            }
            group.addTask { [self] in
                // The safety net: what no watch told.
                while !Task.isCancelled {
                    for key in view.databases { queue.add(key) }
                    try? await Task.sleep(for: Self.resyncInterval * .random(in: 0.9...1.1))
                }
            }
        }
    }
}

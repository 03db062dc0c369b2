import ArgumentParser
import AzureMySQL
import Glibc
import KubernetesClient
import Logging
import PrometheusMetrics
import Worker

/// What of the process runs, and for which cluster.
struct WorkerOptions: ParsableArguments {
    @Flag(help: "Answer the webhooks only; make no database. [DBMMO_NO_WORKER] (default: false)")
    var noWorker = false

    @Flag(help: "Make databases only; answer no webhook. [DBMMO_NO_WEBHOOK] (default: false)")
    var noWebhook = false

    @Option(help: "Namespace whose databases are made. [DBMMO_NAMESPACE] (default: all)")
    var namespace: String?

    @Option(
        help: """
            File that says where the cluster is. [DBMMO_KUBECONFIG] (default: KUBECONFIG, else the pod's service account, else \
            ~/.kube/config; without any there is no worker)
            """, completion: .file())
    var kubeconfig: String?

    @Option(help: "Databases that are worked on at once. [DBMMO_CONCURRENCY] (default: 4)")
    var concurrency: Int?

    @Option(
        help: """
            After how long without a sign of life of the process that works another one takes over, in whole seconds; the less, the \
            sooner an API server that is slow costs it the lead. [DBMMO_LEASE_DURATION] (default: 15s)
            """)
    var leaseDuration: Interval?

    @Option(help: "From one look at a server on Azure to the next, while nothing changes. [DBMMO_AZURE_INTERVAL] (default: 5m)")
    var azureInterval: Interval?

    @Option(
        help: """
            URL that may be shown the process's own workload identity, besides those of the Azure clouds; may be given again. \
            [DBMMO_AZURE_TRUSTED_ENDPOINT] (default: none)
            """)
    var azureTrustedEndpoint: [String] = []

    /// Whether the webhooks are answered.
    var hasWebhook: Bool {
        get throws { try !(noWebhook || Setting.resolve(nil as Bool?, "DBMMO_NO_WEBHOOK", default: false)) }
    }

    private var hasWorker: Bool {
        get throws { try !(noWorker || Setting.resolve(nil as Bool?, "DBMMO_NO_WORKER", default: false)) }
    }

    /// Whether there is to be a worker, and how it is to work.
    ///
    /// - Throws: an exit code: of wrong usage, or of a cluster configuration that cannot be used.
    func resolve() throws -> WorkerChoice {
        guard try hasWorker else { return WorkerChoice(state: "off: --no-worker") }
        let namespace = try Setting.resolve(namespace, "DBMMO_NAMESPACE")
        let concurrency = try Setting.resolve(concurrency, "concurrency", in: 1...1_000) ?? 4
        guard let cluster = try cluster else { return WorkerChoice(state: "off: no cluster found (kubeconfig or in-cluster)") }
        let host = Self.hostName
        var configuration = DatabaseWorker.Configuration(
            cluster: cluster, identity: "\(host)_\(String(UInt64.random(in: .min ... .max), radix: 16))", instance: host)
        configuration.namespace = namespace
        configuration.concurrency = concurrency
        if let lease = try Setting.resolve(leaseDuration, "lease-duration", in: .seconds(1) ... .seconds(600)) {
            configuration.leaseTiming = LeaderElection.Timing(leaseDuration: lease.duration)
        }
        if let interval = try Setting.resolve(azureInterval, "azure-interval", in: .seconds(1) ... .days(1)) {
            configuration.azure.interval = interval.duration
        }
        configuration.azure.trust(try Setting.resolve(azureTrustedEndpoint, "DBMMO_AZURE_TRUSTED_ENDPOINT"))
        let scope = namespace.map { "namespace \($0)" } ?? "all namespaces"
        return WorkerChoice(state: "on: \(cluster.serverURL), \(scope)", configuration: configuration)
    }

    private var cluster: ClusterConfiguration? {
        get throws {
            let kubeconfig = try Setting.resolve(kubeconfig, "DBMMO_KUBECONFIG")
            do throws(ConfigurationError) {
                return try ClusterConfiguration.load(kubeconfig: kubeconfig)
            } catch {
                guard error.code == .notFound, kubeconfig == nil else { throw Failure.configuration("\(error)") }
                return nil
            }
        }
    }

    /// In a pod, the name of the pod.
    private static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "dbmmo" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// Whether there is a worker.
struct WorkerChoice {
    /// For people to read.
    let state: String
    var configuration: DatabaseWorker.Configuration?

    /// The worker that was chosen, and a line of the log that says what was.
    ///
    /// - Parameter start: Returns when it may begin.
    func makeWorker(
        _ registry: PrometheusRegistry, logger: Logger, start: @escaping @Sendable () async throws -> Void = {}
    ) -> DatabaseWorker? {
        logger.info("worker: \(state)")
        guard let configuration else { return nil }
        var options = AzureClient.Options()
        // Somebody else waits meanwhile.
        options.timeLimit = .seconds(10)
        options.userAgent = "dbmmo/\(DBMMO.configuration.version)"
        return DatabaseWorker(
            configuration, servers: AzureClient(options: options, logger: logger), metrics: WorkerMetrics(registry), logger: logger,
            start: start)
    }
}

import ArgumentParser
import Glibc
import KubernetesClient
import Logging
import PrometheusMetrics
import Worker

/// What of the process runs, and for which cluster.
struct WorkerOptions: ParsableArguments {
    @Flag(help: "Answer the webhooks only; make no database. [DBMMO_NO_WORKER=true]")
    var noWorker = false

    @Flag(help: "Make databases only; answer no webhook. [DBMMO_NO_WEBHOOK=true]")
    var noWebhook = false

    @Option(help: "Namespace whose databases are made. [DBMMO_NAMESPACE] (default: all)")
    var namespace: String?

    @Option(
        help: """
            File that says where the cluster is. [DBMMO_KUBECONFIG] (default: KUBECONFIG, else the pod's service account, else \
            ~/.kube/config; without any there is no worker)
            """)
    var kubeconfig: String?

    @Option(help: "Databases that are worked on at once. [DBMMO_CONCURRENCY] (default: 4)")
    var concurrency: Int?

    /// Whether the webhooks are answered.
    var hasWebhook: Bool {
        get throws { try !(noWebhook || Setting.resolve(nil as Bool?, "DBMMO_NO_WEBHOOK", default: false)) }
    }

    private var hasWorker: Bool {
        get throws { try !(noWorker || Setting.resolve(nil as Bool?, "DBMMO_NO_WORKER", default: false)) }
    }

    /// The worker; nil when there is to be none, or no cluster. The log says which.
    ///
    /// - Parameter start: Returns when it may begin.
    /// - Throws: an exit code: of wrong usage, or of a cluster configuration that cannot be used.
    func makeWorker(
        _ registry: PrometheusRegistry, logger: Logger, start: @escaping @Sendable () async throws -> Void = {}
    ) throws -> DatabaseWorker? {
        guard try hasWorker else {
            tell("off: --no-worker", logger)
            return nil
        }
        let namespace = try Setting.resolve(namespace, "DBMMO_NAMESPACE")
        let concurrency = try Setting.resolve(concurrency, "concurrency", in: 1...1_000) ?? 4
        guard let cluster = try cluster(logger) else { return nil }
        let host = Self.hostName
        var configuration = DatabaseWorker.Configuration(
            cluster: cluster, identity: "\(host)_\(String(UInt64.random(in: .min ... .max), radix: 16))", instance: host)
        configuration.namespace = namespace
        configuration.concurrency = concurrency
        tell("on: \(cluster.serverURL), \(namespace.map { "namespace \($0)" } ?? "all namespaces")", logger)
        return DatabaseWorker(configuration, metrics: WorkerMetrics(registry), logger: logger, start: start)
    }

    private func cluster(_ logger: Logger) throws -> ClusterConfiguration? {
        let kubeconfig = try Setting.resolve(kubeconfig, "DBMMO_KUBECONFIG")
        do throws(ConfigurationError) {
            return try ClusterConfiguration.load(kubeconfig: kubeconfig)
        } catch {
            guard error.code == .notFound, kubeconfig == nil else { throw Failure.configuration("\(error)") }
            tell("off: no cluster found (kubeconfig or in-cluster)", logger)
            return nil
        }
    }

    private func tell(_ state: String, _ logger: Logger) {
        logger.info("worker: \(state)")
    }

    /// In a pod, the name of the pod.
    private static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "dbmmo" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

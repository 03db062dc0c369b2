import KubernetesAPI
import KubernetesClient
public import PrometheusMetrics

/// What is told of the worker.
public struct WorkerMetrics: Sendable {
    /// What is written to the API server.
    enum Write: String, CaseIterable, Sendable {
        case create, apply, patch, status, delete
    }

    enum Outcome: String, CaseIterable, Sendable {
        /// Nothing is left to do.
        case done
        /// It will be looked at again after a while.
        case waiting
        /// It will be tried again.
        case failed
    }

    enum Failure: String, CaseIterable, Sendable {
        /// The API server changed its mind or had another state than we thought.
        case conflict
        /// The API server refused what it was sent.
        case refused
        /// The API server cannot answer at the moment, or was not reached.
        case unavailable
        case other
    }

    /// How Azure answers when it is looked at or written to.
    enum AzureAnswer: String, CaseIterable, Sendable {
        case success
        /// Another operation on the server goes on.
        case busy
        case throttled
        /// Nobody could sign in, or somebody has to first.
        case signIn = "sign_in"
        /// Azure refuses what it was asked for.
        case refused
        /// No answer, or a failure of Azure's own.
        case unavailable
    }

    private let depth: PrometheusGauge
    private let leader: PrometheusGauge
    private let waiting: PrometheusHistogram
    private let duration: PrometheusHistogram
    private let reconciles: PrometheusCounters<Outcome>
    private let failures: PrometheusCounters<Failure>
    private let writes: PrometheusCounters<Write>
    private let azureCalls: PrometheusCounters<AzureAnswer>
    private let databases: [DatabaseStatus.Phase: PrometheusGauge]
    private let unready: PrometheusGauge

    public init(_ registry: PrometheusRegistry) {
        depth = registry.gauge("dbmmo_worker_queue_depth", help: "Databases that wait to be worked on.")
        leader = registry.gauge("dbmmo_worker_leader", help: "1 while this process is the one that works, else 0.")
        waiting = registry.histogram("dbmmo_worker_queue_duration_seconds", help: "How long a database waited to be worked on, in seconds.")
        duration = registry.histogram(
            "dbmmo_worker_reconcile_duration_seconds", help: "How long the work on a database took, in seconds, calls included.")
        reconciles = registry.counters(
            "dbmmo_worker_reconciles_total", help: "Works on a database by their outcome.", known: Outcome.allCases
        ) { ["outcome": $0.rawValue] }
        failures = registry.counters(
            "dbmmo_worker_failures_total", help: "What kept the worker from its work, by kind.", known: Failure.allCases
        ) { ["kind": $0.rawValue] }
        writes = registry.counters(
            "dbmmo_worker_writes_total", help: "Writes to the API server, but for events and the lease.", known: Write.allCases
        ) { ["write": $0.rawValue] }
        azureCalls = registry.counters(
            "dbmmo_worker_azure_calls_total", help: "Looks at servers on Azure and writes to them, by how Azure answered.",
            known: AzureAnswer.allCases
        ) { ["answer": $0.rawValue] }
        databases = Dictionary(
            uniqueKeysWithValues: DatabaseStatus.Phase.allCases.map { phase in
                let labels: PrometheusLabels = ["phase": phase.rawValue]
                return (phase, registry.gauge("dbmmo_worker_databases", help: "DBMMOMySQL objects by status.phase.", labels: labels))
            })
        unready = registry.gauge(
            "dbmmo_worker_databases_unready", help: "Databases that are to serve and whose condition Ready is not true.")
    }

    func setDatabases(_ counts: [DatabaseStatus.Phase: Int], unready: Int) {
        for (phase, gauge) in databases { gauge.set(Double(counts[phase] ?? 0)) }
        self.unready.set(Double(unready))
    }

    var queueObserver: WorkQueue<ObjectKey>.Observer {
        var observer = WorkQueue<ObjectKey>.Observer()
        observer.depth = { [depth] in depth.set(Double($0)) }
        observer.waited = { [waiting] in waiting.observe($0 / .seconds(1)) }
        observer.worked = { [duration] in duration.observe($0 / .seconds(1)) }
        return observer
    }

    func tellLeading(_ isLeading: Bool) {
        leader.set(isLeading ? 1 : 0)
    }

    func countWrite(_ write: Write) {
        writes[write].increment()
    }

    func count(_ outcome: WorkQueue<ObjectKey>.Outcome) {
        switch outcome {
        case .done: reconciles[.done].increment()
        case .again: reconciles[.waiting].increment()
        case .failed: reconciles[.failed].increment()
        }
    }

    func countAzure(_ answer: AzureAnswer) {
        azureCalls[answer].increment()
    }

    func countFailure(_ error: any Error) {
        failures[Self.kind(of: error)].increment()
    }

    private static func kind(of error: any Error) -> Failure {
        guard let error = error as? KubernetesError else { return .other }
        guard let code = error.status?.code else { return .unavailable }
        return switch code {
        case 409: .conflict
        case 429, 500...: .unavailable
        default: .refused
        }
    }
}

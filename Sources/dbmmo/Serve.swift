import ArgumentParser
import CoreMetrics
import HTTPServer
import KubernetesClient
import Logging
import Logs
import NIOCore
import PrometheusMetrics
import ServiceLifecycle
import TLS
import Webhooks

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve the webhooks and make databases real, until SIGTERM.",
        discussion: """
            Exit codes: 0 stopped, 1 failed while running, 64 wrong usage, 78 bad configuration (such as an unusable certificate).
            """
    )

    @Option(help: "Address of the webhook listener, TLS. [DBMMO_LISTEN] (default: :9443, every address)")
    var listen: ListenAddress?

    @Option(help: "Address of the operations listener, plain HTTP: /healthz, /readyz, /metrics. [DBMMO_OPS_LISTEN] (default: :8080)")
    var opsListen: ListenAddress?

    @Option(help: "Directory that holds tls.crt and tls.key. [DBMMO_CERT_DIR] (default: certs)", completion: .directory)
    var certDir: String?

    @Option(
        help: "PEM file of authorities; only callers with a certificate of one of them are served. [DBMMO_CLIENT_CA] (default: none)",
        completion: .file())
    var clientCA: String?

    @Option(help: "Oldest TLS version that is accepted: 1.2 or 1.3. [DBMMO_TLS_MIN_VERSION] (default: 1.2)")
    var tlsMinVersion: TLSVersion?

    @Option(help: "Event loop threads. [DBMMO_THREADS] (default: the number of cores)")
    var threads: Int?

    @Option(help: "How long to go on listening after SIGTERM, while endpoints are updated. [DBMMO_SHUTDOWN_DELAY] (default: 5s)")
    var shutdownDelay: Interval?

    @Option(help: "How long requests in flight may take to finish after that. [DBMMO_SHUTDOWN_TIMEOUT] (default: 20s)")
    var shutdownTimeout: Interval?

    @Option(
        help:
            "Least severe level that is logged: trace, debug, info, notice, warning, error, critical. [DBMMO_LOG_LEVEL, LOG_LEVEL] (default: info)"
    )
    var logLevel: Logger.Level?

    @Option(
        help:
            "Form of the log: text for people, json for programs. [DBMMO_LOG_FORMAT] (default: json in a pod, text on a terminal and elsewhere)"
    )
    var logFormat: LogFormat?

    @OptionGroup(title: "Certificates that the process makes")
    var selfSignedOptions: SelfSignedOptions

    @OptionGroup(title: "Worker")
    var workerOptions: WorkerOptions

    @OptionGroup(title: "Limits of the webhook listener")
    var limitOptions: LimitOptions

    func run() async throws {
        let format = try Setting.resolve(logFormat, "DBMMO_LOG_FORMAT") ?? .suitable(isInPod: ClusterConfiguration.isInPod)
        let level = try Setting.resolve(logLevel, "DBMMO_LOG_LEVEL") ?? Setting.resolve(nil, "LOG_LEVEL", default: .info)
        let logger = format.makeLogger(label: "dbmmo", level: level)
        do {
            try await serve(logger)
        } catch {
            let failure = error as? Failure ?? .runtime("\(error)")
            guard format == .json else { throw failure }
            // Whoever reads the log reads JSON.
            logger.critical("\(failure)", metadata: ["exit": "\(failure.code.rawValue)"])
            throw failure.code
        }
    }

    private func serve(_ logger: Logger) async throws {
        let limits = try limitOptions.resolve()
        let metrics = ServerMetrics(version: DBMMO.configuration.version)
        MetricsSystem.bootstrap(PrometheusMetricsFactory(metrics.registry))
        OpenFileLimit.raise(forConnections: limits.server.connections, logger: logger)
        guard try workerOptions.hasWebhook else { return try await runWorkerAlone(metrics, logger: logger) }
        let choice = try workerOptions.resolve()
        let directory = CertificateDirectory(try Setting.resolve(certDir, "DBMMO_CERT_DIR", default: "certs"))
        let selfSigned =
            try selfSignedOptions.isWanted(certificates: directory)
            ? SelfSignedCertificates(selfSignedOptions, kubeconfig: Setting.resolve(workerOptions.kubeconfig, "DBMMO_KUBECONFIG")) : nil
        let certificates = try loadCertificates(directory, selfSigned, metrics: metrics, logger: logger)
        let webhooks = try await bindWebhooks(certificates.contexts, limits, metrics: metrics, logger: logger)
        metrics.tellConnections { webhooks.connectionCount }
        let shutdown = ShutdownNotice()
        let operations: HTTPServer
        let readiness: ListenerReadiness
        let checks: [OperationsResponder.Check]
        do {
            readiness = try makeReadiness(webhooks, certificates.contexts, logger: logger)
            checks = Self.checks(certificates.contexts, selfSigned, readiness, shutdown)
            operations = try await bindOperations(OperationsResponder(checks: checks, metrics: metrics.registry), logger: logger)
        } catch {
            await webhooks.close()
            throw error
        }
        let worker = choice.makeWorker(metrics.registry, logger: logger) { try await Self.ready(checks) }
        logger.info(
            "serving", metadata: ["webhook": "https://\(webhooks.localAddress)", "operations": "http://\(operations.localAddress)"])
        // Services shut down one by one from the last: first readiness fails, then the worker gives its lease back and the webhooks drain, and
        // probes are answered to the end.
        let rotation = selfSigned?.makeServices(metrics, logger: logger) ?? []
        try await run([operations, webhooks, readiness, certificates] + rotation + [worker, shutdown], logger: logger)
    }

    /// Loads what the listener presents, and will watch over it.
    private func loadCertificates(
        _ directory: CertificateDirectory, _ selfSigned: SelfSignedCertificates?, metrics: ServerMetrics, logger: Logger
    ) throws -> CertificateReloader {
        let clientAuthorities = try Setting.resolve(clientCA, "DBMMO_CLIENT_CA")
        let files =
            selfSigned.map { CertificateFiles($0.held, clientAuthorities: clientAuthorities) }
            ?? CertificateFiles(directory, clientAuthorities: clientAuthorities)
        let minimumVersion = try Setting.resolve(tlsMinVersion, "DBMMO_TLS_MIN_VERSION", default: .tls12)
        do {
            // Sessions outlive a change of the certificate.
            let ticketKeys = try SessionTicketKeys()
            let certificates = try CertificateReloader(
                files, now: Clock.now, logger: logger, onReload: { metrics.countReload(succeeded: (try? $0.get()) != nil) },
                makeContext: { certificate, authorities in
                    try TLSServerContext(
                        certificate: certificate, clientAuthorities: authorities, alpn: ["h2", "http/1.1"], minimumVersion: minimumVersion,
                        ticketKeys: ticketKeys)
                })
            metrics.tellCertificateExpiry { [contexts = certificates.contexts] in contexts.current.certificate.notAfter }
            return certificates
        } catch {
            throw Failure.configuration("\(error)")
        }
    }

    private func bindWebhooks(
        _ contexts: TLSContextStore, _ limits: Limits, metrics: ServerMetrics, logger: Logger
    ) async throws -> HTTPServer {
        var configuration = HTTPServer.Configuration(
            address: try Setting.resolve(listen, "DBMMO_LISTEN", default: ListenAddress(host: "", port: 9443)))
        configuration.limits = limits.server
        configuration.shutdownDelay = try Setting.resolve(shutdownDelay, "DBMMO_SHUTDOWN_DELAY", default: .seconds(5)).duration
        configuration.shutdownTimeout = try Setting.resolve(shutdownTimeout, "DBMMO_SHUTDOWN_TIMEOUT", default: .seconds(20)).duration
        if let threads = try Setting.resolve(threads, "DBMMO_THREADS") {
            guard (1...1024).contains(threads) else { throw Failure.usage("--threads must be between 1 and 1024, not \(threads)") }
            configuration.eventLoopThreads = threads
        }
        // The listener watches over the handshake itself, and counts those that take too long.
        let handshakeTimeout = TimeAmount(limits.server.handshakeTimeout + .seconds(1))
        let closeTimeout = TimeAmount(limits.server.lingerTimeout)
        configuration.makeTLSHandler = {
            try TLSServerHandler(
                context: contexts.current, handshakeTimeout: handshakeTimeout, closeTimeout: closeTimeout,
                onHandshake: metrics.countHandshake)
        }
        configuration.onRefusal = metrics.countRefusal
        return try await bind(
            configuration, routes: WebhookResponder.routes(limits.bodies),
            responder: WebhookResponder(maximumJSONDepth: limits.jsonDepth, logger: logger, metrics: metrics.webhooks), logger: logger)
    }

    private func makeReadiness(_ webhooks: HTTPServer, _ contexts: TLSContextStore, logger: Logger) throws -> ListenerReadiness {
        do {
            let address = webhooks.localAddress
            let probe = try HandshakeProbe(address: address.host, port: Int(address.port)) { contexts.current.certificate.leaf }
            return ListenerReadiness(probe, logger: logger)
        } catch {
            throw Failure.runtime("\(error)")
        }
    }

    /// What has to hold for the process to be ready.
    private static func checks(
        _ contexts: TLSContextStore, _ selfSigned: SelfSignedCertificates?, _ readiness: ListenerReadiness, _ shutdown: ShutdownNotice
    ) -> [OperationsResponder.Check] {
        [
            OperationsResponder.Check(name: "certificate") {
                do {
                    let certificate = contexts.current.certificate
                    try certificate.checkValidity(at: Clock.now())
                    return selfSigned?.fault(certificate)
                } catch {
                    return "\(error)"
                }
            },
            OperationsResponder.Check(name: "listener") { readiness.fault() },
            OperationsResponder.Check(name: "shutdown") { shutdown.wasGiven ? "the server is stopping" : nil }
        ]
    }

    func bindOperations(_ responder: OperationsResponder, logger: Logger) async throws -> HTTPServer {
        var configuration = HTTPServer.Configuration(
            address: try Setting.resolve(opsListen, "DBMMO_OPS_LISTEN", default: ListenAddress(host: "", port: 8080)))
        configuration.eventLoopThreads = 1
        configuration.workerThreads = 1
        configuration.limits.connections = 128
        return try await bind(configuration, routes: OperationsResponder.routes, responder: responder, logger: logger)
    }

    private func bind(
        _ configuration: HTTPServer.Configuration, routes: [HTTPRoute], responder: any HTTPResponder, logger: Logger
    ) async throws -> HTTPServer {
        do {
            return try await HTTPServer.bind(configuration, routes: routes, responder: responder, logger: logger)
        } catch {
            throw Failure.runtime("\(error)")
        }
    }
}

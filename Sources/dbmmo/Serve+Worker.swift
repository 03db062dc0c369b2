import HTTPServer
import Logging
import ServiceLifecycle
import TLS
import UnixSignals
import Webhooks

extension Serve {
    /// Serves without webhooks: the worker, and what tells of it.
    func runWorkerAlone(_ metrics: ServerMetrics, logger: Logger) async throws {
        let choice = try workerOptions.resolve()
        guard choice.configuration != nil else {
            throw Failure.configuration("nothing to do: no webhook, and the worker is \(choice.state)")
        }
        let shutdown = ShutdownNotice()
        let checks = [OperationsResponder.Check(name: "shutdown") { shutdown.wasGiven ? "the server is stopping" : nil }]
        let operations = try await bindOperations(OperationsResponder(checks: checks, metrics: metrics.registry), logger: logger)
        let worker = choice.makeWorker(metrics.registry, logger: logger)
        logger.info("serving", metadata: ["operations": "http://\(operations.localAddress)"])
        try await run([operations, worker, shutdown], logger: logger)
    }

    /// Runs services until the process is asked to stop. They stop one by one, from the last.
    func run(_ services: [(any Service)?], logger: Logger) async throws {
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.compactMap(\.self), gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
        logger.info("stopped")
    }

    /// Waits until the webhooks answer, with a certificate that the API server trusts: what the worker writes passes through them.
    static func ready(_ checks: [OperationsResponder.Check]) async throws {
        while checks.contains(where: { $0.fault() != nil }) { try await Task.sleep(for: .milliseconds(50)) }
    }
}

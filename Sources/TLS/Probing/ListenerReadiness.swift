public import Logging
import NIOConcurrencyHelpers
public import ServiceLifecycle

/// Knows whether the TLS listener serves, by a handshake with it now and then. That also tells a listener that hangs.
public final class ListenerReadiness: Service {
    /// When to probe.
    public struct Schedule: Sendable {
        /// From a failure to the next probe, until the first success.
        public var startInterval: Duration = .milliseconds(50)
        /// From one probe to the next afterwards.
        public var interval: Duration = .seconds(5)
        /// How old the last success may be.
        public var limit: Duration = .seconds(20)

        public init() {}
    }

    private let probe: @Sendable () async throws(HandshakeProbeError) -> Void
    private let schedule: Schedule
    private let logger: Logger
    private let history = NIOLockedValueBox(ProbeHistory())

    public convenience init(_ probe: HandshakeProbe, schedule: Schedule = Schedule(), logger: Logger) {
        self.init(schedule: schedule, logger: logger) { () async throws(HandshakeProbeError) in try await probe.run() }
    }

    init(schedule: Schedule, logger: Logger, probe: @escaping @Sendable () async throws(HandshakeProbeError) -> Void) {
        self.probe = probe
        self.schedule = schedule
        self.logger = logger
    }

    /// Why the listener does not count as ready: not probed yet, the last probe failed, or the last success is too long ago. Nil
    /// when it is ready.
    public func fault(at now: ContinuousClock.Instant = .now) -> String? {
        history.withLockedValue { $0.fault(at: now, limit: schedule.limit) }
    }

    /// Probes until graceful shutdown or cancellation.
    public func run() async {
        await cancelWhenGracefulShutdown { [self] in
            while true {
                await probeOnce()
                let hasSucceeded = history.withLockedValue { $0.hasSucceeded }
                guard (try? await Task.sleep(for: hasSucceeded ? schedule.interval : schedule.startInterval)) != nil else { return }
            }
        }
    }

    private func probeOnce() async {
        do {
            try await probe()
            let wasFailing = history.withLockedValue { history in
                defer { history.succeed(at: .now) }
                return history.isFailing
            }
            if wasFailing { logger.info("the TLS listener serves again") }
        } catch {
            // The end of the probing says nothing of the listener.
            guard !Task.isCancelled else { return }
            let wasFailing = history.withLockedValue { history in
                defer { history.fail(error.description) }
                return history.isFailing
            }
            if !wasFailing { logger.warning("the TLS listener does not serve", metadata: ["error": "\(error)"]) }
        }
    }
}

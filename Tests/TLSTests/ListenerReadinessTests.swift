import NIOConcurrencyHelpers
import ServiceLifecycle
import TestSupport
import Testing

@testable import TLS

@Suite("the readiness of the listener", .timeLimit(.minutes(1)))
struct ListenerReadinessTests {
    private let log = RecordedLog()
    /// What probes answer; nil is success.
    private let answer = NIOLockedValueBox<HandshakeProbeError?>(nil)
    private let probes = NIOLockedValueBox(0)

    private func readiness(startInterval: Duration = .milliseconds(1), interval: Duration = .milliseconds(10)) -> ListenerReadiness {
        var schedule = ListenerReadiness.Schedule()
        schedule.startInterval = startInterval
        schedule.interval = interval
        return ListenerReadiness(schedule: schedule, logger: log.logger) { [answer, probes] () async throws(HandshakeProbeError) in
            probes.withLockedValue { $0 += 1 }
            if let error = answer.withLockedValue({ $0 }) { throw error }
        }
    }

    @Test("it is not there before the first probe, nor after a failed one, nor when the last success is too long ago")
    func history() {
        let start = ContinuousClock.now
        var history = ProbeHistory()
        func fault(_ seconds: Int) -> String? { history.fault(at: start + .seconds(seconds), limit: .seconds(20)) }
        #expect(fault(0) == "no TLS handshake with ourselves yet")
        history.fail("nobody listens")
        #expect(fault(0) == "a TLS handshake with ourselves failed: nobody listens")
        history.succeed(at: start)
        #expect(fault(0) == nil)
        #expect(fault(20) == nil)
        #expect(fault(21) == "the last TLS handshake with ourselves was 21 s ago")
        history.fail("hangs")
        #expect(fault(1) == "a TLS handshake with ourselves failed: hangs")
    }

    @Test("the listener becomes ready with the first success, is watched from then on, and changes are logged once")
    func service() async throws {
        answer.withLockedValue { $0 = .timedOut }
        let readiness = readiness()
        #expect(readiness.fault() == "no TLS handshake with ourselves yet")
        let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: [readiness], logger: log.logger))
        async let run: Void = group.run()
        try await poll("several probes have failed") { probes.withLockedValue { $0 } > 3 }
        #expect(readiness.fault()?.contains("not complete in time") == true)
        answer.withLockedValue { $0 = nil }
        try await poll("it is ready") { readiness.fault() == nil }
        answer.withLockedValue { $0 = .interrupted }
        try await poll("it is not ready") { readiness.fault() != nil }
        await group.triggerGracefulShutdown()
        try await run
        #expect(
            log.lines.map(\.message).filter { $0.contains("listener") } == [
                "the TLS listener does not serve", "the TLS listener serves again", "the TLS listener does not serve"
            ])
    }

    @Test("probes are far apart after the first success only")
    func intervals() async throws {
        let readiness = readiness(interval: .seconds(3600))
        let task = Task { await readiness.run() }
        try await poll("it is ready") { readiness.fault() == nil }
        task.cancel()
        await task.value
        #expect(probes.withLockedValue { $0 } == 1)
    }

    @Test("a probe that is cut short by the end is no fault")
    func cancellation() async throws {
        let readiness = ListenerReadiness(schedule: .init(), logger: log.logger) { () async throws(HandshakeProbeError) in
            try? await Task.sleep(for: .seconds(3600))
            throw .interrupted
        }
        let task = Task { await readiness.run() }
        task.cancel()
        await task.value
        #expect(readiness.fault() == "no TLS handshake with ourselves yet")
        #expect(log.lines.isEmpty)
    }

    @Test("a real listener is ready; once it is closed, it is not")
    func realListener() async throws {
        let context = try TestCertificate.shared.context()
        var readiness: ListenerReadiness?
        try await LoopbackServer.run(context) { server in
            var schedule = ListenerReadiness.Schedule()
            schedule.interval = .milliseconds(10)
            let probe = try HandshakeProbe(address: "127.0.0.1", port: server.port) { context.certificate.leaf }
            let made = ListenerReadiness(probe, schedule: schedule, logger: log.logger)
            readiness = made
            let task = Task { await made.run() }
            try await poll("it is ready") { made.fault() == nil }
            try await server.stopListening()
            try await poll("it is not ready") { made.fault() != nil }
            task.cancel()
            await task.value
        }
        #expect(readiness?.fault()?.contains("cannot connect") == true)
    }
}

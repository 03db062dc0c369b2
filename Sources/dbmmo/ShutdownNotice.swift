import Glibc
import ServiceLifecycle
import Synchronization

/// Knows whether the process was asked to stop. From then on the next signal ends it at once.
final class ShutdownNotice: Service {
    private let given = Atomic(false)

    var wasGiven: Bool { given.load(ordering: .relaxed) }

    func run() async throws {
        try await gracefulShutdown()
        // Before it is told: who hears of it may send the next one.
        for signalNumber in [SIGTERM, SIGINT] { signal(signalNumber, SIG_DFL) }
        given.store(true, ordering: .relaxed)
    }
}

import Glibc
import ServiceLifecycle
import Synchronization

/// Knows whether the process was asked to stop. From then on the next signal ends it at once.
final class ShutdownNotice: Service {
    private let given = Atomic(false)

    var wasGiven: Bool { given.load(ordering: .relaxed) }

    func run() async throws {
        try await gracefulShutdown()
        given.store(true, ordering: .relaxed)
        for signalNumber in [SIGTERM, SIGINT] { signal(signalNumber, SIG_DFL) }
    }
}

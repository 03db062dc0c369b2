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
        Self.endAtNextSignal()
        given.store(true, ordering: .relaxed)
    }

    /// Gives the signals their default effect, and lets them in: libdispatch blocks them on its threads, and the parent may have blocked them on all
    /// that come from the first one. One thread that does not is enough.
    private static func endAtNextSignal() {
        var signals = sigset_t()
        sigemptyset(&signals)
        for signalNumber in [SIGTERM, SIGINT] {
            signal(signalNumber, SIG_DFL)
            sigaddset(&signals, signalNumber)
        }
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }
}

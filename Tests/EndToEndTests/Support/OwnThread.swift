import Glibc
import Synchronization
import TestSupport

/// Runs something that blocks on a thread of its own, since those of Swift's concurrency must not wait.
///
/// - Parameter niceness: how far the thread lets others go first. Attackers are on this machine only in the tests, and should not take
///   its cores from the server.
func onOwnThread<Result: Sendable>(niceness: Int32 = 0, _ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        let job = Job {
            // Linux keeps it for each thread.
            if niceness > 0 { setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness) }
            continuation.resume(with: Swift.Result { try body() })
        }
        let argument = Unmanaged.passRetained(job).toOpaque()
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Job>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, argument)
        if result == 0 {
            pthread_detach(thread)
        } else {
            Unmanaged<Job>.fromOpaque(argument).release()
            errno = result
            continuation.resume(throwing: SystemCallFailure("pthread_create"))
        }
    }
}

/// As ``onOwnThread(niceness:_:)``, once for each number below `count`, all at the same time.
func onOwnThreads<Result: Sendable>(
    _ count: Int, niceness: Int32 = 0, _ body: @escaping @Sendable (Int) throws -> Result
) async throws -> [Result] {
    try await withThrowingTaskGroup(of: Result.self) { group in
        for index in 0..<count {
            group.addTask { try await onOwnThread(niceness: niceness) { try body(index) } }
        }
        var results: [Result] = []
        for try await result in group { results.append(result) }
        return results
    }
}

private final class Job: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }
}

/// Says to threads that it is enough.
final class StopFlag: Sendable {
    private let isSet = Atomic(false)

    var isRaised: Bool { isSet.load(ordering: .relaxed) }

    func raise() {
        isSet.store(true, ordering: .relaxed)
    }
}

/// A place where threads wait for each other.
final class Rendezvous: Sendable {
    private let missing: Atomic<Int>

    init(of count: Int) {
        missing = Atomic(count)
    }

    func arrive() {
        missing.subtract(1, ordering: .sequentiallyConsistent)
        while missing.load(ordering: .sequentiallyConsistent) > 0 { pause(.milliseconds(2)) }
    }
}

/// Waits on a thread of its own.
func pause(_ time: Duration) {
    usleep(UInt32(time.components.seconds * 1_000_000 + time.components.attoseconds / 1_000_000_000_000))
}

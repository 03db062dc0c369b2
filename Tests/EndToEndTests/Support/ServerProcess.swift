import Glibc
import Subprocess
import Synchronization
import TestSupport

/// A program that runs beside the tests. It ends with them, however they end.
final class ServerProcess: Sendable {
    let pid: pid_t

    private let traces: Traces
    private let end: Task<TerminationStatus, any Error>

    private final class Traces: Sendable {
        let text = Mutex("")
        let hasEnded = Mutex(false)
    }

    /// What the process has written to standard output and standard error.
    var log: String { traces.text.withLock { $0 } }

    var hasEnded: Bool { traces.hasEnded.withLock { $0 } }

    private init(pid: pid_t, traces: Traces, end: Task<TerminationStatus, any Error>) {
        self.pid = pid
        self.traces = traces
        self.end = end
    }

    /// - Parameter program: its path; the `dbmmo` under test unless another one is named.
    static func launch(
        _ arguments: [String], program: String = Project.binary, environment: [Environment.Key: String?] = [:]
    ) async throws -> ServerProcess {
        let traces = Traces()
        let (pids, announcement) = AsyncStream.makeStream(of: pid_t.self)
        // The kernel kills the process when the thread that made it ends. Subprocess makes all on one thread, which lasts.
        let configuration = Configuration(
            executable: .name("setpriv"), arguments: Arguments(["--pdeathsig", "KILL", "--", program] + arguments),
            // Whatever cluster the machine knows is none of a test's.
            environment: .inherit.updating(["DBMMO_NO_WORKER": "true"]).updating(environment))
        let end = Task {
            defer {
                traces.hasEnded.withLock { $0 = true }
                announcement.finish()
            }
            return try await Subprocess.run(configuration, input: .none, output: .sequence, error: .combinedWithOutput) { execution in
                announcement.yield(execution.processIdentifier.value)
                for try await buffer in execution.standardOutput {
                    let part = buffer.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
                    traces.text.withLock { $0 += part }
                }
            }.terminationStatus
        }
        // In a task of its own: once it is asked for, a process is waited for also when the caller is cancelled, so that it is never lost.
        guard let pid = await Task(operation: { await pids.first { _ in true } }).value else {
            _ = try await end.value
            throw SystemCallFailure("spawn")
        }
        return ServerProcess(pid: pid, traces: traces, end: end)
    }

    /// Sends a signal, unless the process has ended and its id may be another's by now.
    func send(_ signal: Int32) {
        traces.hasEnded.withLock { if !$0 { kill(pid, signal) } }
    }

    /// Waits until the process has ended.
    @discardableResult
    func ended() async throws -> TerminationStatus {
        try await end.value
    }
}

import Glibc
import Subprocess
import TestSupport
import Testing

extension ProcessTests {
    @Suite("running out of file descriptors")
    struct OpenFilesTests {
        @Test("a server that may open no more files closes silent connections, waits without spinning, and serves again")
        func recovers() async throws {
            try await WebhookServer.with { server in
                let pid = await server.pid
                let open = try await Tool.demand("ls", ["/proc/\(pid)/fd"]).split(separator: "\n").count
                try await Tool.demand("prlimit", ["--pid", "\(pid)", "--nofile=\(open + 8)"])
                let silent = try (0..<30).map { _ in try RawConnection(port: server.port) }
                try await poll("it has run out") { await server.log.contains("cannot accept connections for now") }

                let before = try await cpuTicks(of: pid)
                try await Task.sleep(for: .milliseconds(500))
                // A hundred ticks are a second.
                #expect(try await cpuTicks(of: pid) - before < 20)

                let answer = try await server.post("/validate", Reviews.creation)
                #expect(answer.output.contains(#""allowed":true"#), "\(answer)")
                withExtendedLifetime(silent) {}
            }
        }

        /// The processor time that a process has used (proc(5), `utime` and `stime`).
        private func cpuTicks(of pid: pid_t) async throws -> Int {
            let stat = try await Tool.demand("cat", ["/proc/\(pid)/stat"])
            let fields = stat.split(separator: ") ").last?.split(separator: " ") ?? []
            guard fields.count > 12, let user = Int(fields[11]), let system = Int(fields[12]) else {
                throw TimedOut(description: "\(stat)")
            }
            return user + system
        }
    }
}

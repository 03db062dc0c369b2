import FoundationEssentials
import Glibc
import HTTPCalls
import KubernetesAPI

/// A container that is a real MariaDB, and behaves as the official image of MySQL: an empty data directory is set up on the first start, with the
/// root password of that moment; later the password stays, whatever the variable says.
///
/// It is moved on step by step, and no step waits for long.
actor DatabaseContainer {
    /// What a start needs.
    struct Plan: Sendable {
        let environment: [String: String]
        let dataDirectory: String

        var password: String? { environment["MYSQL_ROOT_PASSWORD"] }
    }

    private enum Phase {
        case stopped
        case initialising(ServerProcess, Plan)
        case running(ServerProcess, Plan)
    }

    /// How often it has to fail in a row until a ready container counts as not ready, as a probe's `failureThreshold`.
    private static let failureThreshold = 3

    /// Begins the names of its files outside of the data directory: the socket, what sets it up.
    private let files: String
    private var phase = Phase.stopped
    private var backoff = RestartBackoff()
    private var startedAt = Timestamp.now()
    private var isReady = false
    private var failures = 0
    private var endAsked: ContinuousClock.Instant?
    /// Where it listens on the loopback address while it runs.
    private(set) var port: UInt16?

    init(files: String) {
        self.files = files
    }

    /// The process that runs now.
    private var process: ServerProcess? {
        switch phase {
        case .stopped: nil
        case .initialising(let process, _), .running(let process, _): process
        }
    }

    var pid: pid_t? { process.flatMap { $0.hasEnded ? nil : $0.pid } }

    /// What the process that runs now has written.
    var log: String { process?.log ?? "" }

    // MARK: Living

    /// Moves on.
    ///
    /// - Parameters:
    ///   - isProbed: Whether the container has a readiness probe; without one it is ready as soon as it runs.
    ///   - plan: Asked before each start.
    /// - Returns: How it is, and when to look again.
    func advance(
        _ behaviour: PodBehaviour, isProbed: Bool, _ plan: @Sendable () async throws -> Plan
    ) async throws -> (ContainerState, next: Duration) {
        switch phase {
        case .stopped:
            if let pause = backoff.pause(at: .now) { return (.crashed(backoff), pause) }
            if behaviour.crashes { return crashed(1) }
            return try await start(try await plan())
        case .initialising(let process, let plan):
            guard process.hasEnded else { return (running, .milliseconds(50)) }
            let status = try await process.ended()
            guard status.exitCode == 0 else { return crashed(status.exitCode ?? 137) }
            try await launch(plan)
            return (running, .milliseconds(20))
        case .running(let process, let plan):
            if behaviour.crashes { process.send(SIGKILL) }
            if behaviour.crashes || process.hasEnded { return crashed(try await process.ended().exitCode ?? 137) }
            try await probe(behaviour, isProbed: isProbed, plan)
            return (running, isReady || !behaviour.canBeReady ? .seconds(1) : .milliseconds(100))
        }
    }

    private var running: ContainerState {
        ContainerState(
            phase: .running(since: startedAt), isReady: isReady, restarts: backoff.restarts, lastExitCode: backoff.lastExitCode)
    }

    private func crashed(_ exitCode: Int32) -> (ContainerState, Duration) {
        phase = .stopped
        port = nil
        isReady = false
        backoff.ended(exitCode, at: .now)
        return (.ended(backoff), .milliseconds(10))
    }

    private func start(_ plan: Plan) async throws -> (ContainerState, Duration) {
        startedAt = .now()
        if FileManager.default.fileExists(atPath: "\(plan.dataDirectory)/mysql") {
            try await launch(plan)
        } else if let password = plan.password, !password.isEmpty {
            phase = .initialising(try await initialise(plan, password), plan)
        } else {
            // The official image ends with an error, too.
            return crashed(1)
        }
        return (running, .milliseconds(20))
    }

    /// Sets up a data directory beside the real one, which takes its place when it is complete.
    private func initialise(_ plan: Plan, _ password: String) async throws -> ServerProcess {
        let quoted = password.replacing("\\", with: "\\\\").replacing("'", with: "\\'")
        let accounts = """
            DELETE FROM mysql.global_priv WHERE User = 'root' AND Host <> 'localhost';
            FLUSH PRIVILEGES;
            ALTER USER 'root'@'localhost' IDENTIFIED BY '\(quoted)';
            CREATE USER 'root'@'%' IDENTIFIED BY '\(quoted)';
            GRANT ALL PRIVILEGES ON *.* TO 'root'@'%' WITH GRANT OPTION;

            """
        try Data(accounts.utf8).write(to: URL(filePath: "\(files).sql"))
        let script = """
            installer=$1 new=$2 data=$3 accounts=$4
            shift 4
            mkdir -p "$data"
            rm -rf "$new"
            "$installer" "$@" --auth-root-authentication-method=normal --skip-test-db --extra-file="$accounts"
            rm "$accounts"
            mv -T "$new" "$data"
            """
        let new = "\(plan.dataDirectory).new"
        return try await ServerProcess.launch(
            ["-ec", script, "sh", MariaDB.installer, new, plan.dataDirectory, "\(files).sql"] + MariaDB.serverOptions(dataDirectory: new),
            program: "/bin/sh")
    }

    private func launch(_ plan: Plan) async throws {
        let port = try LoopbackAddress.freePort()
        let options = [
            "--bind-address=127.0.0.1", "--port=\(port)", "--socket=\(files).sock", "--pid-file=\(files).pid",
            "--innodb-buffer-pool-size=8M", "--innodb-temp-data-file-path=ibtmp1:1M:autoextend", "--performance-schema=OFF"
        ]
        let process = try await ServerProcess.launch(
            MariaDB.serverOptions(dataDirectory: plan.dataDirectory) + options, program: MariaDB.server)
        self.port = port
        phase = .running(process, plan)
    }

    /// Whether it answers who has the password.
    private func probe(_ behaviour: PodBehaviour, isProbed: Bool, _ plan: Plan) async throws {
        guard behaviour.canBeReady, isProbed, let port else {
            isReady = behaviour.canBeReady
            return
        }
        if try await MariaDB.query("SELECT 1", port: port, password: plan.password ?? "").exitCode == 0 {
            isReady = true
            failures = 0
        } else {
            failures += 1
            if failures >= Self.failureThreshold { isReady = false }
        }
    }

    // MARK: Ending

    /// Has it end by itself within the grace period, and by force after it.
    ///
    /// - Returns: Whether it has ended.
    func end(within grace: Duration) -> Bool {
        guard let process, !process.hasEnded else {
            port = nil
            return true
        }
        // What sets up a data directory ends in a moment; killed, it would leave a server behind.
        if case .initialising = phase { return false }
        guard let endAsked else {
            endAsked = .now
            process.send(SIGTERM)
            return false
        }
        if .now - endAsked >= grace { process.send(SIGKILL) }
        return false
    }

    /// Ends it by force, as if its machine had failed.
    func kill() async {
        guard let process else { return }
        if case .running = phase { process.send(SIGKILL) }
        _ = try? await process.ended()
        phase = .stopped
        port = nil
    }
}

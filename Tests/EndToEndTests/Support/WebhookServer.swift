import Glibc
import Subprocess
import TestSupport

/// A running `dbmmo serve` with a certificate of its own, on two free ports that stay the same when it is started again.
actor WebhookServer {
    nonisolated let port: UInt16
    nonisolated let operationsPort: UInt16
    /// Where tests may put files of their own.
    nonisolated let directory: TemporaryDirectory
    nonisolated let certificates: String
    private let options: [String]
    private let environment: [Environment.Key: String?]
    private var current: ServerProcess
    /// What processes that have ended wrote.
    private var earlierLog = ""

    nonisolated var url: String { "https://127.0.0.1:\(port)" }
    nonisolated var caFile: String { "\(certificates)/ca.crt" }

    /// How long it took from launching the last process until it was ready.
    private(set) var startingTime: Duration

    /// Makes certificates in a directory, starts the server and waits until it is ready.
    static func start(
        in directory: TemporaryDirectory, options: [String] = ["--shutdown-delay", "0s"], environment: [Environment.Key: String?] = [:]
    ) async throws -> WebhookServer {
        let certificates = directory.file("certs")
        try await Tool.demand(Project.binary, ["certs", "--dir", certificates, "--ip-address", "127.0.0.1"])
        let (port, operationsPort) = (try LoopbackAddress.freePort(), try LoopbackAddress.freePort())
        let all = WebhookServer.arguments(port: port, operationsPort: operationsPort, certificates: certificates) + options
        let (process, time) = try await launch(all, environment, operationsPort: operationsPort)
        return WebhookServer(
            port: port, operationsPort: operationsPort, directory: directory, certificates: certificates, options: all,
            environment: environment, current: process, startingTime: time)
    }

    static func arguments(port: UInt16, operationsPort: UInt16, certificates: String) -> [String] {
        [
            "serve", "--listen", "127.0.0.1:\(port)", "--ops-listen", "127.0.0.1:\(operationsPort)", "--cert-dir", certificates,
            "--log-level", "debug"
        ]
    }

    private init(
        port: UInt16, operationsPort: UInt16, directory: TemporaryDirectory, certificates: String, options: [String],
        environment: [Environment.Key: String?], current: ServerProcess, startingTime: Duration
    ) {
        self.port = port
        self.operationsPort = operationsPort
        self.directory = directory
        self.certificates = certificates
        self.options = options
        self.environment = environment
        self.current = current
        self.startingTime = startingTime
    }

    private static func launch(
        _ arguments: [String], _ environment: [Environment.Key: String?], operationsPort: UInt16
    ) async throws -> (ServerProcess, Duration) {
        let start = ContinuousClock.now
        let process = try await ServerProcess.launch(arguments, environment: environment)
        do {
            try await poll("dbmmo serve is ready or has failed", every: .milliseconds(2)) {
                readiness(operationsPort) == 200 || process.hasEnded
            }
            guard !process.hasEnded else { throw TimedOut(description: "dbmmo serve ended") }
        } catch {
            process.send(SIGKILL)
            throw ServerDidNotStart(log: process.log, cause: error)
        }
        return (process, ContinuousClock.now - start)
    }

    /// The status code of `/readyz`; nil when there is no answer.
    nonisolated var readiness: Int? { WebhookServer.readiness(operationsPort) }

    private static func readiness(_ port: UInt16) -> Int? {
        guard let connection = try? RawConnection(port: port),
            (try? connection.send(Array("GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8))) != nil,
            let answer = try? connection.receiveAll()
        else { return nil }
        return answer.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    }

    /// What all processes so far have written.
    var log: String { earlierLog + current.log }

    /// The process that runs now.
    var pid: pid_t { current.pid }

    func send(_ signal: Int32) {
        current.send(signal)
    }

    func ended() async throws -> TerminationStatus {
        try await current.ended()
    }

    /// Sends a signal and waits until the process has ended.
    @discardableResult
    func stop(_ signal: Int32 = SIGTERM) async throws -> TerminationStatus {
        current.send(signal)
        return try await current.ended()
    }

    /// Starts it again on the same ports, after it has ended.
    func restart() async throws {
        let log = current.log
        (current, startingTime) = try await WebhookServer.launch(options, environment, operationsPort: operationsPort)
        earlierLog += log
    }

    nonisolated func metrics() async throws -> MetricsPage {
        try MetricsPage(
            parsing: try await Tool.demand("curl", ["--silent", "--max-time", "20", "http://127.0.0.1:\(operationsPort)/metrics"]))
    }

    /// Sends a request with curl.
    nonisolated func curl(_ path: String, _ options: [String] = [], input: String? = nil) async throws -> Outcome {
        let common = ["--silent", "--show-error", "--max-time", "20", "--cacert", caFile]
        return try await Tool.run("curl", common + options + [url + path], input: input)
    }

    /// Posts a JSON text to a webhook.
    nonisolated func post(_ path: String, _ json: String) async throws -> Outcome {
        try await curl(path, ["--header", "Content-Type: application/json", "--data-binary", "@-"], input: json)
    }

    /// Runs the body with a server of its own.
    static func with<Result>(
        options: [String] = ["--shutdown-delay", "0s"], environment: [Environment.Key: String?] = [:],
        _ body: (WebhookServer) async throws -> Result
    ) async throws -> Result {
        try await TemporaryDirectory.with { directory in
            let server = try await start(in: directory, options: options, environment: environment)
            return try await withCleanup({ await server.send(SIGKILL) }) { try await body(server) }
        }
    }
}

struct ServerDidNotStart: Error, CustomStringConvertible {
    let log: String
    let cause: any Error

    var description: String { "\(cause)\n\(log)" }
}

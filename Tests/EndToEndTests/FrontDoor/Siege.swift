import Synchronization
import TestSupport
import Testing

/// A server under attack, and beside the attackers a client that must not notice.
struct Siege: Sendable {
    let server: WebhookServer

    /// Within this time an honest client is answered.
    private static let patience = Duration.milliseconds(100)
    /// Something else on the machine can make any run late once; what the server does wrong makes every run late.
    private static let attempts = 3
    /// Attackers let the server and the honest client go first: on this machine they are only in the tests.
    static let niceness: Int32 = 10
    /// How much more memory than before may stay with the process, in bytes: what an allocator keeps for later, after it has given back
    /// what came from the attackers.
    private static let memoryAllowance = 24 << 20

    /// A server that nobody attacks, on the same machine at the same time.
    @TaskLocal static var calmServer: WebhookServer?

    /// The log of every request would be read by this process, in time taken from the cores that the servers need.
    static let options = ["--shutdown-delay", "0s", "--log-level", "warning"]

    /// Lets the attack run against a server of its own, and checks that an honest client is served in time meanwhile, and that memory and
    /// file descriptors come back afterwards.
    ///
    /// - Parameters:
    ///   - refusals: how often the server has to have refused something for which reason, at least.
    ///   - attack: must have let go of its connections when it returns.
    static func run(
        _ name: String, options: [String] = [], refusals: [String: Int] = [:], sourceLocation: SourceLocation = #_sourceLocation,
        attack: @Sendable (Siege) async throws -> Void
    ) async throws {
        for attempt in 1...attempts {
            let isLast = attempt == attempts
            if try await tried(name, options, refusals, sourceLocation, mayBeLate: !isLast, attack) { return }
            print("figures: \(name): late, tried again")
        }
    }

    /// - Returns: whether the honest client was answered in time, if that is not demanded.
    private static func tried(
        _ name: String, _ options: [String], _ refusals: [String: Int], _ sourceLocation: SourceLocation, mayBeLate: Bool,
        _ attack: @Sendable (Siege) async throws -> Void
    ) async throws -> Bool {
        let calmServer = try #require(calmServer)
        return try await WebhookServer.with(options: Siege.options + options) { server in
            _ = try await HonestClient.measure(server, for: .milliseconds(200))
            let process = ProcessFigures(pid: await server.pid)
            let (memory, descriptors) = (process.memory, process.descriptors)

            let (client, calmClient) = (await HonestClient.start(server), await HonestClient.start(calmServer))
            let start = ContinuousClock.now
            let outcome = await Result<Void, any Error> { try await attack(Siege(server: server)) }
            let time = ContinuousClock.now - start
            let (report, calm) = (try await client.stop(), try await calmClient.stop())
            try outcome.get()
            let peak = max(report.peakMemory, process.memory)

            try? await poll("file descriptors and memory are back", for: .seconds(10)) {
                process.descriptors <= descriptors && process.memory <= memory + memoryAllowance
            }
            SiegeTable.add(
                .init(
                    name: name, time: time, calm: calm.times, under: report.times, fresh: report.freshTimes,
                    memory: (memory, peak, process.memory), descriptors: (descriptors, process.descriptors)))
            #expect(report.failures.isEmpty, "\(name)", sourceLocation: sourceLocation)
            #expect(report.times.count > 10, "\(name): the honest client had something to do", sourceLocation: sourceLocation)
            // Where the machine is so busy that clients of the other server have to wait as well, it is not the attack that they wait for.
            let isInTime = report.times.worst <= max(patience, calm.times.worst * 3)
            #expect(isInTime || mayBeLate, "\(name): under attack \(report), else \(calm)", sourceLocation: sourceLocation)
            #expect(process.memory <= memory + memoryAllowance, "\(name): memory came back", sourceLocation: sourceLocation)
            #expect(process.descriptors <= descriptors, "\(name): connections are closed", sourceLocation: sourceLocation)
            #expect(server.readiness == 200, "\(name)", sourceLocation: sourceLocation)
            let metrics = try await server.metrics()
            #expect(metrics["dbmmo_http_connections"] == 0, "\(name)", sourceLocation: sourceLocation)
            for (reason, least) in refusals {
                let count = metrics["dbmmo_http_refused_total", ["reason": reason]] ?? 0
                #expect(count >= Double(least), "\(name): refused for \(reason)", sourceLocation: sourceLocation)
            }
            return isInTime
        }
    }

    /// Runs attackers beside each other.
    func attackers<Result: Sendable>(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Result) async throws -> [Result] {
        try await onOwnThreads(count, niceness: Self.niceness, body)
    }
}

extension Result where Failure == any Error {
    fileprivate init(catching body: () async throws -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}

/// Gives sieges the server that nobody attacks, and prints the figures of all when the last is over.
struct SiegeTable: SuiteTrait, TestScoping {
    struct Row: Sendable {
        let name: String
        let time: Duration
        let calm: LatencyFigures
        let under: LatencyFigures
        let fresh: LatencyFigures
        let memory: (before: Int, peak: Int, after: Int)
        let descriptors: (before: Int, after: Int)

        fileprivate var cells: [String] {
            [
                name, time.milliseconds, calm.worst.milliseconds, "\(under.count)", under.quantile(0.5).milliseconds,
                under.quantile(0.99).milliseconds, under.worst.milliseconds, fresh.worst.milliseconds, memory.before.mebibytes,
                memory.peak.mebibytes, memory.after.mebibytes, "\(descriptors.before)", "\(descriptors.after)"
            ]
        }
    }

    private static let rows = Mutex<[Row]>([])
    private static let heading = [
        "attack", "took ms", "calm max", "answers", "p50", "p99", "max", "fresh max", "MiB before", "peak", "after", "fds before", "after"
    ]

    static func add(_ row: Row) {
        rows.withLock { $0.append(row) }
        print("figures: \(zip(heading, row.cells).map { "\($0) \($1)" }.joined(separator: ", "))")
    }

    func provideScope(for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void) async throws {
        try await WebhookServer.with(options: Siege.options) { server in
            try await Siege.$calmServer.withValue(server) { try await function() }
        }
        let table = [Self.heading] + Self.rows.withLock { $0.map(\.cells) }
        guard table.count > 1 else { return }
        let widths = Self.heading.indices.map { column in table.map { $0[column].count }.max() ?? 0 }
        for row in table {
            let cells = zip(row, widths).enumerated().map { column, cell in
                let padding = String(repeating: " ", count: cell.1 - cell.0.count)
                return column == 0 ? cell.0 + padding : padding + cell.0
            }
            print("figures: \(cells.joined(separator: "  "))")
        }
    }
}

extension Trait where Self == SiegeTable {
    static var siegeTable: Self { Self() }
}

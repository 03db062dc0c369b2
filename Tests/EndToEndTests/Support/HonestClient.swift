import Glibc
import Synchronization

/// A client that sends one review after the other on one connection, and now and then one on a fresh connection, and takes the time of
/// each answer. It has no second try: whatever goes wrong is kept.
final class HonestClient: Sendable {
    struct Report: Sendable, CustomStringConvertible {
        var times = LatencyFigures()
        /// Of requests on fresh connections: connecting, handshake and answer.
        var freshTimes = LatencyFigures()
        var failures: [String] = []
        /// The most memory that the server was seen to have meanwhile, in bytes.
        var peakMemory = 0

        var description: String {
            "\(times), fresh connections \(freshTimes)\(failures.isEmpty ? "" : ", FAILURES \(failures.prefix(3))")"
        }
    }

    /// Between two requests.
    static let interval = Duration.milliseconds(10)
    /// Every so manyth request takes a fresh connection.
    private static let freshEvery = 20

    private let stopFlag = StopFlag()
    private let result: Task<Report, any Error>

    private init(port: UInt16, process: ProcessFigures) {
        result = Task { [stopFlag] in
            try await onOwnThread { try HonestClient.work(port, process, until: stopFlag) }
        }
    }

    static func start(_ server: WebhookServer) async -> HonestClient {
        HonestClient(port: server.port, process: ProcessFigures(pid: await server.pid))
    }

    /// Lets it work for some time.
    static func measure(_ server: WebhookServer, for time: Duration) async throws -> Report {
        let client = await start(server)
        try await Task.sleep(for: time)
        return try await client.stop()
    }

    func stop() async throws -> Report {
        stopFlag.raise()
        return try await result.value
    }

    private static func work(_ port: UInt16, _ process: ProcessFigures, until stopFlag: StopFlag) throws -> Report {
        var report = Report()
        let request = try ReviewConnection.recordedReview()
        var kept = try ReviewConnection(port: port)
        var count = 0
        while !stopFlag.isRaised {
            count += 1
            let isFresh = count.isMultiple(of: freshEvery)
            let start = ContinuousClock.now
            do {
                let exchange: ReviewConnection.Exchange
                if isFresh {
                    var fresh = try ReviewConnection(port: port)
                    exchange = try fresh.exchange(request)
                } else {
                    exchange = try kept.exchange(request)
                }
                let time = ContinuousClock.now - start
                switch exchange {
                case .answered(let answer) where answer.status == 200:
                    if isFresh { report.freshTimes.add(time) } else { report.times.add(time) }
                default:
                    report.failures.append("request \(count)\(isFresh ? " on a fresh connection" : ""): \(exchange)")
                    return report
                }
            } catch {
                report.failures.append("request \(count)\(isFresh ? " on a fresh connection" : ""): \(error)")
                return report
            }
            if count.isMultiple(of: 4) { report.peakMemory = max(report.peakMemory, process.memory) }
            pause(interval)
        }
        return report
    }
}

/// Times, and what is said about them.
struct LatencyFigures: Sendable, CustomStringConvertible {
    private var times: [Duration] = []

    var count: Int { times.count }
    var worst: Duration { times.max() ?? .zero }

    mutating func add(_ time: Duration) {
        times.append(time)
    }

    /// The time within which so large a part of them was.
    func quantile(_ part: Double) -> Duration {
        let sorted = times.sorted()
        guard !sorted.isEmpty else { return .zero }
        return sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]
    }

    var description: String {
        "n=\(count) p50=\(quantile(0.5).milliseconds) p99=\(quantile(0.99).milliseconds) max=\(worst.milliseconds) ms"
    }
}

extension Duration {
    /// Milliseconds with one decimal.
    var milliseconds: String {
        let tenths = components.seconds * 10_000 + components.attoseconds / 100_000_000_000_000
        return "\(tenths / 10).\(tenths % 10)"
    }
}

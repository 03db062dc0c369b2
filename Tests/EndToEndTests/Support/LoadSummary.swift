import TestSupport

/// What `h2load` says of a run against `/validate`.
struct LoadSummary: Sendable, CustomStringConvertible {
    let succeeded: Int
    /// Requests that were not answered with 2xx, for whatever reason.
    let failed: Int
    let rate: String

    var isClean: Bool { failed == 0 }

    var description: String { "\(succeeded) succeeded, \(failed) failed, \(rate)" }

    /// - Throws: `ToolFailure` when h2load fails as a whole.
    static func run(_ server: WebhookServer, requests: Int, clients: Int, _ options: [String]) async throws -> LoadSummary {
        let body = try server.directory.write(Reviews.creation, to: "review.json")
        let arguments =
            options + [
                "--requests", "\(requests)", "--clients", "\(clients)", "--data", body, "--header", "content-type: application/json",
                server.url + "/validate"
            ]
        let outcome = try await Tool.run("h2load", arguments)
        guard outcome.exitCode == 0, let summary = LoadSummary(outcome.lines) else { throw ToolFailure("h2load", arguments, outcome) }
        return summary
    }

    private init?(_ lines: [String]) {
        // requests: 10 total, 10 started, 10 done, 10 succeeded, 0 failed, 0 errored, 0 timeout
        // status codes: 10 2xx, 0 3xx, 0 4xx, 0 5xx
        guard let requests = LoadSummary.numbers("requests: ", lines), let codes = LoadSummary.numbers("status codes: ", lines),
            let rate = lines.first(where: { $0.hasPrefix("finished in ") }), let total = requests["total"], let answered = codes["2xx"]
        else { return nil }
        succeeded = answered
        failed = total - answered + ["failed", "errored", "timeout"].reduce(0) { $0 + (requests[$1] ?? 0) }
        self.rate = rate
    }

    private static func numbers(_ prefix: String, _ lines: [String]) -> [String: Int]? {
        guard let line = lines.first(where: { $0.hasPrefix(prefix) }) else { return nil }
        let pairs = line.dropFirst(prefix.count).split(separator: ", ").map { $0.split(separator: " ") }
        return Dictionary(pairs.compactMap { pair in Int(pair[0]).map { (String(pair.last ?? ""), $0) } }) { first, _ in first }
    }
}

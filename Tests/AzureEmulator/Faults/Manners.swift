import NIOCore
import NIOHTTP1

/// What is asked of every call, and whether the client keeps away for as long as it was told.
struct Manners: Sendable {
    private var usedIDs: Set<String> = []
    /// When nobody should come, by whose requests are counted together.
    private var quiet: [String: (from: ContinuousClock.Instant, until: ContinuousClock.Instant)] = [:]
    private let slack: Duration

    init(slack: Duration) {
        self.slack = slack
    }

    /// - Returns: What is wrong with the call.
    mutating func check(_ call: Call, at now: ContinuousClock.Instant) -> [String] {
        var faults: [String] = []
        let id = call.headers.first(name: "x-ms-client-request-id")
        if id == nil && !call.isSignIn { faults.append("no x-ms-client-request-id") }
        if let id {
            if !id.isUUID { faults.append("the x-ms-client-request-id is not a UUID") }
            if !usedIDs.insert(id.lowercased()).inserted { faults.append("the x-ms-client-request-id was used before") }
        }
        if call.headers.first(name: "User-Agent")?.hasPrefix("dbmmo/") != true { faults.append("the User-Agent is not dbmmo's") }
        if ["GET", "DELETE"].contains(call.method), call.body.readableBytes > 0 { faults.append("a \(call.method) with a body") }
        if call.path.contains("//") { faults.append("an empty part in the path") }
        // What was under way when the client was told comes within the slack.
        if let quiet = quiet[call.scope], now > quiet.from + slack, now + slack < quiet.until {
            faults.append("\(quiet.until - now) before Retry-After was over")
        }
        return faults.map { "\(call.method) \(call.path): \($0)" }
    }

    /// Remembers that a call was told to come again later.
    mutating func tellToWait(_ call: Call, for pause: Duration, at now: ContinuousClock.Instant) {
        let earlier = quiet[call.scope].flatMap { $0.until > now ? $0 : nil }
        quiet[call.scope] = (earlier?.from ?? now, max(now + pause, earlier?.until ?? now))
    }

    /// Forgets what the client was told, since it has started anew.
    mutating func forgetPace() {
        quiet = [:]
    }
}

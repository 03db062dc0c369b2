import NIOCore
import NIOHTTP1

/// What is asked of every call, and whether the client keeps away for as long as it was told.
struct Manners: Sendable {
    private var usedIDs: Set<String> = []
    /// Until when nobody should come, by what it is about.
    private var quietUntil: [String: ContinuousClock.Instant] = [:]
    private let slack: Duration

    init(slack: Duration) {
        self.slack = slack
    }

    /// - Returns: What is wrong with the call.
    mutating func check(_ call: Call, at now: ContinuousClock.Instant) -> [String] {
        var faults: [String] = []
        let names = ["x-ms-client-request-id", "client-request-id"]
        if let id = names.lazy.compactMap({ call.headers.first(name: $0) }).first {
            if !id.isUUID { faults.append("the x-ms-client-request-id is not a UUID") }
            if !usedIDs.insert(id.lowercased()).inserted { faults.append("the x-ms-client-request-id was used before") }
        } else {
            faults.append("no x-ms-client-request-id")
        }
        if call.headers.first(name: "User-Agent")?.hasPrefix("dbmmo/") != true { faults.append("the User-Agent is not dbmmo's") }
        if ["GET", "DELETE"].contains(call.method), call.body.readableBytes > 0 { faults.append("a \(call.method) with a body") }
        if call.path.contains("//") { faults.append("an empty part in the path") }
        if let until = quietUntil[call.scope], now + slack < until { faults.append("\(until - now) before Retry-After was over") }
        return faults.map { "\(call.method) \(call.path): \($0)" }
    }

    /// Remembers that a call was told to come again later.
    mutating func tellToWait(_ call: Call, for pause: Duration, at now: ContinuousClock.Instant) {
        quietUntil[call.scope] = now + pause
    }

    /// Forgets what the client was told, since it has started anew.
    mutating func forgetPace() {
        quietUntil = [:]
    }
}

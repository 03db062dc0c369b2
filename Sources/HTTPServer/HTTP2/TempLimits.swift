import NIOCore
struct BodyAllowance {
    mutating func take(_ n: Int) -> Bool { true }
    mutating func takeAnyway(_ n: Int) {}
    mutating func release(_ n: Int) {}
    mutating func releaseAll() {}
}
struct BodyPace {
    var received: Int
    var limits: HTTPServerLimits
    func deadline(from start: NIODeadline) -> NIODeadline {
        min(
            start + TimeAmount(limits.bodyTimeout),
            start + .seconds(5) + .milliseconds(Int64(received) * 1000 / Int64(max(1, limits.minimumBodyRate))))
    }
}

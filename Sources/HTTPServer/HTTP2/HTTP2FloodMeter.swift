import NIOCore

/// Counts, second by second, what a client can send at little cost and for nothing.
struct HTTP2FloodMeter {
    enum Nuisance: CaseIterable {
        case reset, emptyFrame, ping, settings, controlFrame
    }

    private struct Counts {
        var resets = 0
        var emptyFrames = 0
        var pings = 0
        var settings = 0
        var controlFrames = 0
    }

    private let limits: HTTPServerLimits
    private var counts = Counts()
    private var secondEnds = NIODeadline.uptimeNanoseconds(0)

    init(limits: HTTPServerLimits) {
        self.limits = limits
    }

    /// The reason to end the connection; nil while the client keeps within the limits.
    private(set) var excess: HTTPRefusal.Reason?

    mutating func count(_ frame: HTTP2FrameHeader, at now: @autoclosure () -> NIODeadline) {
        switch frame.kind {
        case .data, .headers, .continuation:
            guard frame.payloadLength == 0, frame.kind == .continuation || !frame.hasFirstFlag else { return }
            count(.emptyFrame, at: now())
        case .resetStream: count(.reset, at: now())
        case .ping: count(frame.hasFirstFlag ? .controlFrame : .ping, at: now())
        case .settings: count(frame.hasFirstFlag ? .controlFrame : .settings, at: now())
        default: count(.controlFrame, at: now())
        }
    }

    mutating func count(_ nuisance: Nuisance, at now: NIODeadline) {
        if now >= secondEnds {
            counts = Counts()
            secondEnds = now + .seconds(1)
        }
        switch nuisance {
        case .reset: Self.count(&counts.resets, limits.streamResetsPerSecond, .http2Resets, &excess)
        case .emptyFrame: Self.count(&counts.emptyFrames, limits.emptyFramesPerSecond, .http2EmptyFrames, &excess)
        case .ping: Self.count(&counts.pings, limits.pingsPerSecond, .http2Pings, &excess)
        case .settings: Self.count(&counts.settings, limits.settingsPerSecond, .http2Settings, &excess)
        case .controlFrame: Self.count(&counts.controlFrames, limits.controlFramesPerSecond, .http2ControlFrames, &excess)
        }
    }

    private static func count(_ count: inout Int, _ limit: Int, _ reason: HTTPRefusal.Reason, _ excess: inout HTTPRefusal.Reason?) {
        count += 1
        if count > limit, excess == nil { excess = reason }
    }
}

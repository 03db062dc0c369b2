/// How a pod behaves on the node.
struct PodBehaviour: Sendable, Equatable {
    /// How long it takes from the pod's arrival on the node until its containers run.
    var startDelay = Duration.zero
    /// Whether its readiness probe can succeed.
    var canBeReady = true
    /// Whether its containers end with exit code 1 as soon as they run.
    var crashes = false

    static let normal = PodBehaviour()
    static let neverReady = PodBehaviour(canBeReady: false)
    static let crashLoop = PodBehaviour(crashes: true)
    static func slow(_ delay: Duration) -> PodBehaviour { PodBehaviour(startDelay: delay) }
}

/// When a container that ended is started again: at once at first, and later each time, as a kubelet does, but in less time.
struct RestartBackoff: Sendable {
    private(set) var restarts = 0
    private(set) var lastExitCode: Int32?
    private var due: ContinuousClock.Instant?

    mutating func ended(_ exitCode: Int32, at now: ContinuousClock.Instant) {
        lastExitCode = exitCode
        restarts += 1
        due = now + min(.milliseconds(50) * (1 << min(restarts, 10)), .seconds(5))
    }

    /// How long to wait before the next start; nil when it is time.
    func pause(at now: ContinuousClock.Instant) -> Duration? {
        due.flatMap { $0 > now ? $0 - now : nil }
    }
}

/// Decides when memory goes back to the system. See ``ProcessMemory/giveBack()``.
///
/// glibc keeps what is freed in the middle of its heap, which after a wave of connections or of large bodies is most of what that took; and all code
/// that ran once, at the start most of all, stays mapped. Giving that back costs some milliseconds and later the page faults to get it again; so
/// it is done only when the start or a wave is over.
struct MemoryTrim {
    /// What takes memory.
    struct Load: Equatable {
        var connections: Int
        /// Bytes of bodies beyond what each connection may hold anyway.
        var bodies: Int
    }

    /// Waves up to this size are not worth it.
    static let smallWave = Load(connections: 64, bodies: 4 * 1024 * 1024)

    private var peak = Load(connections: 0, bodies: 0)
    /// Whether something was done since memory was given back the last time. To start is to do something.
    private var hasWorked = true

    /// Whether a wave is over, less than half of it being left, or the server has fallen idle.
    ///
    /// - Parameters:
    ///   - highest: the most there was since the last call.
    ///   - current: what there is now.
    mutating func isDue(highest: Load, current: Load) -> Bool {
        peak.connections = max(peak.connections, highest.connections)
        peak.bodies = max(peak.bodies, highest.bodies)
        let isIdle = highest.connections == 0
        let isDue =
            Self.isOver(peak.connections, current.connections, Self.smallWave.connections)
            || Self.isOver(peak.bodies, current.bodies, Self.smallWave.bodies)
            || isIdle && hasWorked
        hasWorked = !isIdle
        if isDue { peak = current }
        return isDue
    }

    private static func isOver(_ peak: Int, _ current: Int, _ small: Int) -> Bool {
        peak - current > small && current < peak / 2
    }
}

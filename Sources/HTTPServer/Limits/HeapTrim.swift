/// Decides when free memory goes back to the system.
///
/// glibc keeps what is freed in the middle of its heap, which after a wave of connections or of large bodies is most of what that took. Giving it
/// back costs some milliseconds and later the page faults to get it again; so it is done only when the wave is over.
struct HeapTrim {
    /// What takes memory.
    struct Load: Equatable {
        var connections: Int
        /// Bytes of bodies beyond what each connection may hold anyway.
        var bodies: Int
    }

    /// Waves up to this size are not worth it.
    static let smallWave = Load(connections: 64, bodies: 4 * 1024 * 1024)

    private var peak = Load(connections: 0, bodies: 0)

    /// Whether a wave is over: less than half of it is left.
    ///
    /// - Parameters:
    ///   - highest: the most there was since the last call.
    ///   - current: what there is now.
    mutating func isDue(highest: Load, current: Load) -> Bool {
        peak.connections = max(peak.connections, highest.connections)
        peak.bodies = max(peak.bodies, highest.bodies)
        let isOver =
            Self.isOver(peak.connections, current.connections, Self.smallWave.connections)
            || Self.isOver(peak.bodies, current.bodies, Self.smallWave.bodies)
        if isOver { peak = current }
        return isOver
    }

    private static func isOver(_ peak: Int, _ current: Int, _ small: Int) -> Bool {
        peak - current > small && current < peak / 2
    }
}

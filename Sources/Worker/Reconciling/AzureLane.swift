import NIOConcurrencyHelpers

/// How many databases Azure is asked about at once: never so many that those on the cluster have to wait for an Azure that does not answer.
final class AzureLane: Sendable {
    private let width: Int
    private let inside = NIOLockedValueBox(0)

    /// - Parameter concurrency: Databases that are worked on at once.
    init(concurrency: Int) {
        width = max(1, concurrency / 2)
    }

    /// - Returns: Whether there was room. Whoever was let in leaves again.
    func enter() -> Bool {
        inside.withLockedValue { inside in
            guard inside < width else { return false }
            inside += 1
            return true
        }
    }

    func leave() {
        inside.withLockedValue { $0 -= 1 }
    }
}

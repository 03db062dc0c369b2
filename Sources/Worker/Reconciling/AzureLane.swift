import KubernetesClient
import NIOConcurrencyHelpers

/// How many databases Azure is asked about at once: never so many that those on the cluster have to wait for an Azure that does not answer.
final class AzureLane: Sendable {
    private let turns: NIOLockedValueBox<AzureTurns>
    private let wake: @Sendable (ObjectKey) -> Void

    /// - Parameters:
    ///   - concurrency: Databases that are worked on at once.
    ///   - wake: Called with a database whose turn has come.
    init(concurrency: Int, wake: @escaping @Sendable (ObjectKey) -> Void) {
        turns = NIOLockedValueBox(AzureTurns(width: max(1, concurrency / 2)))
        self.wake = wake
    }

    /// - Returns: Nil when it is the database's turn, which ends with ``leave(_:)``; else for how long it has waited.
    func enter(_ database: ObjectKey, _ group: AzureTurns.Group) -> Duration? {
        turns.withLockedValue { $0.enter(database, group, at: .now) }
    }

    func leave(_ database: ObjectKey) {
        if let next = turns.withLockedValue({ $0.leave(database) }) { wake(next) }
    }

    func forget(_ database: ObjectKey) {
        turns.withLockedValue { $0.forget(database) }
    }
}

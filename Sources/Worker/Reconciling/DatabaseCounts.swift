import JSON
import KubernetesClient
import NIOConcurrencyHelpers

/// How many databases there are, by what their status says of them: for metrics.
final class DatabaseCounts: Sendable {
    /// What counts of a database.
    private struct Standing {
        let phase: DatabaseStatus.Phase
        let isUnready: Bool

        init(_ object: KubernetesObject) {
            let status = (try? object.json())?["status"]
            phase = status?["phase"]?.string.flatMap(DatabaseStatus.Phase.init) ?? .pending
            let ready = status?["conditions"]?.elements.first { $0["type"]?.isString("Ready") == true }
            isUnready = ready?["status"]?.isString("True") != true && phase != .stopped && phase != .deleting
        }
    }

    private struct State {
        var phases: [DatabaseStatus.Phase: Int] = [:]
        var unready = 0

        mutating func add(_ count: Int, _ object: KubernetesObject) {
            let standing = Standing(object)
            phases[standing.phase, default: 0] += count
            if standing.isUnready { unready += count }
        }
    }

    private let metrics: WorkerMetrics
    private let state = NIOLockedValueBox(State())

    init(_ metrics: WorkerMetrics) {
        self.metrics = metrics
    }

    func note(_ change: ObjectChange) {
        state.withLockedValue { state in
            switch change {
            case .added(let object): state.add(1, object)
            case .deleted(let object): state.add(-1, object)
            case .updated(let old, let new):
                state.add(-1, old)
                state.add(1, new)
            }
            // Within the lock, so that no older count comes last.
            metrics.setDatabases(state.phases, unready: state.unready)
        }
    }
}

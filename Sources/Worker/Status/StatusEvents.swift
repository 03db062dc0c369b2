import DBMMOMySQLAPI
import JSON
import KubernetesClient

/// What a change of the status is worth telling in `kubectl describe`.
enum StatusEvents {
    struct Event: Sendable, Equatable {
        let type: EventOccurrence.Kind
        let reason: String
        let note: String
    }

    /// - Parameter old: The status as it was.
    static func events(from old: JSONValue?, to new: DatabaseStatus) -> [Event] {
        let before = old?["conditions"]?.elements ?? []
        return migrationEvents(from: old?["migration"], to: new.migration)
            + new.conditions.compactMap { condition in
                let known = before.first { $0["type"]?.string == condition.kind.rawValue }
                let isSame =
                    known?["status"]?.string == condition.status && known?["reason"]?.string == condition.reason.rawValue
                    && (condition.kind != .degraded || known?["message"]?.string == condition.message)
                guard !isSame else { return nil }
                switch condition.kind {
                case .ready:
                    guard condition.isTrue || known?["status"]?.string == "True" else { return nil }
                    let reason = condition.isTrue ? "Ready" : "NotReady"
                    return Event(type: condition.isTrue ? .normal : .warning, reason: reason, note: condition.message)
                case .progressing:
                    // That it goes on waiting for a pod is told by Ready.
                    guard condition.isTrue, condition.reason != .starting else { return nil }
                    return Event(type: .normal, reason: condition.reason.rawValue, note: condition.message)
                case .degraded:
                    guard condition.isTrue else { return nil }
                    return Event(type: .warning, reason: condition.reason.rawValue, note: condition.message)
                case .migrating: return nil
                }
            }
    }

    /// One for each step of a migration, and one for its end.
    private static func migrationEvents(from old: JSONValue?, to new: MigrationRecord?) -> [Event] {
        let before = old?["inProgress"]?.boolean == true ? old : nil
        if let new {
            guard before?["step"]?.string != new.step.rawValue else { return [] }
            return [Event(type: .normal, reason: new.step.rawValue, note: new.message)]
        }
        guard let before, let from = before["from"]?.string, let to = before["to"]?.string else { return [] }
        guard before["step"]?.string == MigrationStep.rollingBack.rawValue else {
            return [Event(type: .normal, reason: "Migrated", note: "the database moved from \(from) to \(to)")]
        }
        return [Event(type: .normal, reason: "RolledBack", note: "the migration to \(to) was called off; the database stays on \(from)")]
    }
}

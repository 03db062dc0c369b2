import DBMMOMySQLAPI
import JSON
import KubernetesAPI

/// What the status says of the migration in progress. It is written before the step that it names begins, so that a process that is killed leaves
/// nothing behind that the next one does not know of.
struct MigrationRecord: Sendable, Equatable {
    let source: Side
    var step: MigrationStep
    /// RFC 3339; nil for one that begins now.
    var startedAt: String?
    var message = ""

    var target: Side { source.other }

    init(from source: Side, step: MigrationStep = .provisioningTarget) {
        self.source = source
        self.step = step
    }

    /// Nil when none is in progress. What v1alpha1 left out is made up for.
    init?(of database: DBMMOMySQL) {
        guard let source = database.migrationSource else { return nil }
        self.init(from: source, step: database.status.migrationStep ?? .provisioningTarget)
        message = database.json[path: ["status", "migration", "message"]]?.string ?? ""
        startedAt = database.json[path: ["status", "migration", "startedAt"]]?.string
    }

    func at(_ step: MigrationStep) -> MigrationRecord {
        var record = self
        record.step = step
        return record
    }

    /// `status.migration`
    func tree(at now: Timestamp) -> JSONTree {
        [
            "inProgress": true, "from": .string(source.rawValue), "to": .string(target.rawValue), "step": .string(step.rawValue),
            "startedAt": .string(startedAt ?? now.text), "message": .string(message)
        ]
    }
}

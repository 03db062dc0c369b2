import AzureMySQL
import DBMMOMySQLAPI
import JSON
import KubernetesAPI
import KubernetesClient

/// Puts together what is told of a database.
struct StatusReport: Sendable {
    /// Something that is wrong, or that goes on.
    typealias Remark = (reason: Condition.Reason, message: String)

    private let situation: Situation

    init(_ situation: Situation) {
        self.situation = situation
    }

    /// - Parameters:
    ///   - work: Of the side that clients are led to, and whatever else is done.
    ///   - troubles: What needs a human, before that of the work; the first names the reason.
    ///   - migration: The one in progress, as it is to be told.
    func status(of work: SideWork, troubles: [Remark] = [], migration: MigrationRecord? = nil) -> DatabaseStatus {
        let progressing = work.progress.first.map { Condition(.progressing, true, $0.reason, $0.message) } ?? work.rest
        let all = troubles + work.troubles
        let degraded =
            all.first.map { Condition(.degraded, true, $0.reason, all.map(\.message).joined(separator: "; ")) }
            ?? Condition(.degraded, false, .asExpected, "")
        let phase = migration != nil && !degraded.isTrue ? .migrating : phase(work.readiness, progressing, degraded)
        return report([work.readiness, progressing, degraded], phase, work.azure, migration)
    }

    /// What is told when nothing is done.
    func status(troubles: [Remark]) -> DatabaseStatus {
        let isElsewhere = situation.database.side == .azure || situation.migration?.source == .azure
        return status(
            of: isElsewhere ? SideWork(situation.lastReadiness) : ClusterSide(situation).work(), troubles: troubles,
            migration: situation.migration)
    }

    func deleting(_ message: String, troubles: [Remark] = [], azure: AzureStatus? = nil) -> DatabaseStatus {
        let degraded =
            troubles.first.map { Condition(.degraded, true, $0.reason, troubles.map(\.message).joined(separator: "; ")) }
            ?? Condition(.degraded, false, .deleting, "")
        let conditions = [Condition(.ready, false, .deleting, message), Condition(.progressing, true, .deleting, message), degraded]
        return report(conditions, .deleting, azure, situation.migration)
    }

    // MARK: Parts

    private func report(
        _ conditions: [Condition], _ phase: DatabaseStatus.Phase, _ azure: AzureStatus?, _ migration: MigrationRecord?
    ) -> DatabaseStatus {
        let known = situation.database.json["status"]
        var status = DatabaseStatus(
            generation: situation.generation, phase: phase, version: version, conditions: conditions + [migrating(migration)])
        status.endpoint = endpoint
        status.pods = situation.pods.map(\.name).sorted()
        status.services = [.clientService, .podService].filter { situation.owned($0) != nil }.map { $0.name(for: situation.name) }
        status.claims = situation.owned(.claim) == nil ? [] : [Part.claim.name(for: situation.name)]
        status.capacity = situation.claim?.capacity?.description
        status.azure = azure ?? (known?["azure"].map { !$0.isNull } == true ? situation.azureStatus : nil)
        status.migration = migration
        return status
    }

    private func migrating(_ record: MigrationRecord?) -> Condition {
        guard let record, let reason = Condition.Reason(rawValue: record.step.rawValue) else {
            return Condition(.migrating, false, .notMigrating, "")
        }
        return Condition(.migrating, true, reason, record.message)
    }

    /// Where the Service for clients leads.
    private var aliasHost: String? { situation.owned(.clientService)?["spec"]?["externalName"]?.string }

    private var version: String? {
        let known = situation.database.json[path: ["status", "version"]]?.string
        guard aliasHost != nil else { return ClusterSide(situation).version ?? known }
        return situation.sight?.server?.version.map(AzureVersion.series) ?? known
    }

    private var endpoint: DatabaseStatus.Endpoint? {
        guard situation.owned(.clientService) != nil else { return nil }
        let reference = situation.database.spec.credentials?.passwordSecretRef?.name
        return DatabaseStatus.Endpoint(
            host: aliasHost ?? "\(situation.name).\(situation.owner.key.namespace).svc",
            secretName: reference ?? Part.credentials.name(for: situation.name))
    }

    private func phase(_ ready: Condition, _ progressing: Condition, _ degraded: Condition) -> DatabaseStatus.Phase {
        if degraded.isTrue { return .degraded }
        switch progressing.reason {
        case .stopped, .stopping: return .stopped
        case .provisioning: return situation.statefulSet == nil && !situation.mayHaveServer ? .pending : .provisioning
        case .settled, .waitingForHealth: return ready.isTrue ? .ready : ready.reason == .stopped ? .stopped : .updating
        default: return .updating
        }
    }
}

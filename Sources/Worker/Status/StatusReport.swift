import DBMMOMySQLAPI
import JSON
import KubernetesClient

/// Tells what is seen of a database on the cluster.
struct StatusReport: Sendable {
    /// Something that is wrong, or that goes on.
    typealias Remark = (reason: Condition.Reason, message: String)

    private let situation: Situation

    init(_ situation: Situation) {
        self.situation = situation
    }

    /// - Parameters:
    ///   - troubles: What needs a human; the first names the reason.
    ///   - progress: What is under way; the first is told.
    func status(troubles: [Remark], progress: [Remark] = []) -> DatabaseStatus {
        let ready = readiness
        let progressing = progress.first.map { Condition(.progressing, true, $0.reason, $0.message) } ?? usualProgress(ready)
        let degraded =
            troubles.first.map { Condition(.degraded, true, $0.reason, troubles.map(\.message).joined(separator: "; ")) }
            ?? Condition(.degraded, false, .asExpected, "")
        return report([ready, progressing, degraded], phase(ready, progressing, degraded))
    }

    func deleting(_ message: String) -> DatabaseStatus {
        let conditions = [
            Condition(.ready, false, .deleting, message), Condition(.progressing, true, .deleting, message),
            Condition(.degraded, false, .deleting, "")
        ]
        return report(conditions, .deleting)
    }

    /// An honest gap: databases on Azure are not made yet.
    var azureNotSupported: DatabaseStatus {
        let message = "databases on Azure are not managed by this version; nothing is changed"
        return report(
            [
                Condition(.ready, false, .azureNotSupported, message), Condition(.progressing, false, .azureNotSupported, message),
                Condition(.degraded, false, .azureNotSupported, "")
            ], .pending)
    }

    // MARK: Parts

    private func report(_ conditions: [Condition], _ phase: DatabaseStatus.Phase) -> DatabaseStatus {
        var status = DatabaseStatus(generation: situation.generation, phase: phase, version: version, conditions: conditions)
        status.endpoint = endpoint
        status.pods = situation.pods.map(\.name).sorted()
        status.services = [.clientService, .podService].filter { situation.owned($0) != nil }.map { $0.name(for: situation.name) }
        status.claims = situation.owned(.claim) == nil ? [] : [Part.claim.name(for: situation.name)]
        return status
    }

    /// The version of the last pod that was ready.
    private var version: String? {
        situation.pods.first { $0.isReady && $0.version != nil }?.version ?? situation.database.json[path: ["status", "version"]]?.string
    }

    private var endpoint: DatabaseStatus.Endpoint? {
        guard situation.owned(.clientService) != nil else { return nil }
        let reference = situation.database.spec.credentials?.passwordSecretRef?.name
        return DatabaseStatus.Endpoint(
            host: "\(situation.name).\(situation.owner.key.namespace).svc",
            secretName: reference ?? Part.credentials.name(for: situation.name))
    }

    private var isStopped: Bool { situation.statefulSet?.replicas == 0 && situation.database.spec.replicas == 0 }

    private var readiness: Condition {
        func no(_ reason: Condition.Reason, _ message: String) -> Condition { Condition(.ready, false, reason, message) }
        guard let statefulSet = situation.statefulSet else {
            return no(.notCreated, "\(Part.statefulSet.title(for: situation.name)) does not exist yet")
        }
        if isStopped { return no(.stopped, "spec.replicas is 0") }
        let claimTitle = Part.claim.title(for: situation.name)
        guard let claim = situation.claim else { return no(.volumePending, "\(claimTitle) does not exist") }
        guard claim.isBound else { return no(.volumePending, "\(claimTitle) is \(claim.phase)") }
        guard statefulSet.readyReplicas > 0, let pod = situation.pods.first(where: \.isReady) else {
            return no(.podNotReady, podTrouble)
        }
        let hasEndpoints =
            situation.observed.endpoints?["subsets"]?.elements.contains { !($0["addresses"]?.elements ?? []).isEmpty } ?? false
        guard situation.owned(.clientService) != nil, hasEndpoints else {
            return no(.noEndpoints, "\(Part.clientService.title(for: situation.name)) has no endpoints")
        }
        return Condition(.ready, true, .ready, "\(pod.name) serves clients")
    }

    private var podTrouble: String {
        guard let pod = situation.pods.first else { return "there is no pod yet" }
        if pod.isBeingDeleted { return "Pod \(pod.name) is shutting down" }
        return "Pod \(pod.name) is not ready\(pod.waitingReason.map { ": \($0)" } ?? "")"
    }

    private func usualProgress(_ ready: Condition) -> Condition {
        if isStopped {
            return situation.pods.isEmpty
                ? Condition(.progressing, false, .stopped, "") : Condition(.progressing, true, .stopping, "MySQL is shutting down")
        }
        if ready.isTrue { return Condition(.progressing, false, .settled, "") }
        let isNew = version == nil
        return Condition(.progressing, true, isNew ? .provisioning : .starting, ready.message)
    }

    private func phase(_ ready: Condition, _ progressing: Condition, _ degraded: Condition) -> DatabaseStatus.Phase {
        if degraded.isTrue { return .degraded }
        if isStopped { return .stopped }
        switch progressing.reason {
        case .provisioning: return situation.statefulSet == nil ? .pending : .provisioning
        case .settled, .waitingForHealth: return ready.isTrue ? .ready : .updating
        default: return .updating
        }
    }
}

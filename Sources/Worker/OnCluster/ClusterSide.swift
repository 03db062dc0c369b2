import DBMMOMySQLAPI
import JSON
import KubernetesClient

/// How the database on the cluster stands.
struct ClusterSide: Sendable {
    private let situation: Situation

    init(_ situation: Situation) {
        self.situation = situation
    }

    /// - Parameter servesClients: Whether the Service for clients has to lead here.
    func work(servesClients: Bool = true) -> SideWork {
        var work = SideWork(readiness(servesClients))
        if !isStopped { work.troubles = work.readiness.isTrue ? versionTroubles : troubles }
        let usual = usualProgress(work.readiness)
        if usual.isTrue { work.progress = [(usual.reason, usual.message)] } else { work.rest = usual }
        return work
    }

    /// Upgrades go by what the spec says, so that it has to be true.
    private var versionTroubles: [StatusReport.Remark] {
        situation.pods.compactMap { pod in
            guard pod.isReady, let said = pod.version, let actual = pod.serverVersion, said != actual else { return nil }
            let image = situation.statefulSet?.image ?? ""
            return (
                .versionMismatch,
                "the server of image \(image) is MySQL \(actual), not \(said): set spec.version to \"\(actual)\", or use another image"
            )
        }
    }

    private var troubles: [StatusReport.Remark] {
        let own = situation.pods.compactMap(\.trouble).map { ($0.reason, $0.message) }
        guard own.isEmpty, let awaited, let trouble = EventTrouble(awaited, title(awaited), situation.events) else { return own }
        return [(trouble.reason, trouble.message)]
    }

    /// What is waited for, of which only events may tell why it does not come; nil when nothing is waited for, or when it is known why.
    var awaited: EventTrouble.Awaited? {
        guard let statefulSet = situation.statefulSet, !isStopped, let claim = situation.owned(.claim).map(ClaimState.init) else {
            return nil
        }
        guard let pod = situation.pods.first else { return .pod(ofStatefulSet: statefulSet.uid) }
        if pod.isReady || pod.trouble != nil { return nil }
        return claim.isBound || pod.isBeingDeleted ? .readiness(pod) : .volume(ofClaim: claim.uid)
    }

    private func title(_ awaited: EventTrouble.Awaited) -> String {
        switch awaited {
        case .pod: Part.statefulSet.title(for: situation.name)
        case .volume: Part.claim.title(for: situation.name)
        case .readiness(let pod): "Pod \(pod.name)"
        }
    }

    /// The version of the pod that is ready: what its server says, else what it was made for.
    var version: String? { situation.pods.first { $0.isReady && $0.version != nil }.flatMap { $0.serverVersion ?? $0.version } }

    var isStopped: Bool { situation.statefulSet?.replicas == 0 && situation.database.spec.replicas == 0 }

    private func readiness(_ servesClients: Bool) -> Condition {
        func no(_ reason: Condition.Reason, _ message: String) -> Condition { Condition(.ready, false, reason, message) }
        guard let statefulSet = situation.statefulSet else {
            return no(.notCreated, "\(Part.statefulSet.title(for: situation.name)) does not exist yet")
        }
        if isStopped { return no(.stopped, "spec.replicas is 0") }
        let claimTitle = Part.claim.title(for: situation.name)
        guard let claim = situation.claim else { return no(.volumePending, "\(claimTitle) does not exist") }
        // Its volume is only waited for until there is a node for the pod.
        let hasTrouble = situation.pods.contains { $0.trouble != nil }
        guard claim.isBound || hasTrouble else {
            return no(.volumePending, "\(claimTitle) is \(claim.phase)")
        }
        guard statefulSet.readyReplicas > 0, let pod = situation.pods.first(where: { $0.isReady && !$0.isBeingDeleted }) else {
            return no(.podNotReady, podTrouble)
        }
        guard servesClients else { return Condition(.ready, true, .ready, "\(pod.name) is ready") }
        let hasEndpoints =
            situation.observed.endpoints?["subsets"]?.elements.contains { !($0["addresses"]?.elements ?? []).isEmpty } ?? false
        guard situation.owned(.clientService) != nil, hasEndpoints else {
            return no(.noEndpoints, "\(Part.clientService.title(for: situation.name)) has no endpoints")
        }
        let note = statefulSet.keeps(pod) ? "; another release of dbmmo made the pod, and this one makes the next" : ""
        return Condition(.ready, true, .ready, "\(pod.name) serves clients\(note)")
    }

    private var podTrouble: String {
        guard let pod = situation.pods.first else { return "there is no pod yet" }
        if pod.isBeingDeleted, troubles.isEmpty { return "Pod \(pod.name) is shutting down" }
        if let trouble = troubles.first { return trouble.message }
        return "Pod \(pod.name) is not ready\(pod.waitingReason.map { ": \($0)" } ?? "")"
    }

    private func usualProgress(_ ready: Condition) -> Condition {
        if isStopped {
            return situation.pods.isEmpty
                ? Condition(.progressing, false, .stopped, "") : Condition(.progressing, true, .stopping, "MySQL is shutting down")
        }
        if ready.isTrue { return Condition(.progressing, false, .settled, "") }
        if let pod = situation.pods.first, pod.isBeingDeleted { return Condition(.progressing, true, .stopping, ready.message) }
        let isNew = version == nil && situation.database.json[path: ["status", "version"]]?.string == nil
        return Condition(.progressing, true, isNew ? .provisioning : .starting, ready.message)
    }
}

import DBMMOMySQLAPI
import JSON
import KubernetesAPI
import KubernetesClient

/// What brings a database on the cluster to what its spec says: what is missing is made, what differs is put right, what is too small grows, and
/// what runs with an older template is replaced.
struct Provision: Sendable {
    private(set) var actions: [Plan.Action] = []
    /// What needs a human.
    var troubles: [StatusReport.Remark] { conflictTroubles + faults + refusalTroubles }
    /// What is under way.
    private(set) var progress: [StatusReport.Remark] = []

    private let situation: Situation
    private let parts: Set<Part>
    private let desired: DesiredObjects
    private var faults: [StatusReport.Remark] = []
    /// The version that was ready last; nil when none was.
    private let proven: String?

    /// - Parameters:
    ///   - parts: What is to be looked after; everything else is left as it is.
    ///   - serverHost: Where the Service for clients leads, when that is a server elsewhere.
    init(_ situation: Situation, parts: Set<Part>, serverHost: String? = nil, newPassword: () -> String) {
        self.situation = situation
        self.parts = parts
        proven = ClusterSide(situation).version ?? situation.database.status.version
        let settings = Settings(situation.database, owner: situation.owner, observed: situation.observed)
        guard parts.contains(.statefulSet) else {
            desired = DesiredObjects(settings: settings, serverHost: serverHost)
            settleAll(newPassword)
            return
        }
        let step = VersionStep(from: situation.statefulSet, to: settings, pods: situation.pods, proven: proven)
        desired = DesiredObjects(settings: step.settings)
        if let trouble = step.trouble { faults.append(trouble) }
        if let wait = step.wait { progress.append(wait) }

        guard settings.volumeMode != "Block" else {
            let message = "spec.onCluster.storage.volumeMode: MySQL keeps its data in a file system, not on a block device"
            faults.append((.unsupportedVolumeMode, message))
            return
        }
        settleAll(newPassword)
        if actions.isEmpty { growVolume() }
        if actions.isEmpty { replacePods() }
    }

    private mutating func settleAll(_ newPassword: () -> String) {
        for part in parts.sorted() { settle(part, newPassword) }
    }

    // MARK: Objects

    private mutating func settle(_ part: Part, _ newPassword: () -> String) {
        guard !situation.conflicts.contains(part), situation.refusals[part] == nil else { return }
        guard let observed = situation.observed[part] else {
            guard mayCreate(part), let object = desired.object(part, newPassword: newPassword) else { return }
            return actions.append(isPrecious(part) ? .find(object) : .create(object))
        }
        guard situation.owner.owns(observed) else { return }
        if DataProtection.parts.contains(part) { protect(part, observed) }
        // What is being deleted is made anew when it is gone.
        guard !situation.isBeingDeleted(part) else { return }
        guard let object = desired.object(part, newPassword: { "" }) else {
            // The Secret stays when the user names another one: until the password is changed in MySQL, it is the one that works.
            if part != .credentials { actions.append(.delete(part, uid: observed["metadata"]?["uid"]?.string ?? "", orphaning: false)) }
            return
        }
        let drift = Drift(of: observed, from: object.applied, replacing: object.replaced)
        let version = observed["metadata"]?["resourceVersion"]?.string ?? ""
        guard drift.surplus.isEmpty else {
            actions.append(.tidy(part, drift.surplus, resourceVersion: version))
            return
        }
        guard !drift.isCovered else { return }
        let move = FieldOwnership(of: observed).moving(object.removable)
        actions.append(move.isEmpty ? .apply(object) : .moveOwnership(part, move, resourceVersion: version))
    }

    private mutating func protect(_ part: Part, _ observed: JSONValue) {
        let isProtected = situation.database.spec.deletionProtection
        if let change = DataProtection.change(of: observed, owner: situation.owner, isProtected: isProtected) {
            let version = observed["metadata"]?["resourceVersion"]?.string ?? ""
            actions.append(.setProtection(part, change, isProtected: isProtected, resourceVersion: version))
        }
        guard situation.isBeingDeleted(part) else { return }
        let use = part == .claim ? "a pod uses it" : "a finalizer is on it"
        let stay = DataProtection.isOn(observed) ? "spec.deletionProtection is true" : use
        let advice = part == .claim ? "copy its data, or set its PersistentVolume to the reclaim policy Retain" : "copy the password"
        faults.append(
            (
                .dataBeingDeleted,
                "somebody has deleted \(part.title(for: situation.name)), which cannot be taken back; it stays while \(stay). Before that ends, \(advice)"
            ))
    }

    private mutating func mayCreate(_ part: Part) -> Bool {
        switch part {
        case .credentials:
            guard isPrecious(part), situation.absent.contains(part) else { return true }
            let way = "put the password of the database into a Secret and name that in spec.credentials.passwordSecretRef"
            faults.append((.credentialsMissing, "\(part.title(for: situation.name)) is gone; \(way)"))
            return false
        case .statefulSet:
            // Its pods would take what has the names of ours, whosever it is.
            let needed: [Part] = [.configuration, .claim] + (usesOwnSecret ? [.credentials] : [])
            return needed.allSatisfy { situation.owned($0) != nil }
        default: return true
        }
    }

    /// Whether a part cannot be made again: a database that exists has its password, and a new one would not open it.
    private func isPrecious(_ part: Part) -> Bool {
        part == .credentials && desired.settings.password == .generated && (situation.statefulSet != nil || situation.claim != nil)
    }

    private var usesOwnSecret: Bool {
        if case .reference = desired.settings.password { false } else { true }
    }

    // MARK: Volume

    /// The claim grows first. When the volume has grown, the StatefulSet is made anew around its pod, since its template for claims cannot change.
    private mutating func growVolume() {
        guard let claim = situation.claim, let request = claim.request, let wanted = try? Quantity(desired.settings.capacity) else {
            return
        }
        // Kubernetes takes back a growth that did not happen, down to what the volume has (KEP-1790).
        if let capacity = claim.capacity, capacity < request, wanted < request, wanted >= capacity {
            progress.append((.resizing, "the request for \(request) is taken back; the volume has \(capacity)"))
            if situation.refusals[.claim] == nil { actions.append(.growClaim(to: desired.settings.capacity)) }
            return
        }
        if wanted < request {
            faults.append((.cannotShrink, "the volume has \(request); it cannot shrink to \(wanted)"))
            return
        }
        if let failure = claim.resizeFailure { faults.append((.resizeFailed, failure)) }
        guard wanted == request else {
            progress.append((.resizing, "the volume grows from \(request) to \(wanted)"))
            // One that is not bound yet cannot change.
            if claim.isBound, situation.refusals[.claim] == nil { actions.append(.growClaim(to: desired.settings.capacity)) }
            return
        }
        if claim.isBound, let capacity = claim.capacity, capacity < request {
            let place = claim.waitsForFileSystem ? "the file system" : "the volume"
            progress.append((.resizing, "\(place) grows from \(capacity) to \(request)"))
            return
        }
        if let statefulSet = situation.statefulSet, let capacity = statefulSet.capacity, capacity < request,
            !situation.isBeingDeleted(.statefulSet)
        {
            actions.append(.delete(.statefulSet, uid: statefulSet.uid, orphaning: true))
        }
    }

    // MARK: Pods

    /// Pods are never replaced by the StatefulSet's controller (OnDelete), but here.
    private mutating func replacePods() {
        guard let statefulSet = situation.statefulSet, statefulSet.isObserved, let revision = statefulSet.updateRevision,
            !situation.isBeingDeleted(.statefulSet)
        else { return }
        for pod in situation.pods {
            guard let old = pod.revision, old != revision, !statefulSet.keeps(pod) else { continue }
            let isUpgrade = pod.version != statefulSet.version
            progress.append(
                isUpgrade
                    ? (.upgrading, "MySQL goes from \(pod.version ?? "?") to \(statefulSet.version ?? "?")")
                    : (.replacing, "Pod \(pod.name) is replaced by one with the new settings"))
            // What upgrades its data is left to end that, unless it is given up.
            let isGivenUp = proven != nil && pod.version != nil && pod.version != proven
            if !pod.isBeingDeleted, pod.isReady || !isUpgrade || isGivenUp { actions.append(.deletePod(name: pod.name, uid: pod.uid)) }
        }
    }

    // MARK: Troubles

    private var conflictTroubles: [StatusReport.Remark] {
        situation.foreign.filter(parts.contains).map { part in
            (
                .nameConflict,
                "\(part.title(for: situation.name)) exists and does not belong to this DBMMOMySQL; it is left alone. \(advice(part))"
            )
        }
    }

    /// Nobody is told to remove what may hold data.
    private func advice(_ part: Part) -> String {
        guard DataProtection.parts.contains(part) else { return "Rename or remove it" }
        let owner = situation.owner
        let name = "\(part.type.kind.lowercased()) \(part.name(for: situation.name)) --namespace \(owner.key.namespace)"
        return "To have this database use it: kubectl annotate \(name) --overwrite \(Owner.uidAnnotation)=\(owner.uid) and "
            + "kubectl label \(name) --overwrite \(Owner.managedByLabel)=\(Owner.manager) \(Owner.instanceLabel)=\(owner.key.name)"
    }

    private var refusalTroubles: [StatusReport.Remark] {
        situation.refusals.filter { parts.contains($0.key) }.sorted { $0.key < $1.key }.map { part, message in
            (.refused, "\(part.title(for: situation.name)): \(message)")
        }
    }
}

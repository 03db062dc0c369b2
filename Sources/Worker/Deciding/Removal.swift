import DBMMOMySQLAPI
import JSON
import KubernetesClient

/// What takes away everything that was made for a database, on both sides and in order: first what uses the data, then how it is reached, then the data.
///
/// That it begins is written into the status before anything is deleted. So it goes on as it was decided, whatever is left to decide it from.
struct Removal: Sendable {
    private(set) var actions: [Plan.Action] = []
    private(set) var status: DatabaseStatus?
    private(set) var isCheckpoint = false
    private(set) var farewell: StatusEvents.Event?

    private let situation: Situation

    init(_ situation: Situation) {
        self.situation = situation
        guard situation.hasFinalizer else { return }
        guard !situation.isOrphaned else {
            leave("Orphaned", "all that was made for it stays, since it was deleted with --cascade=orphan")
            return
        }
        // The webhook refuses it; this one came while the webhook was away.
        if situation.database.spec.deletionProtection {
            let message = "spec.deletionProtection is true; nothing is deleted until it is false"
            status = StatusReport(situation).status(troubles: [(.deletionProtected, message)])
            return
        }
        remove()
        guard !situation.isRemovalNoted, actions.contains(where: \.takesAway) else { return }
        actions = []
        status = status ?? StatusReport(situation).deleting("what was made for it is being deleted")
        isCheckpoint = true
    }

    private mutating func remove() {
        let pods = ClusterRemoval(situation, stages: [[.statefulSet]])
        guard pods.isDone else { return wait(pods, nil) }
        let way: [Part] = [.clientService, .podService, .ingress, .configuration]
        guard situation.database.spec.deletionPolicy == .delete else {
            let rest = ClusterRemoval(situation, stages: [way])
            guard rest.isDone else { return wait(rest, nil) }
            return leave("Retained", "its data stay, as spec.deletionPolicy says")
        }
        if situation.mayHaveServer || situation.database.side == .azure, situation.sight == nil, let id = situation.serverID {
            actions = [.look(id)]
            return
        }
        let azure = AzureRemoval(situation, situation.sight)
        guard azure.isDone else {
            actions = azure.work.actions
            let message = azure.work.progress.first?.message ?? "the server on Azure cannot be deleted yet"
            status = StatusReport(situation).deleting(message, troubles: azure.work.troubles, azure: azure.work.azure)
            return
        }
        let rest = ClusterRemoval(situation, stages: [way, [.claim], [.credentials]])
        guard rest.isDone else { return wait(rest, azure.work.azure) }
        actions = [.removeFinalizer]
    }

    private mutating func wait(_ removal: ClusterRemoval, _ azure: AzureStatus?) {
        actions = removal.actions
        if let message = removal.progress.first?.message { status = StatusReport(situation).deleting(message, azure: azure) }
    }

    /// Lets go of what is to stay. What protects it goes first, since nobody would take it off later.
    private mutating func leave(_ reason: String, _ note: String) {
        for part in DataProtection.parts.sorted() {
            guard let object = situation.owned(part), DataProtection.isOn(object) else { continue }
            actions += DataProtection.release(part, object, situation.owner)
        }
        guard actions.isEmpty else { return }
        actions = [.removeFinalizer]
        let kept = Part.allCases.filter { situation.owned($0) != nil }.map { $0.title(for: situation.name) }
        let server = situation.mayHaveServer ? [situation.azureStatus.server?.id ?? "the server on Azure"] : []
        let titles = (kept + server).joined(separator: ", ")
        farewell = StatusEvents.Event(type: .normal, reason: reason, note: titles.isEmpty ? note : "\(note): \(titles)")
    }
}

extension Situation {
    /// What refers to the database as its owner from its creation on.
    private static let referring: [Part] = [.configuration, .podService, .clientService, .statefulSet, .ingress]

    /// Whether the status says that what was made is being deleted.
    var isRemovalNoted: Bool { database.json[path: ["status", "phase"]]?.isString(DatabaseStatus.Phase.deleting.rawValue) == true }

    /// Whether all that was made is to stay: `kubectl delete --cascade=orphan`.
    ///
    /// The garbage collector takes the owner references away, and then the finalizer by which it was asked to, often before anybody has seen that. What
    /// remains are objects that carry our uid and no reference. Where there are none at all to tell it by, a claim stays too.
    var isOrphaned: Bool {
        if sawOrphan || finalizers.contains("orphan") { return true }
        let objects = Self.referring.compactMap(owned)
        if objects.isEmpty { return owned(.claim) != nil && !isRemovalNoted }
        return objects.contains { !owner.isReferenced(by: $0) }
    }
}

extension Plan.Action {
    /// Whether something of the user's is gone after it.
    fileprivate var takesAway: Bool {
        switch self {
        case .delete, .deletePod, .deleteStray, .azure(.delete), .setProtection: true
        default: false
        }
    }
}

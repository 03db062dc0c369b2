import AzureMySQL
import DBMMOMySQLAPI
import JSON
import KubernetesAPI

/// What to do next for a database, and what to tell of it. A pure function of what is known; carrying it out changes what is known, and the next
/// plan goes on from there. So it makes no difference where the process is killed.
struct Plan: Sendable {
    enum Action: Sendable {
        case addFinalizer
        case removeFinalizer
        case create(DesiredObject)
        case apply(DesiredObject)
        /// Takes away what is too much in an object, if it is still as it was (RFC 6902).
        case tidy(Part, [JSONTree], resourceVersion: String)
        /// Has our applies own fields that the creation of an object set, if it is still as it was (RFC 6902).
        case moveOwnership(Part, [JSONTree], resourceVersion: String)
        case growClaim(to: String)
        /// - Parameter orphaning: Whether what the object owns stays.
        case delete(Part, uid: String, orphaning: Bool)
        /// Puts on or takes off what keeps a claim or a Secret while it is deleted, if it is still as it was.
        case setProtection(Part, JSONTree, isProtected: Bool, resourceVersion: String)
        case deletePod(name: String, uid: String)
        /// Looks whether there is such an object of ours that only lost its label, and puts that right.
        case find(DesiredObject)
        /// Looks whether there is a claim or a Secret of ours that lost its label, and deletes it.
        case deleteStray(Part)
        /// Looks at the server on Azure; without that nothing is decided about it.
        case look(ServerID)
        case azure(AzureChange)
        /// Notes in the DBMMOMySQL what of the server comes from its spec.
        case noteManaged(ManagedNames)
    }

    /// In order; each can be done whatever becomes of the others.
    private(set) var actions: [Action] = []

    /// Nil when nothing is to be told.
    private(set) var status: DatabaseStatus?

    /// Whether the status is to be written before the next plan is made: it says what comes next, for the process that may have to go on with it.
    private(set) var isCheckpoint = false

    /// What is told when nothing is left to do, and nothing is left to tell it of.
    private(set) var farewell: StatusEvents.Event?

    init(_ situation: Situation, newPassword: @escaping @Sendable () -> String) {
        if situation.database.metadata.isBeingDeleted {
            let removal = Removal(situation)
            (actions, status, isCheckpoint, farewell) = (removal.actions, removal.status, removal.isCheckpoint, removal.farewell)
            return
        }
        let faults = Self.faults(of: situation.database)
        guard faults.isEmpty else {
            status = StatusReport(situation).status(troubles: [(.invalidSpec, faults.joined(separator: "; "))])
            return
        }
        guard situation.hasFinalizer else {
            actions = [.addFinalizer]
            return
        }
        let course = Course(situation, newPassword: newPassword)
        (actions, status, isCheckpoint) = (course.actions, course.status, course.isCheckpoint)
    }

    /// What the rules have to say of the object: it may be older than they are, or have been written while the webhooks were away.
    private static func faults(of database: DBMMOMySQL) -> [String] {
        // What an update may do is decided when it is made: an object that says so since long ago breaks nothing. A name cannot be mended, and the
        // annotation is conversion's: a database that lives with either is not given up.
        Validation.create(database, words: .v1).violations.filter { ![.t4, .t5, .m1, .m2].contains($0.rule) }.map { $0.error.description }
    }
}

extension Plan.Action: CustomStringConvertible {
    /// What it does, for logs; the same for actions that do the same.
    var description: String {
        switch self {
        case .addFinalizer: "add finalizer"
        case .removeFinalizer: "remove finalizer"
        case .create(let object): "create \(object.part)"
        case .apply(let object): "apply \(object.part)"
        case .find(let object): "find \(object.part)"
        case .tidy(let part, _, _): "tidy \(part)"
        case .moveOwnership(let part, _, _): "move ownership of \(part)"
        case .growClaim(let capacity): "grow to \(capacity)"
        case .delete(let part, _, let orphaning): "\(orphaning ? "orphan" : "delete") \(part)"
        case .deletePod(let name, _): "delete \(name)"
        case .setProtection(let part, _, let isProtected, _): "\(isProtected ? "protect" : "release") \(part)"
        case .deleteStray(let part): "look for a stray \(part)"
        case .look: "look at Azure"
        case .azure(let change): "\(change)"
        case .noteManaged(let names): "note \(names.text)"
        }
    }
}

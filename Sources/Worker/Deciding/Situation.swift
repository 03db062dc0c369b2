import AzureMySQL
import DBMMOMySQLAPI
import FoundationEssentials
import HTTPCalls
import JSON
import KubernetesClient

/// All that a decision about a database is made from.
struct Situation: Sendable {
    /// What keeps a DBMMOMySQL until all that was made for it is gone.
    static let finalizer = "\(finalizerPrefix)dbmmo"
    static let finalizerPrefix = "\(ServedVersion.group)/"

    let database: DBMMOMySQL
    let owner: Owner
    var observed: Observed
    /// Parts that could not be created because something foreign has their name.
    var conflicts: Set<Part> = []
    /// What the API server refused for good, in its words.
    var refusals: [Part: String] = [:]
    /// Parts that are not in the caches, and that the API server was asked for in vain.
    var absent: Set<Part> = []
    /// Whether an object that the garbage collector has orphaned was seen, which the caches may not know yet.
    var sawOrphan = false
    /// About what is waited for on the cluster; see ``ClusterSide/awaited``.
    var events: [ClusterEvent] = []
    /// What is known of the server on Azure; nil before it was looked at.
    var sight: AzureSight?

    var metadata: JSONValue? { database.json["metadata"] }
    var name: String { owner.key.name }
    var generation: Int64 { metadata?["generation"]?.integer ?? 0 }
    var finalizers: [String] { metadata?["finalizers"]?.elements.compactMap(\.string) ?? [] }
    var hasFinalizer: Bool { finalizers.contains(Self.finalizer) }

    /// A part that is there and ours.
    func owned(_ part: Part) -> JSONValue? {
        observed[part].flatMap { owner.owns($0) ? $0 : nil }
    }

    /// The parts whose names are taken by something foreign.
    var foreign: [Part] {
        Part.allCases.filter { part in
            conflicts.contains(part) || observed[part].map { !owner.owns($0) } == true
        }
    }

    var statefulSet: StatefulSetState? { owned(.statefulSet).map(StatefulSetState.init) }
    var claim: ClaimState? { owned(.claim).map(ClaimState.init) }

    /// The pods of the database: those that were made from our template, and those that our StatefulSet has taken over.
    var pods: [PodState] {
        let controller = statefulSet?.uid
        return observed.pods.filter { pod in owner.owns(pod) || controller != nil && pod.controller == controller }.map(PodState.init)
    }

    func isBeingDeleted(_ part: Part) -> Bool { observed[part]?["metadata"]?["deletionTimestamp"]?.string != nil }
}

extension JSONValue {
    /// The uid of the object that looks after this one.
    fileprivate var controller: String? {
        self[path: ["metadata", "ownerReferences"]]?.elements.first { $0["controller"]?.boolean == true }?["uid"]?.string
    }
}

extension Situation {
    /// Whether a database may be on a side.
    func isOccupied(_ side: Side) -> Bool {
        switch side {
        case .onCluster: owned(.statefulSet) != nil || owned(.claim) != nil
        case .azure: mayHaveServer
        }
    }

    // MARK: Azure

    /// Whether a server of ours may exist, as far as the status tells. It says so before the first one is asked for.
    var mayHaveServer: Bool { database.hasResources(on: .azure) }

    /// Which server to look at: the one that was noted, else the one that the spec means.
    var serverID: ServerID? {
        let noted = mayHaveServer ? database.status.azureServerID.flatMap { ServerID($0) } : nil
        return noted ?? database.spec.azure.flatMap(AzureSettings.id)
    }

    /// `status.azure` as it is.
    var azureStatus: AzureStatus {
        let json = database.json[path: ["status", "azure"]]
        let server = json?["server"]
        let note = server?["id"]?.string.map { id in
            AzureStatus.ServerNote(
                id: id, name: server?["name"]?.string ?? "", location: server?["location"]?.string, type: server?["type"]?.string,
                tags: Dictionary(
                    (server?["tags"]?.members ?? []).compactMap { name, value in value.string.map { (name, $0) } },
                    uniquingKeysWith: { $1 }))
        }
        return AzureStatus(
            created: database.status.isAzureServerCreated,
            state: database.status.azureState.flatMap(AzureStatus.State.init) ?? .notCreated, server: note)
    }

    /// The condition Ready as it was told last, for when nothing new is known.
    var lastReadiness: Condition {
        let conditions = database.json[path: ["status", "conditions"]]?.elements ?? []
        guard let last = conditions.first(where: { $0["type"]?.string == Condition.Kind.ready.rawValue }),
            let reason = last["reason"]?.string.flatMap(Condition.Reason.init)
        else { return Condition(.ready, false, .notCreated, "") }
        return Condition(.ready, last["status"]?.string == "True", reason, last["message"]?.string ?? "")
    }

    var managedNames: ManagedNames { ManagedNames(reading: metadata?["annotations"]?[ManagedNames.annotation]?.string) }

    /// The password for the administrator on Azure: from the user's Secret where the spec names one, else from ours.
    var administratorPassword: AdministratorPassword? {
        if database.spec.credentials?.passwordSecretRef?.name != nil { return sight?.password }
        return owned(.credentials).flatMap { AdministratorPassword($0, key: Settings.passwordKey) }
    }
}

extension AdministratorPassword {
    /// - Parameter secret: A Secret (core/v1). Nil when it has no such key.
    init?(_ secret: JSONValue, key: String) {
        guard let encoded = secret["data"]?[key]?.string, let data = Data(base64Encoded: encoded), !data.isEmpty,
            let uid = secret["metadata"]?["uid"]?.string, let resourceVersion = secret["metadata"]?["resourceVersion"]?.string
        else { return nil }
        self.init(text: Secret(String(decoding: data, as: UTF8.self)), version: "\(uid).\(resourceVersion)")
    }
}

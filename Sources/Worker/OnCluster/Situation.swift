import DBMMOMySQLAPI
import JSON
import KubernetesClient

/// All that a decision about a database is made from.
struct Situation: Sendable {
    /// What keeps a DBMMOMySQL until all that was made for it is gone.
    static let finalizer = "\(ServedVersion.group)/dbmmo"

    let database: DBMMOMySQL
    let owner: Owner
    var observed: Observed
    /// Parts that could not be created because something foreign has their name.
    var conflicts: Set<Part> = []
    /// What the API server refused for good, in its words.
    var refusals: [Part: String] = [:]
    /// Parts that are not in the caches, and that the API server was asked for in vain.
    var absent: Set<Part> = []

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

    /// The pods of the database: those that were made from our template.
    var pods: [PodState] { observed.pods.filter(owner.owns).map(PodState.init) }

    func isBeingDeleted(_ part: Part) -> Bool { observed[part]?["metadata"]?["deletionTimestamp"]?.string != nil }
}

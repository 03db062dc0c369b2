import DBMMOMySQLAPI
import JSON
import KubernetesClient

/// Whether what takes data away may still be done, by what the API server itself says right before.
///
/// A decision is made from caches, each of which may be old, and older than the others. Creating and applying from them does no harm: names and uids
/// are checked by the API server. Deleting does. So nothing of it is done for another state of the DBMMOMySQL than the one that was decided on, nor
/// to another object.
struct LiveCheck: Sendable {
    enum Verdict: Sendable, Equatable {
        /// It may be deleted as long as it has this version.
        case proceed(resourceVersion: String)
        case gone
        /// It is not what was decided on.
        case stale
        /// The garbage collector has orphaned it: it is to stay.
        case orphaned
    }

    let situation: Situation

    /// - Parameter live: The DBMMOMySQL as it is now; nil when there is none.
    func isCurrent(_ live: (uid: String, resourceVersion: String)?) -> Bool {
        guard let live else { return false }
        return live.uid == situation.owner.uid && situation.metadata?["resourceVersion"]?.isString(live.resourceVersion) == true
    }

    /// Whether a pod may be deleted: it is replaced by one from the template that was looked at, or its StatefulSet is gone for good.
    ///
    /// - Parameters:
    ///   - isCurrent: What ``isCurrent(_:)`` says.
    ///   - live: The StatefulSet as it is now; nil when there is none.
    func mayReplacePods(isCurrent: Bool, _ live: JSONValue?) -> Bool {
        guard let known = situation.statefulSet else { return isCurrent && live.map(situation.owner.owns) != true }
        guard let state = live.map(StatefulSetState.init) else { return false }
        return state.uid == known.uid && state.updateRevision == known.updateRevision && state.isObserved
    }

    /// Whether an object may be deleted.
    ///
    /// - Parameters:
    ///   - live: The object of a part as it is now; nil when there is none.
    ///   - uid: Of the one that is meant.
    func verdict(on part: Part, _ live: JSONValue?, uid: String) -> Verdict {
        guard let live, let metadata = live["metadata"] else { return .gone }
        let owner = situation.owner
        guard metadata["uid"]?.isString(uid) == true, owner.owns(live) else { return .stale }
        let isReferring = !DataProtection.parts.contains(part)
        if isReferring, situation.database.metadata.isBeingDeleted, !owner.isReferenced(by: live) { return .orphaned }
        return .proceed(resourceVersion: metadata["resourceVersion"]?.string ?? "")
    }
}

import DBMMOMySQLAPI
import JSON

/// What takes away everything that was made for a database, in order: first what uses the data, then how it is reached, then the data.
///
/// It goes by what is there, so that it also ends where half of it is gone already. What is foreign stays.
struct Removal: Sendable {
    private(set) var actions: [Plan.Action] = []
    private(set) var status: DatabaseStatus?

    init(_ situation: Situation) {
        guard situation.hasFinalizer else { return }
        // kubectl delete --cascade=orphan: all that was made is to stay.
        guard !situation.finalizers.contains("orphan") else {
            actions = [.removeFinalizer]
            return
        }
        // The webhook refuses it; this one came while the webhook was away.
        if situation.database.spec.deletionProtection {
            let message = "spec.deletionProtection is true; nothing is deleted until it is false"
            status = StatusReport(situation).status(troubles: [(.deletionProtected, message)])
            return
        }
        for stage in Self.stages {
            let left = stage.filter { situation.owned($0) != nil }
            let pods = stage.contains(.statefulSet) ? situation.pods : []
            guard left.isEmpty, pods.isEmpty else {
                remove(left, pods, situation)
                let titles = left.map { $0.title(for: situation.name) } + pods.map { "Pod \($0.name)" }
                status = StatusReport(situation).deleting(
                    "\(titles.joined(separator: ", ")) \(titles.count == 1 ? "is" : "are") being deleted")
                return
            }
        }
        actions = [situation.absent.contains(.claim) ? .removeFinalizer : .deleteStrayClaim]
    }

    private static let stages: [[Part]] = [
        [.statefulSet], [.clientService, .podService, .ingress, .configuration, .credentials], [.claim]
    ]

    private mutating func remove(_ parts: [Part], _ pods: [PodState], _ situation: Situation) {
        for part in parts where !situation.isBeingDeleted(part) {
            let uid = situation.observed[part]?["metadata"]?["uid"]?.string ?? ""
            actions.append(.delete(part, uid: uid, orphaning: false))
        }
        // While the StatefulSet is there, its controller would make them again.
        guard parts.isEmpty else { return }
        for pod in pods where !pod.isBeingDeleted { actions.append(.deletePod(name: pod.name, uid: pod.uid)) }
    }
}

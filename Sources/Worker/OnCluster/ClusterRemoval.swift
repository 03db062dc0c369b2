import JSON
import KubernetesClient

/// What takes away what was made on the cluster, stage by stage. It goes by what is there, so that it also ends where half of it is gone already. What is
/// foreign stays.
struct ClusterRemoval: Sendable {
    /// First what uses the data, then how it is reached, then the data.
    static let database: [[Part]] = [[.statefulSet], [.podService, .ingress, .configuration], [.claim]]

    private(set) var actions: [Plan.Action] = []
    private(set) var progress: [StatusReport.Remark] = []
    private(set) var isDone = false

    init(_ situation: Situation, stages: [[Part]]) {
        for stage in stages {
            let left = stage.filter { situation.owned($0) != nil }
            let pods = stage.contains(.statefulSet) ? situation.pods : []
            guard left.isEmpty, pods.isEmpty else {
                remove(left, pods, situation)
                let titles = left.map { $0.title(for: situation.name) } + pods.map { "Pod \($0.name)" }
                progress = [(.deleting, "\(titles.joined(separator: ", ")) \(titles.count == 1 ? "is" : "are") being deleted")]
                return
            }
        }
        // No owner reference has the garbage collector find one whose label somebody took away.
        actions = stages.joined().filter { DataProtection.parts.contains($0) && !situation.absent.contains($0) }.map { .deleteStray($0) }
        isDone = actions.isEmpty
    }

    private mutating func remove(_ parts: [Part], _ pods: [PodState], _ situation: Situation) {
        for part in parts {
            guard let object = situation.observed[part] else { continue }
            if !situation.isBeingDeleted(part) {
                actions.append(.delete(part, uid: object["metadata"]?["uid"]?.string ?? "", orphaning: false))
            } else if DataProtection.isOn(object) {
                actions += DataProtection.release(part, object, situation.owner)
            }
        }
        // While the StatefulSet is there, its controller would make them again.
        guard parts.isEmpty else { return }
        for pod in pods where !pod.isBeingDeleted { actions.append(.deletePod(name: pod.name, uid: pod.uid)) }
    }
}

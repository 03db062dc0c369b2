import JSON
import KubernetesClient

/// What the node reads of a pod.
struct Pod: Sendable {
    let object: KubernetesObject
    private let json: JSONValue

    init(_ object: KubernetesObject) throws {
        self.object = object
        json = try object.json()
    }

    var key: ObjectKey { object.key }
    var uid: String { object.uid }
    var spec: JSONValue? { json["spec"] }

    var node: String? { spec?["nodeName"]?.string }
    var containers: [JSONValue] { spec?["containers"]?.elements ?? [] }

    /// Whether the scheduler has said that it can't be put on a node.
    var isToldUnschedulable: Bool {
        let conditions = json["status"]?["conditions"]?.elements ?? []
        return conditions.contains { $0["type"]?.string == "PodScheduled" && $0["status"]?.string == "False" }
    }

    /// Whether its containers have ended for good.
    var isFinished: Bool { ["Succeeded", "Failed"].contains(json["status"]?["phase"]?.string ?? "") }

    /// How long its containers have to end by themselves; nil when it is not to be deleted.
    var deletionGrace: Duration? {
        guard let metadata = json["metadata"], metadata["deletionTimestamp"]?.string != nil else { return nil }
        return .seconds(metadata["deletionGracePeriodSeconds"]?.integer ?? 0)
    }

    /// The container that is a database.
    var database: JSONValue? { containers.first { $0["name"]?.string == "mysql" } }

    /// The claims that it mounts, by the names of its volumes.
    var claims: [String: ObjectKey] {
        let claims = (spec?["volumes"]?.elements ?? []).compactMap { volume -> (String, ObjectKey)? in
            guard let name = volume["name"]?.string, let claim = volume[path: ["persistentVolumeClaim", "claimName"]]?.string else {
                return nil
            }
            return (name, ObjectKey(namespace: key.namespace, name: claim))
        }
        return Dictionary(claims) { first, _ in first }
    }

    /// The claim that a container mounts, and where in the volume.
    func claim(of container: JSONValue) -> (claim: ObjectKey, subPath: String?)? {
        let claims = claims
        return (container["volumeMounts"]?.elements ?? []).lazy.compactMap { mount in
            mount["name"]?.string.flatMap { claims[$0] }.map { ($0, mount["subPath"]?.string) }
        }.first
    }
}

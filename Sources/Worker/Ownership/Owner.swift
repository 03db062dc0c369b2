import DBMMOMySQLAPI
import JSON
import KubernetesClient

/// The object whose database is made real, as what is made for it refers to it.
struct Owner: Sendable, Equatable {
    /// On everything that we make. It says whose it is where an owner reference would let the garbage collector delete it, and where somebody
    /// took the reference away.
    static let uidAnnotation = "\(ServedVersion.group)/owner-uid"

    static let managedByLabel = "app.kubernetes.io/managed-by"
    static let instanceLabel = "app.kubernetes.io/instance"
    static let manager = "dbmmo"

    /// Selects all that is ours.
    static let labelSelector = "\(managedByLabel)=\(manager)"

    let key: ObjectKey
    let uid: String

    /// What selects the pods of the database, and nothing else. A StatefulSet cannot change it.
    var selector: JSONTree {
        ["app.kubernetes.io/name": "mysql", "app.kubernetes.io/instance": .string(key.name), "app.kubernetes.io/managed-by": "dbmmo"]
    }

    var labels: JSONTree {
        var labels = selector
        labels.insert("database", at: ["app.kubernetes.io/component"])
        return labels
    }

    /// metav1.OwnerReference
    var reference: JSONTree {
        [
            "apiVersion": .string(ServedVersion.v1.groupVersion), "kind": .string(ServedVersion.kind), "name": .string(key.name),
            "uid": .string(uid), "controller": true, "blockOwnerDeletion": true
        ]
    }

    /// Whether an object of one of our names is ours: by its owner reference, or by the annotation with our uid, which nobody else has reason to
    /// write.
    ///
    /// Everything else is foreign: it is neither changed nor deleted, whatever its labels say.
    func owns(_ object: JSONValue) -> Bool {
        isReferenced(by: object) || object["metadata"]?["annotations"]?[Self.uidAnnotation]?.isString(uid) == true
    }

    /// Whether an object goes when its owner goes, as long as nobody orphans it.
    func isReferenced(by object: JSONValue) -> Bool {
        object["metadata"]?["ownerReferences"]?.elements.contains { $0["uid"]?.isString(uid) == true } == true
    }

    /// The objects to look at when an object of ours changes, in its namespace: by its label, and by its owner reference where that is gone.
    static func names(of object: JSONValue) -> Set<String> {
        let metadata = object["metadata"]
        let references = metadata?["ownerReferences"]?.elements ?? []
        let owners = references.filter { $0["kind"]?.isString(ServedVersion.kind) == true }.compactMap { $0["name"]?.string }
        return Set(owners + [metadata?["labels"]?[instanceLabel]?.string].compactMap { $0 })
    }
}

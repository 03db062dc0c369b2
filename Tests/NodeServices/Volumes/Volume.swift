import JSON
import KubernetesClient

/// A PersistentVolume of this provisioner.
struct Volume: Sendable {
    private static let provisionedBy = "pv.kubernetes.io/provisioned-by"
    private static let sized = "\(VolumeClass.provisioner)/sized"

    let name: String
    /// Where its data are.
    let path: String
    let node: String
    let capacity: String
    let phase: String
    let reclaimPolicy: String
    /// Whether it has a file system of its own.
    let isSized: Bool
    let writeLimit: WriteLimit?

    /// Nil for a volume of another provisioner.
    ///
    /// - Throws: `JSONParseError`, or ``VolumeClass/Fault``.
    init?(_ object: KubernetesObject) throws {
        let json = try object.json()
        let annotations = json[path: ["metadata", "annotations"]]
        guard annotations?[Self.provisionedBy]?.string == VolumeClass.provisioner, let spec = json["spec"],
            let path = spec[path: ["local", "path"]]?.string, let capacity = spec[path: ["capacity", "storage"]]?.string,
            let term = spec[path: ["nodeAffinity", "required", "nodeSelectorTerms"]]?.elements.first,
            let node = term["matchExpressions"]?.elements.first?["values"]?.elements.first?.string
        else { return nil }
        name = object.key.name
        self.path = path
        self.node = node
        self.capacity = capacity
        phase = json[path: ["status", "phase"]]?.string ?? "Pending"
        reclaimPolicy = spec["persistentVolumeReclaimPolicy"]?.string ?? "Retain"
        isSized = annotations?[Self.sized]?.string == "true"
        writeLimit = try WriteLimit { annotations?["\(VolumeClass.provisioner)/\($0)"]?.string }
    }

    /// Whether nobody needs it any more.
    var isToBeRemoved: Bool { phase == "Released" && reclaimPolicy == "Delete" }

    /// A volume that only one claim can have. The volume controller binds them.
    static func manifest(for claim: Claim, of storageClass: VolumeClass, on node: String, at path: String) -> JSONTree {
        var annotations: JSONTree = [provisionedBy: .string(VolumeClass.provisioner)]
        if storageClass.isSized { annotations.insert("true", at: [sized]) }
        for (name, value) in storageClass.writeLimit?.parameters ?? [] {
            annotations.insert(.string(value), at: ["\(VolumeClass.provisioner)/\(name)"])
        }
        return [
            "apiVersion": "v1", "kind": "PersistentVolume",
            "metadata": ["name": .string(claim.volumeName), "annotations": annotations],
            "spec": [
                "capacity": ["storage": .string(claim.request)], "accessModes": claim.accessModes.map { .verbatim($0) },
                "volumeMode": "Filesystem", "storageClassName": .string(storageClass.name),
                "persistentVolumeReclaimPolicy": .string(storageClass.reclaimPolicy), "local": ["path": .string(path)],
                "nodeAffinity": [
                    "required": [
                        "nodeSelectorTerms": [
                            ["matchExpressions": [["key": "kubernetes.io/hostname", "operator": "In", "values": [.string(node)]]]]
                        ]
                    ]
                ],
                "claimRef": [
                    "apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": .string(claim.object.key.namespace),
                    "name": .string(claim.object.key.name), "uid": .string(claim.object.uid)
                ]
            ]
        ]
    }
}

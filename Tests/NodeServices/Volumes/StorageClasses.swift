import JSON

/// The classes that are there from the start. A test can make others with the same parameters.
enum StorageClasses {
    static let all: [(name: String, manifest: JSONTree)] = [
        manifest("local", isDefault: true),
        manifest("local-no-growth", allowsGrowth: false),
        manifest("local-late", ["growth": "late", "growthDelay": "3s"]),
        manifest("local-infeasible", ["growth": "infeasible"]),
        manifest("local-sized", ["sized": "true"]),
        manifest("local-slow", ["sized": "true", "writeBytesPerSecond": "2097152", "writesPerSecond": "60"])
    ]

    private static func manifest(
        _ name: String, _ parameters: JSONTree = .emptyObject, isDefault: Bool = false, allowsGrowth: Bool = true
    ) -> (name: String, manifest: JSONTree) {
        let annotations: JSONTree? = isDefault ? ["storageclass.kubernetes.io/is-default-class": "true"] : nil
        let manifest: JSONTree = [
            "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
            "metadata": ["name": .string(name), "annotations": annotations],
            "provisioner": .string(VolumeClass.provisioner), "parameters": parameters, "reclaimPolicy": "Delete",
            "volumeBindingMode": "WaitForFirstConsumer", "allowVolumeExpansion": .boolean(allowsGrowth)
        ]
        return (name, manifest)
    }
}

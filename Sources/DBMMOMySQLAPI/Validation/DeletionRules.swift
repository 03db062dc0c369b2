import KubernetesAPI

/// D: the end of an object.
enum DeletionRules {
    /// D1: why an object must not be deleted; nil when it may be.
    static func refusal(of object: DBMMOMySQL) -> FieldError? {
        guard object.spec.deletionProtection, !object.metadata.isBeingDeleted else { return nil }
        let resource = "\(ServedVersion.resource).\(ServedVersion.v1.rawValue).\(ServedVersion.group)"
        let namespace = object.metadata.namespace.map { " --namespace \($0)" } ?? ""
        let target = "\(resource) \(object.metadata.name ?? "NAME")\(namespace)"
        return .forbidden(
            FieldPath("spec", "deletionProtection"),
            "the object is protected; first: kubectl patch \(target) --type merge -p '{\"spec\":{\"deletionProtection\":false}}'")
    }
}

import JSON
import KubernetesAPI

/// D3: what a deletion leaves.
extension Rule {
    static let deletionRules: [Rule] = [
        .value(.d3) { change in
            guard let policy = change.new.json[path: ["spec", "deletionPolicy"]]?.string, DeletionPolicy(rawValue: policy) == nil else {
                return []
            }
            let supported = DeletionPolicy.allCases.map(\.rawValue)
            return [
                .violation(
                    .notSupported(
                        FieldPath("spec", "deletionPolicy"), value: FieldError.quoted(policy), supported: supported,
                        detail: Suggestion.text(for: policy, among: supported)))
            ]
        }
    ]
}

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

    /// D2: what a deletion takes along that is easily overlooked.
    static func warning(of object: DBMMOMySQL) -> String? {
        guard object.status.isMigrationInProgress, object.spec.deletionPolicy == .delete else { return nil }
        return "a migration is in progress: deleting removes the database on both sides"
    }
}

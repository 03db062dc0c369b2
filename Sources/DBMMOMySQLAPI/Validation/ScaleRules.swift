import KubernetesAPI

/// S: how much of it runs.
extension Rule {
    static let scaleRules: [Rule] = [
        .value(.s1) { change in
            guard let replicas = change.new.spec.replicas, !(0...1).contains(replicas) else { return [] }
            return [
                .violation(
                    .invalid(
                        FieldPath("spec", "replicas"), value: String(replicas),
                        "must be 0 or 1; several pods on one data directory destroy it"))
            ]
        }
    ]
}

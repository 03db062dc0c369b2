import KubernetesAPI

/// T: where the database runs, and how it moves.
extension Rule {
    static let transitionRules: [Rule] = [
        .value(.t1) { change in
            guard let type = change.new.spec.deploymentType, change.new.side == nil else { return [] }
            let supported = Side.allCases.map(\.rawValue)
            return [
                .violation(
                    .notSupported(
                        deploymentType, value: FieldError.quoted(type), supported: supported,
                        detail: Suggestion.text(for: type, among: supported)))
            ]
        },

        .transition(.t2) { change in
            guard change.turnsSides, let old = change.old, let source = old.migrationSource, let side = change.new.side else { return [] }
            if side != source {
                return [
                    .violation(
                        .forbidden(
                            deploymentType,
                            "a migration away from \(source.rawValue) is in progress; wait for its end, or go back to \(source.rawValue)"))
                ]
            }
            guard old.spec.isMigrationConfirmed || old.status.migrationStep?.isCommitted == true else { return [] }
            return [
                .violation(
                    .forbidden(
                        deploymentType,
                        "the migration away from \(source.rawValue) is confirmed and can no longer be rolled back; wait for its end"))
            ]
        },

        .transition(.t4) { change in
            guard change.turnsSides, change.new.spec.isMigrationConfirmed else { return [] }
            return [
                .violation(.forbidden(confirm, "a new migration starts unconfirmed; set it to true once status says TargetReady"))
            ]
        },

        .transition(.t5) { change in
            let becomesTrue = change.new.spec.isMigrationConfirmed && change.old?.spec.isMigrationConfirmed != true
            guard becomesTrue, !change.turnsSides else { return [] }
            guard let old = change.old, let source = old.migrationSource, let target = change.new.side else {
                return [.violation(.forbidden(confirm, "no migration is in progress; there is nothing to confirm"))]
            }
            guard target != source else {
                return [.violation(.forbidden(confirm, "the migration was called off; there is nothing to confirm"))]
            }
            guard !old.isReady(on: target) else { return [] }
            return [
                .violation(.forbidden(confirm, "\(target.rawValue) is not ready yet; set it to true once status says TargetReady"))
            ]
        },

        .transition(.t6) { change in
            Side.allCases.flatMap { side -> [Finding] in
                guard let old = change.old, side != change.new.side, old.hasResources(on: side) else { return [] }
                return removals(of: side, from: old, to: change.new).map { field in
                    .violation(
                        .forbidden(field, "the database on \(side.rawValue) still exists; its settings are needed until it is removed"))
                }
            }
        }
    ]

    private static let deploymentType = FieldPath("spec", "deploymentType")
    private static let confirm = FieldPath("spec", "migration", "confirm")

    /// The settings without which what exists on a side could no longer be found or removed, and that are gone. That their
    /// values do not change is the matter of A3 and P2.
    private static func removals(of side: Side, from old: DBMMOMySQL, to new: DBMMOMySQL) -> [FieldPath] {
        let section = FieldPath("spec", side.section)
        switch side {
        case .onCluster:
            return old.spec.onCluster != nil && new.spec.onCluster == nil ? [section] : []
        case .azure:
            guard let before = old.spec.azure else { return [] }
            guard let after = new.spec.azure else { return [section] }
            var fields = AzureSetting.required.filter { $0.isSet(in: before) && !$0.isSet(in: after) && !$0.isIdentity }.map(\.field)
            if before.hasSecret && !after.hasSecret && after.needsSecret { fields.append(section.appending("clientSecret")) }
            return fields
        }
    }
}

extension DBMMOMySQL {
    /// Whether the target of a migration is ready, as far as the status tells.
    fileprivate func isReady(on side: Side) -> Bool {
        // Where the worker tells its step, that says more than what exists.
        guard status.migrationStep?.isConfirmable ?? true else { return false }
        switch side {
        case .onCluster: return !status.pods.isEmpty
        case .azure: return status.isAzureServerCreated && status.azureState == "Created"
        }
    }
}

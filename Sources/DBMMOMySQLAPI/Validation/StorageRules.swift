import KubernetesAPI

/// P: the volume on the cluster.
extension Rule {
    static let storageRules: [Rule] = [
        .value(.p1) { change in
            guard change.isInUse(.onCluster), let capacity = change.new.spec.onCluster?.capacity else { return [] }
            // How typed clients of v1alpha1 spell that a server on Azure has no volume.
            if capacity.isEmpty, change.side != .onCluster { return [] }
            let value = FieldError.quoted(capacity)
            let quantity: Quantity
            do {
                quantity = try Quantity(capacity)
            } catch {
                return [.violation(.invalid(field("capacity"), value: value, "\(error)"))]
            }
            guard quantity.isPositive else { return [.violation(.invalid(field("capacity"), value: value, "must be greater than zero"))] }
            guard quantity >= minimumCapacity else {
                return [.violation(.invalid(field("capacity"), value: value, "must be at least 1Gi"))]
            }
            return []
        },

        .transition(.p1) { change in
            let written = change.old?.spec.onCluster?.capacity
            // What counts is what the volume has, where that is known: a growth that was refused can be taken back.
            guard change.wasInUse(.onCluster), let after = change.new.spec.onCluster?.capacity, after != written,
                let before = change.old?.status.capacity ?? written, let old = try? Quantity(before), let new = try? Quantity(after)
            else { return [] }
            if new < old {
                return [.violation(.forbidden(field("capacity"), "cannot shrink from \(before) to \(after); a volume only grows"))]
            }
            return new > old ? [.warning(field("capacity"), "grows only if the storage class allows volume expansion")] : []
        },

        .transition(.p2) { change in
            guard change.wasInUse(.onCluster), let old = change.old else { return [] }
            // That all settings of a source went at once is said by T6.
            guard change.new.spec.onCluster != nil || change.side == .onCluster else { return [] }
            return claimSettings.compactMap { setting in
                let (before, after) = (setting.value(old), setting.value(change.new))
                // Until there is a claim, what was refused can be mended.
                guard before != after, !old.status.persistentVolumeClaims.isEmpty else { return nil }
                if before != nil {
                    return .violation(
                        .forbidden(field(setting.name), "cannot change; a PersistentVolumeClaim keeps what it was created with"))
                }
                return .violation(
                    .forbidden(field(setting.name), "cannot be set any more; the PersistentVolumeClaim was created without it"))
            }
        },

        .value(.p3) { change in
            guard change.isInUse(.onCluster), let modes = change.new.spec.onCluster?.accessModes else { return [] }
            let list = field("accessModes")
            guard !modes.isEmpty else {
                return [.violation(.required(list, "name at least one, as ReadWriteOnce, or leave the field out"))]
            }
            var known: Set<String> = []
            return modes.enumerated().compactMap { index, mode in
                let element = list.appending(index: index)
                if !knownAccessModes.contains(mode) {
                    return .violation(
                        .notSupported(
                            element, value: FieldError.quoted(mode), supported: knownAccessModes,
                            detail: Suggestion.text(for: mode, among: knownAccessModes)),
                        of: [list])
                }
                guard !known.insert(mode).inserted else { return nil }
                return .violation(.duplicate(element, value: FieldError.quoted(mode)), of: [list])
            }
        },

        .value(.p4) { change in
            guard change.isInUse(.onCluster), let onCluster = change.new.spec.onCluster else { return [] }
            var findings: [Finding] = []
            // An empty name is that of a volume that is there already.
            if let name = onCluster.storageClassName, !name.isEmpty, !Format.isDNSSubdomain(name) {
                findings.append(
                    .violation(
                        .invalid(
                            field("storageClassName"), value: FieldError.quoted(name), "must be the name of a StorageClass (a-z, 0-9, -, .)"
                        )))
            }
            if let mode = onCluster.volumeMode, !knownVolumeModes.contains(mode) {
                findings.append(
                    .violation(
                        .notSupported(
                            field("volumeMode"), value: FieldError.quoted(mode), supported: knownVolumeModes,
                            detail: Suggestion.text(for: mode, among: knownVolumeModes))))
            }
            return findings
        }
    ]

    private static let knownVolumeModes = ["Filesystem", "Block"]
    private static let minimumCapacity = Quantity(bytes: 1 << 30)
    private static let knownAccessModes = ["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"]

    private static func field(_ name: String) -> FieldPath {
        FieldPath("spec", "onCluster", "storage", name)
    }

    /// What a PersistentVolumeClaim keeps for its life.
    private static let claimSettings: [(name: String, value: @Sendable (DBMMOMySQL) -> [String]?)] = [
        ("storageClassName", { $0.spec.onCluster?.storageClassName.map { [$0] } }),
        ("accessModes", { $0.spec.onCluster?.accessModes }),
        ("volumeMode", { $0.spec.onCluster?.volumeMode.map { [$0] } })
    ]
}

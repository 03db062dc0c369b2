/// Where a database runs: the values of `spec.deploymentType`.
public enum Side: String, Sendable, CaseIterable {
    case onCluster = "OnCluster"
    case azure = "Azure"

    /// Where an object without `deploymentType` runs.
    public static let whenAbsent = Side.onCluster

    /// The cloud of a server on Azure that names none.
    static let defaultCloud = "AzurePublicCloud"

    public var other: Side { self == .azure ? .onCluster : .azure }

    /// The member of `spec` that holds the settings of the side.
    var section: String { self == .azure ? "azure" : "onCluster" }
}

extension DBMMOMySQL {
    /// The side that the object asks for; nil when its `deploymentType` is neither.
    public var side: Side? {
        guard let deploymentType = spec.deploymentType else { return Side.whenAbsent }
        return Side(rawValue: deploymentType)
    }

    /// Whether something of that side exists, as far as the status tells.
    public func hasResources(on side: Side) -> Bool {
        switch side {
        case .onCluster: !status.pods.isEmpty || !status.persistentVolumeClaims.isEmpty
        case .azure: status.isAzureServerCreated || isAzureServerUnderWay
        }
    }

    /// Whether a server may exist that is not known to be whole: the worker notes which one before it asks for it.
    private var isAzureServerUnderWay: Bool {
        status.azureServerID != nil && ["Creating", "Error", "Deleting"].contains(status.azureState)
    }

    /// The side that the migration in progress leaves; nil when none is in progress.
    ///
    /// `v1alpha1` status does not name it. There, the side that alone has resources is the one that is left; when both or
    /// neither have, a migration leaves the side that the spec does not ask for.
    public var migrationSource: Side? {
        guard status.isMigrationInProgress else { return nil }
        if let named = status.migrationSource.flatMap(Side.init) { return named }
        let occupied = Side.allCases.filter(hasResources)
        return occupied.count == 1 ? occupied.first : side?.other
    }
}

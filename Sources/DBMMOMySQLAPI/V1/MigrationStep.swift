/// The steps of a migration, in order: the values of `status.migration.step`.
public enum MigrationStep: String, Sendable, CaseIterable {
    /// The target is being made. The source serves clients.
    case provisioningTarget = "ProvisioningTarget"
    /// The target is as the spec says, and works.
    case targetReady = "TargetReady"
    /// Nothing happens until `spec.migration.confirm` is true.
    case awaitingConfirmation = "AwaitingConfirmation"
    /// It was confirmed: clients are led to the target.
    case switchingOver = "SwitchingOver"
    /// The target serves clients; the source goes.
    case removingSource = "RemovingSource"
    /// It was called off: the target goes.
    case rollingBack = "RollingBack"

    /// Whether it can be called off no more.
    public var isCommitted: Bool { self == .switchingOver || self == .removingSource }

    /// Whether it may be confirmed.
    public var isConfirmable: Bool { self == .targetReady || self == .awaitingConfirmation }
}

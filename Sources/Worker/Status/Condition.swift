/// What is told of a database (metav1.Condition), but for what the API server's object adds: the generation and the time of the change.
struct Condition: Sendable, Equatable {
    enum Kind: String, Sendable, CaseIterable {
        /// Clients can use the database.
        case ready = "Ready"
        /// A change is under way.
        case progressing = "Progressing"
        /// Something needs a human.
        case degraded = "Degraded"
        /// The database moves to its other side.
        case migrating = "MigrationInProgress"
    }

    /// Why, in one word for machines.
    enum Reason: String, Sendable {
        // Of more than one.
        case deleting = "Deleting"
        case deletionProtected = "DeletionProtected"
        case invalidSpec = "InvalidSpec"
        case stopped = "Stopped"

        // Ready
        case ready = "Ready"
        case noEndpoints = "NoEndpoints"
        case notCreated = "NotCreated"
        case podNotReady = "PodNotReady"
        case serverUnavailable = "ServerUnavailable"
        case volumePending = "VolumePending"

        // Progressing
        case provisioning = "Provisioning"
        case replacing = "Replacing"
        case resizing = "Resizing"
        case settled = "Settled"
        case starting = "Starting"
        case stopping = "Stopping"
        case throttled = "Throttled"
        case updating = "Updating"
        case upgrading = "Upgrading"
        case waitingForHealth = "WaitingForHealth"
        case waitingForTurn = "WaitingForTurn"

        // Degraded
        case accessDenied = "AccessDenied"
        case asExpected = "AsExpected"
        case azureForbidden = "AzureForbidden"
        case azureNotFound = "AzureNotFound"
        case azureUnavailable = "AzureUnavailable"
        case cannotChange = "CannotChange"
        case cannotShrink = "CannotShrink"
        case containerFailing = "ContainerFailing"
        case credentialsMissing = "CredentialsMissing"
        case dataBeingDeleted = "DataBeingDeleted"
        case endpointNotTrusted = "EndpointNotTrusted"
        case imagePullFailed = "ImagePullFailed"
        case failedCreate = "FailedCreate"
        case failedCreatePodSandBox = "FailedCreatePodSandBox"
        case failedMount = "FailedMount"
        case identityChanged = "IdentityChanged"
        case leftOver = "LeftOver"
        case leftoverConfirmation = "LeftoverConfirmation"
        case nameConflict = "NameConflict"
        case nodeNotReady = "NodeNotReady"
        case operationFailed = "OperationFailed"
        case provisioningFailed = "ProvisioningFailed"
        case refused = "Refused"
        case resizeFailed = "ResizeFailed"
        case secretMissing = "SecretMissing"
        case serverMissing = "ServerMissing"
        case signInFailed = "SignInFailed"
        case signInRequired = "SignInRequired"
        case unschedulable = "Unschedulable"
        case unsupportedUpgrade = "UnsupportedUpgrade"
        case unsupportedVolumeMode = "UnsupportedVolumeMode"
        case versionMismatch = "VersionMismatch"

        // MigrationInProgress: the steps, and that there is none.
        case provisioningTarget = "ProvisioningTarget"
        case targetReady = "TargetReady"
        case awaitingConfirmation = "AwaitingConfirmation"
        case switchingOver = "SwitchingOver"
        case removingSource = "RemovingSource"
        case rollingBack = "RollingBack"
        case notMigrating = "NotMigrating"
    }

    let kind: Kind
    let isTrue: Bool
    let reason: Reason
    let message: String

    init(_ kind: Kind, _ isTrue: Bool, _ reason: Reason, _ message: String) {
        self.kind = kind
        self.isTrue = isTrue
        self.reason = reason
        self.message = message
    }

    var status: String { isTrue ? "True" : "False" }
}

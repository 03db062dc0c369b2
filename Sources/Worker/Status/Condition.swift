/// What is told of a database (metav1.Condition), but for what the API server's object adds: the generation and the time of the change.
struct Condition: Sendable, Equatable {
    enum Kind: String, Sendable, CaseIterable {
        /// Clients can use the database.
        case ready = "Ready"
        /// A change is under way.
        case progressing = "Progressing"
        /// Something needs a human.
        case degraded = "Degraded"
    }

    /// Why, in one word for machines.
    enum Reason: String, Sendable {
        // Of all three.
        case azureNotSupported = "AzureNotSupported"
        case deleting = "Deleting"
        case deletionProtected = "DeletionProtected"
        case invalidSpec = "InvalidSpec"
        case stopped = "Stopped"

        // Ready
        case ready = "Ready"
        case noEndpoints = "NoEndpoints"
        case notCreated = "NotCreated"
        case podNotReady = "PodNotReady"
        case volumePending = "VolumePending"

        // Progressing
        case provisioning = "Provisioning"
        case replacing = "Replacing"
        case resizing = "Resizing"
        case settled = "Settled"
        case starting = "Starting"
        case stopping = "Stopping"
        case upgrading = "Upgrading"
        case waitingForHealth = "WaitingForHealth"

        // Degraded
        case asExpected = "AsExpected"
        case cannotShrink = "CannotShrink"
        case credentialsMissing = "CredentialsMissing"
        case nameConflict = "NameConflict"
        case refused = "Refused"
        case resizeFailed = "ResizeFailed"
        case unsupportedUpgrade = "UnsupportedUpgrade"
        case unsupportedVolumeMode = "UnsupportedVolumeMode"
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

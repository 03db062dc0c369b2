/// Something that Azure goes on with after its answer.
///
/// https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations
public struct AzureOperation: Sendable, Hashable {
    /// Which header named the URL, and so what its answers look like.
    public enum Kind: Sendable, Hashable {
        /// `Azure-AsyncOperation`: a body with a status.
        case status
        /// `Location`: 202 until it is done.
        case location
    }

    public let kind: Kind
    public let url: String
    /// How long to wait before it is looked at.
    public let pause: Duration

    public init(kind: Kind, url: String, pause: Duration) {
        self.kind = kind
        self.url = url
        self.pause = pause
    }
}

/// How an operation stands.
public enum OperationState: Sendable {
    case running(AzureOperation)
    case succeeded
    /// It failed or was cancelled.
    case failed(code: String, message: String)
}

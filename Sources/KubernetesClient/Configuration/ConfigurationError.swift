/// Why there is no way to an API server. The text names the file and the field, and never a secret.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: Sendable, Equatable {
        /// There is neither a kubeconfig nor a service account.
        case notFound
        case unreadableFile
        /// A kubeconfig is not what its format asks for, or names something that it does not hold.
        case malformed
        /// Something that this client cannot do, so that acting without it would mean acting differently.
        case unsupported
    }

    public let code: Code
    public let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}

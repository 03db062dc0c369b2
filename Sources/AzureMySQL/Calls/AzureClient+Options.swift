import FoundationEssentials

extension AzureClient {
    public struct Options: Sendable {
        /// For a whole call, signing in and all pages of a list included.
        public var timeLimit = Duration.seconds(30)
        /// What Azure's logs call us.
        public var userAgent = "dbmmo/1.0"
        /// Where the token of our service account is, for ``SignIn/workloadIdentity``; nil when there is none.
        public var federatedTokenFile = ProcessInfo.processInfo.environment["AZURE_FEDERATED_TOKEN_FILE"]
        /// The least that is waited between two looks at an operation, or at a human's sign-in, whatever Azure says.
        public var leastPause = Duration.seconds(1)

        public init() {}
    }
}

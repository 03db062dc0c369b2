/// How Azure is dealt with.
public struct AzureOptions: Sendable {
    /// From one look at a server that is as it should be to the next: Azure tells of no change by itself.
    public var interval = Duration.seconds(300)
    /// URLs that the tokens of our own workload identity may be sent to, besides those of the clouds. Whoever writes a DBMMOMySQL can name any.
    public private(set) var trustedEndpoints: Set<String> = []

    /// From one look at a server that changes to the next, where Azure does not say.
    var transitionPause = Duration.seconds(5)
    /// After a failure, doubled with each one in a row.
    var firstRetryPause = Duration.seconds(2)
    var longestRetryPause = Duration.seconds(300)
    /// How long a server that was asked for may be in showing up.
    var settling = Duration.seconds(60)
    /// From one look for a Secret of the user's that is missing to the next: those are not watched.
    var secretInterval = Duration.seconds(15)

    public init() {}

    /// Adds to ``trustedEndpoints``, however they are written.
    public mutating func trust(_ urls: [String]) {
        trustedEndpoints.formUnion(urls.map(AzureAccess.withoutSlash))
    }
}

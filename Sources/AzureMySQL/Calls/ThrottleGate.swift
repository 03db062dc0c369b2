/// Who wants to be left alone, and until when. No I/O, and no clock of its own.
struct ThrottleGate {
    /// Resource Manager counts the requests of a caller in a subscription.
    ///
    /// https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
    struct Scope: Hashable {
        let account: AzureAccount
        let subscription: String

        init(_ account: AzureAccount, subscription: String) {
            self.account = account.withoutUserAgent
            self.subscription = subscription.lowercased()
        }
    }

    private var ends: [Scope: ContinuousClock.Instant] = [:]

    /// How long nothing may be asked yet; nil when everything may be.
    func remaining(_ scope: Scope, at now: ContinuousClock.Instant) -> Duration? {
        guard let end = ends[scope], now < end else { return nil }
        return now.duration(to: end)
    }

    /// Nothing is to be asked for a while; the end of an earlier while stays when it is later.
    mutating func close(_ scope: Scope, for pause: Duration, at now: ContinuousClock.Instant) {
        ends = ends.filter { now < $0.value }
        ends[scope] = max(now + pause, ends[scope] ?? now)
    }
}

extension AzureAccount {
    /// The same account, whoever asks.
    var withoutUserAgent: AzureAccount {
        var account = self
        account.userAgent = nil
        return account
    }
}

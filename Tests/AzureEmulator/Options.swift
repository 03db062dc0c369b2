/// How the emulated Azure is.
public struct EmulatorOptions: Sendable {
    public var tenant = "c3a90f14-2be7-4f6d-9b18-0e47d5c6a802"
    public var client = "8d64e2b7-71fa-4a39-b3c5-9f1a2e8d4c03"
    public var secret = "emulated~client.secret"
    public var subscription = "5b1c7e52-93d4-4c0e-8a5f-6d2f0b7a9e01"
    /// The groups there are; the first is ``AzureEmulator/resourceGroup``.
    public var resourceGroups = ["rg-orders", "rg-others"]
    /// The token of the service account that stands for the client.
    public var federatedToken = "emulated.federated.token"
    /// Names of servers that belong to other subscriptions.
    public var takenNames: Set<String> = []
    /// For which audience tokens are given; nil for the emulator's own URL.
    public var audience: String?
    /// 0 for any that is free.
    public var port = 0

    /// How long tokens are good, in seconds.
    public var tokenLifetime = 3599
    /// How long somebody has to sign in with a device code, in seconds.
    public var deviceCodeLifetime = 900
    /// How long to wait between two looks for a device, in seconds.
    public var deviceInterval = 5

    public var creationTime = Duration.milliseconds(100)
    public var changeTime = Duration.milliseconds(80)
    public var deletionTime = Duration.milliseconds(80)
    /// Of firewall rules and parameters; zero to have them done with the answer.
    public var detailTime = Duration.milliseconds(50)
    /// `Retry-After` of operations, in seconds; 0 leaves the header out.
    public var retryAfter = 1
    /// How much earlier than told a client may come, since clocks and networks are not exact.
    public var slack = Duration.milliseconds(50)
    /// How long after the begin of a creation, and after the end of any operation on a server, it still looks as before.
    public var staleness = Duration.zero
    /// How a server looks while it is created; nil when it cannot be seen.
    public var creationState: EmulatedServer.State? = .updating
    /// How many elements of a list are answered at once.
    public var pageSize = 20
    /// For all that is random. Two emulators with one seed give the same tokens.
    public var seed = UInt64.random(in: 0...UInt64.max)

    public init() {}
}

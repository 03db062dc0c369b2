import FoundationEssentials
import NIOConcurrencyHelpers

/// The Resource Manager of Azure with its flexible servers of MySQL, and the sign-in of Entra, on a port of this machine.
///
/// It is as strict as the real ones, and keeps what a well-behaved client would not have sent: ``complaints``.
public final class AzureEmulator: Sendable {
    public let options: EmulatorOptions
    /// Of Resource Manager and sign-in, without a slash at the end; also the audience of tokens, unless the options say another.
    public let url: String
    let state: NIOLockedValueBox<EmulatorState>
    private let listener: EmulatorListener

    public var tenant: String { options.tenant }
    public var client: String { options.client }
    /// What the client signs in with, unless it was rotated.
    public var secret: String { options.secret }
    public var federatedToken: String { options.federatedToken }
    public var subscription: String { options.subscription }
    public var resourceGroup: String { options.resourceGroups.first ?? "" }
    public var audience: String { options.audience ?? url }

    /// Begins to listen. Whoever starts it has to stop it.
    public static func start(_ options: EmulatorOptions = EmulatorOptions()) async throws -> AzureEmulator {
        let state = NIOLockedValueBox(EmulatorState(options, now: .now, date: .now))
        let listener = try await EmulatorListener.start(port: options.port) { call in await respond(to: call, state) }
        let url = "http://127.0.0.1:\(listener.port)"
        state.withLockedValue { $0.settle(at: url) }
        return AzureEmulator(options, url, state, listener)
    }

    /// Runs an emulator as long as the body.
    public static func with<Result: Sendable>(
        _ options: EmulatorOptions = EmulatorOptions(), _ body: @Sendable (AzureEmulator) async throws -> Result
    ) async throws -> Result {
        let emulator = try await start(options)
        do {
            let result = try await body(emulator)
            await emulator.stop()
            return result
        } catch {
            await emulator.stop()
            throw error
        }
    }

    private init(_ options: EmulatorOptions, _ url: String, _ state: NIOLockedValueBox<EmulatorState>, _ listener: EmulatorListener) {
        self.options = options
        self.url = url
        self.state = state
        self.listener = listener
    }

    /// Ends all connections and gives the port back.
    public func stop() async {
        await listener.stop()
    }

    /// - Returns: Nil to drop the connection.
    private static func respond(to call: Call, _ state: NIOLockedValueBox<EmulatorState>) async -> Answer? {
        if call.segments.first == "emulator" { return state.withLockedValue { $0.administer(call, at: .now) } }
        var arrival: ContinuousClock.Instant?
        while true {
            let now = ContinuousClock.now
            switch state.withLockedValue({ $0.react(to: call, arrivedAt: arrival, at: now) }) {
            case .answer(let answer): return answer
            case .drop: return nil
            case .wait(let pause):
                arrival = now
                guard (try? await Task.sleep(for: pause)) != nil else { return nil }
            }
        }
    }

    // MARK: Seeing

    /// The servers there are, by their names, whether or not they can be seen from outside.
    public var servers: [String: EmulatedServer] { atNow { state, _ in state.azure.servers } }

    /// When creations of servers were accepted, by their names.
    public var creations: [String: [ContinuousClock.Instant]] { atNow { state, _ in state.azure.creations } }

    /// When deletions of servers were accepted, by their names.
    public var deletions: [String: [ContinuousClock.Instant]] { atNow { state, _ in state.azure.deletions } }

    /// How many operations go on.
    public var runningOperations: Int { atNow { state, _ in state.azure.operations.values.count { $0.isRunning } } }

    /// All calls in the order they were answered. Those of the emulator's own paths are not among them.
    public var requests: [EmulatorRequest] { atNow { state, _ in state.requests } }

    /// What a well-behaved client would not have sent.
    public var complaints: [String] { atNow { state, _ in state.complaints } }

    /// The codes that somebody has to type in to sign in.
    public var userCodes: [String] { atNow { state, _ in state.pendingUserCodes } }

    /// Tokens and device codes that were given to clients and are to stay with them.
    public var issuedSecrets: [String] { atNow { state, _ in state.signIn.issuedSecrets } }

    // MARK: Disturbing

    /// - Returns: By what it can be removed.
    @discardableResult
    public func inject(_ fault: Fault) -> Int { atNow { state, _ in state.faults.add(fault) } }

    public func removeFault(_ id: Int) { atNow { state, _ in state.faults.remove(id) } }

    public func removeFaults() { atNow { state, _ in state.faults.remove(nil) } }

    /// Answers all calls of the Resource Manager with 429 for that long.
    public func throttle(for time: Duration) { atNow { state, now in state.throttledUntil = now + time } }

    /// Lets the operations that stall end now.
    public func releaseOperations() { atNow { state, now in state.azure.release(at: now) } }

    /// Takes this secret of the client and no other.
    public func rotateSecret(to secret: String) { atNow { state, _ in state.signIn.secret = secret } }

    /// Takes this token of the service account and no other.
    public func rotateFederatedToken(to token: String) { atNow { state, _ in state.signIn.federatedToken = token } }

    /// Ends all access tokens.
    public func expireTokens() { atNow { state, now in state.signIn.expireTokens(at: now) } }

    /// Ends all refresh tokens.
    public func revokeSignIns() { atNow { state, _ in state.signIn.revokeSignIns() } }

    /// Somebody signs in with the codes that wait for it.
    ///
    /// - Returns: Whether any did.
    @discardableResult
    public func approveDevice() -> Bool { atNow { state, _ in state.signIn.decide(.approved) } }

    /// Somebody declines to sign in. See ``approveDevice()``.
    @discardableResult
    public func denyDevice() -> Bool { atNow { state, _ in state.signIn.decide(.denied) } }

    /// Says that the client has started anew, and so does not know for how long it was told to wait.
    public func clientRestarted() { atNow { state, _ in state.forgetPace() } }

    // MARK: Editing, as somebody does in the portal

    /// Puts a server, at once and without any check.
    public func put(_ server: EmulatedServer) { atNow { state, _ in state.azure.servers[server.name.lowercased()] = server } }

    /// A server of somebody else in this subscription.
    ///
    /// - Parameter resourceGroup: Nil for the first.
    public func putForeignServer(_ name: String, resourceGroup: String? = nil, tags: [String: String] = [:]) {
        put(EmulatedServer(subscription: subscription, resourceGroup: resourceGroup ?? self.resourceGroup, name: name, tags: tags))
    }

    /// Changes a server, at once and without any check.
    ///
    /// - Returns: Whether there is one.
    @discardableResult
    public func edit(_ name: String, _ change: @Sendable (inout EmulatedServer) -> Void) -> Bool {
        atNow { state, _ in
            guard var server = state.azure.servers[name.lowercased()] else { return false }
            change(&server)
            state.azure.servers[name.lowercased()] = server
            return true
        }
    }

    /// Deletes a server, at once.
    public func deleteServer(_ name: String) { atNow { state, _ in state.azure.servers[name.lowercased()] = nil } }

    private func atNow<Result>(_ body: (inout EmulatorState, ContinuousClock.Instant) -> Result) -> Result {
        state.withLockedValue { state in
            let now = ContinuousClock.now
            state.azure.advance(to: now)
            return body(&state, now)
        }
    }
}

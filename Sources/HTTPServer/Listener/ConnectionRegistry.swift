import NIOConcurrencyHelpers
import NIOCore

/// The open connections of a listener: how many there may be, and how they all end.
final class ConnectionRegistry: Sendable {
    enum Admission {
        /// There is room, or there will be when another connection has closed.
        case admitted(isEvicting: Bool)
        case refused(HTTPRefusal.Reason)
        case draining
    }

    private struct State {
        var table: ConnectionTable
        var channels: [ObjectIdentifier: any Channel] = [:]
        /// The most there were at a time since it was last asked for.
        var highest = 0
        var isEnding = false
        var isDraining = false
        var isDrained = false
    }

    private let state: NIOLockedValueBox<State>
    private let drainedPromise: EventLoopPromise<Void>

    init(_ limits: HTTPServerLimits, eventLoop: any EventLoop) {
        self.state = NIOLockedValueBox(State(table: ConnectionTable(limits)))
        self.drainedPromise = eventLoop.makePromise()
    }

    /// Succeeds when draining has begun and the last connection is closed.
    var drained: EventLoopFuture<Void> { drainedPromise.futureResult }

    /// Whether the next answer on each connection is to be the last one.
    var isEnding: Bool { state.withLockedValue(\.isEnding) }

    var isDraining: Bool { state.withLockedValue(\.isDraining) }

    var count: Int { state.withLockedValue(\.table.count) }

    /// The most connections that were open at a time since the last call.
    func takeHighest() -> Int {
        state.withLockedValue { state in
            defer { state.highest = state.table.count }
            return state.highest
        }
    }

    /// Where the handlers of an admitted connection tell what it does. To be looked up once.
    func activity(of channel: any Channel) -> ConnectionActivity {
        // One that has closed meanwhile is not in the registry any more.
        state.withLockedValue { $0.table.activity(of: ObjectIdentifier(channel)) } ?? ConnectionActivity()
    }

    // MARK: Admission

    /// Counts a connection until it closes, if there is room for it or can be made.
    func admit(_ channel: any Channel, at now: NIODeadline = .now()) -> Admission {
        let (address, local) = (PeerAddress(channel.remoteAddress), PeerAddress(channel.localAddress))
        let (admission, evicted) = state.withLockedValue { state -> (Admission, (any Channel)?) in
            guard !state.isDraining else { return (.draining, nil) }
            let id = ObjectIdentifier(channel)
            switch state.table.admit(id, from: address, to: local, at: now) {
            case .admitted(let evicted):
                state.channels[id] = channel
                state.highest = max(state.highest, state.table.count)
                return (.admitted(isEvicting: evicted != nil), evicted.flatMap { state.channels[$0] })
            case .refused(let reason):
                return (.refused(reason), nil)
            }
        }
        if case .admitted = admission {
            channel.closeFuture.whenComplete { [self] _ in remove(channel) }
            evicted?.pipeline.fireUserInboundEventTriggered(ConnectionEvictionEvent())
        }
        return admission
    }

    /// Asks the connection that can best be spared to close, whether or not the limit is reached.
    ///
    /// - Returns: whether there is one.
    func evict(at now: NIODeadline = .now()) -> Bool {
        let evicted = state.withLockedValue { state in state.table.evict(at: now).flatMap { state.channels[$0] } }
        evicted?.pipeline.fireUserInboundEventTriggered(ConnectionEvictionEvent())
        return evicted != nil
    }

    private func remove(_ channel: any Channel) {
        completeWhenEmpty {
            $0.table.remove(ObjectIdentifier(channel))
            $0.channels[ObjectIdentifier(channel)] = nil
        }
    }

    // MARK: End

    /// Asks every connection to close with its next answer, where its protocol has no better way to say goodbye. New ones are admitted.
    func beginEnding() {
        tell(LastAnswerEvent()) { state in
            defer { state.isEnding = true }
            return !state.isEnding
        }
    }

    /// Asks every connection to finish what it has begun and close, and admits no more.
    func beginDraining() {
        tell(ChannelShouldQuiesceEvent()) { state in
            defer { state.isDraining = true }
            return !state.isDraining
        }
        completeWhenEmpty { _ in }
    }

    /// Sends an event to every connection if the change is one.
    private func tell(_ event: some Sendable, after change: (inout State) -> Bool) {
        let channels = state.withLockedValue { change(&$0) ? Array($0.channels.values) : [] }
        for channel in channels {
            channel.pipeline.fireUserInboundEventTriggered(event)
        }
    }

    /// Closes every connection, whatever it is doing.
    func closeAll() {
        for channel in state.withLockedValue({ Array($0.channels.values) }) {
            channel.close(promise: nil)
        }
    }

    private func completeWhenEmpty(_ change: (inout State) -> Void) {
        let isNowDrained = state.withLockedValue { state in
            change(&state)
            guard state.isDraining, state.channels.isEmpty, !state.isDrained else { return false }
            state.isDrained = true
            return true
        }
        if isNowDrained { drainedPromise.succeed() }
    }
}

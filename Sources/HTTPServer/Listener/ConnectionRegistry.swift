import NIOConcurrencyHelpers
import NIOCore

/// The open connections of a listener: how many there may be, and how they all end.
final class ConnectionRegistry: Sendable {
    enum Admission {
        /// There is room, or there will be when the other connection has closed.
        case admitted(evicting: (any Channel)?)
        case full
        case draining
    }

    private struct Connection {
        let channel: any Channel
        let activity: ConnectionActivity
    }

    private struct State {
        var connections: [ObjectIdentifier: Connection] = [:]
        /// The most there were at a time since it was last asked for.
        var highest = 0
        var isEnding = false
        var isDraining = false
        var isDrained = false
    }

    /// How long a connection may take until its first request before it must make room, when none is idle: enough for a handshake and
    /// a header.
    static let startingTime = TimeAmount.seconds(1)

    private let state = NIOLockedValueBox(State())
    private let limit: Int
    private let drainedPromise: EventLoopPromise<Void>

    init(limit: Int, eventLoop: any EventLoop) {
        self.limit = limit
        self.drainedPromise = eventLoop.makePromise()
    }

    /// Succeeds when draining has begun and the last connection is closed.
    var drained: EventLoopFuture<Void> { drainedPromise.futureResult }

    /// Whether the next answer on each connection is to be the last one.
    var isEnding: Bool { state.withLockedValue(\.isEnding) }

    var isDraining: Bool { state.withLockedValue(\.isDraining) }

    var count: Int { state.withLockedValue(\.connections.count) }

    /// The most connections that were open at a time since the last call.
    func takeHighest() -> Int {
        state.withLockedValue { state in
            defer { state.highest = state.connections.count }
            return state.highest
        }
    }

    /// Where the handlers of an admitted connection tell what it does. To be looked up once.
    func activity(of channel: any Channel) -> ConnectionActivity {
        // One that has closed meanwhile is not in the registry any more.
        state.withLockedValue { $0.connections[ObjectIdentifier(channel)]?.activity } ?? ConnectionActivity()
    }

    // MARK: Admission

    /// Counts a connection until it closes, if there is room for it or can be made.
    func admit(_ channel: any Channel, at now: NIODeadline = .now()) -> Admission {
        let admission = state.withLockedValue { state -> Admission in
            guard !state.isDraining else { return .draining }
            let room = room(in: state, at: now)
            if case .admitted = room {
                state.connections[ObjectIdentifier(channel)] = Connection(channel: channel, activity: ConnectionActivity(at: now))
                state.highest = max(state.highest, state.connections.count)
            }
            return room
        }
        if case .admitted(let evicted) = admission {
            channel.closeFuture.whenComplete { [self] _ in remove(channel) }
            evicted?.pipeline.fireUserInboundEventTriggered(ConnectionEvictionEvent())
        }
        return admission
    }

    /// Asks the connection that can best be spared to close, whether or not the limit is reached.
    ///
    /// - Returns: whether there is one.
    func evict(at now: NIODeadline = .now()) -> Bool {
        let evicted = state.withLockedValue { survey($0, at: now).evict() }
        evicted?.pipeline.fireUserInboundEventTriggered(ConnectionEvictionEvent())
        return evicted != nil
    }

    private func room(in state: State, at now: NIODeadline) -> Admission {
        let count = state.connections.count
        guard count >= limit else { return .admitted(evicting: nil) }
        // Evicted connections take a moment to close, the client's last word in TLS included. They are not counted, but only so many
        // may wait for it.
        guard count < limit + max(1, limit / 2) else { return .full }
        let survey = survey(state, at: now)
        if count - survey.leaving < limit { return .admitted(evicting: nil) }
        return survey.evict().map { .admitted(evicting: $0) } ?? .full
    }

    /// Which connections can be spared.
    private struct Survey {
        struct Candidate {
            var connection: Connection
            var standing: ConnectionActivity.Standing
        }

        /// Idle for the longest time.
        var idle: Candidate?
        /// Without a first request for the longest time.
        var starting: Candidate?
        /// How many have been evicted and are still open.
        var leaving = 0

        /// Marks one as evicted, unless both have become busy since.
        func evict() -> (any Channel)? {
            [idle, starting].compactMap(\.self).first { $0.connection.activity.evict(ifStill: $0.standing) }?.connection.channel
        }
    }

    /// Looks at all connections. That takes some microseconds, less than accepting one does, and only when there are too many; so no
    /// order of them has to be kept up to date with every request.
    private func survey(_ state: State, at now: NIODeadline) -> Survey {
        var survey = Survey()
        for connection in state.connections.values {
            let standing = connection.activity.standing
            switch standing.kind {
            case .busy: break
            case .evicted: survey.leaving += 1
            case .idle:
                if survey.idle.map({ standing.since < $0.standing.since }) ?? true {
                    survey.idle = .init(connection: connection, standing: standing)
                }
            case .starting:
                guard now - standing.since >= Self.startingTime else { break }
                if survey.starting.map({ standing.since < $0.standing.since }) ?? true {
                    survey.starting = .init(connection: connection, standing: standing)
                }
            }
        }
        return survey
    }

    private func remove(_ channel: any Channel) {
        completeWhenEmpty { $0.connections[ObjectIdentifier(channel)] = nil }
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
        let connections = state.withLockedValue { change(&$0) ? Array($0.connections.values) : [] }
        for connection in connections {
            connection.channel.pipeline.fireUserInboundEventTriggered(event)
        }
    }

    /// Closes every connection, whatever it is doing.
    func closeAll() {
        for connection in state.withLockedValue({ Array($0.connections.values) }) {
            connection.channel.close(promise: nil)
        }
    }

    private func completeWhenEmpty(_ change: (inout State) -> Void) {
        let isNowDrained = state.withLockedValue { state in
            change(&state)
            guard state.isDraining, state.connections.isEmpty, !state.isDrained else { return false }
            state.isDrained = true
            return true
        }
        if isNowDrained { drainedPromise.succeed() }
    }
}

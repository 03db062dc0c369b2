import NIOConcurrencyHelpers
import NIOCore

/// The open connections of a listener: how many there may be, and how they all end.
final class ConnectionRegistry: Sendable {
    private struct State {
        var connections: [ObjectIdentifier: any Channel] = [:]
        var isDraining = false
        var isDrained = false
    }

    private let state = NIOLockedValueBox(State())
    private let limit: Int
    private let drainedPromise: EventLoopPromise<Void>

    init(limit: Int, eventLoop: any EventLoop) {
        self.limit = limit
        self.drainedPromise = eventLoop.makePromise()
    }

    /// Succeeds when draining has begun and the last connection is closed.
    var drained: EventLoopFuture<Void> { drainedPromise.futureResult }

    var isDraining: Bool { state.withLockedValue(\.isDraining) }

    /// Counts a connection until it closes. False when there is no room for it.
    func admit(_ channel: any Channel) -> Bool {
        let isAdmitted = state.withLockedValue { state in
            guard !state.isDraining, state.connections.count < limit else { return false }
            state.connections[ObjectIdentifier(channel)] = channel
            return true
        }
        if isAdmitted {
            channel.closeFuture.whenComplete { [self] _ in remove(channel) }
        }
        return isAdmitted
    }

    private func remove(_ channel: any Channel) {
        completeWhenEmpty { $0.connections[ObjectIdentifier(channel)] = nil }
    }

    /// Asks every connection to finish what it has begun and close, and admits no more.
    func beginDraining() {
        let connections = state.withLockedValue { state in
            let wasDraining = state.isDraining
            state.isDraining = true
            return wasDraining ? [] : Array(state.connections.values)
        }
        for channel in connections {
            channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
        completeWhenEmpty { _ in }
    }

    /// Closes every connection, whatever it is doing.
    func closeAll() {
        for channel in state.withLockedValue({ Array($0.connections.values) }) {
            channel.close(promise: nil)
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

/// Turns connections away on the listening channel when the registry has no room.
final class ConnectionAdmissionHandler: ChannelInboundHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel

    private let registry: ConnectionRegistry
    private let onRefusal: (@Sendable (HTTPRefusal.Reason) -> Void)?

    init(_ registry: ConnectionRegistry, onRefusal: (@Sendable (HTTPRefusal.Reason) -> Void)?) {
        self.registry = registry
        self.onRefusal = onRefusal
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let channel = unwrapInboundIn(data)
        if registry.admit(channel) {
            context.fireChannelRead(data)
        } else {
            onRefusal?(.connectionLimit)
            channel.close(promise: nil)
        }
    }
}

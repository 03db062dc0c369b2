import NIOCore

/// Which connections a listener lets in, and which of the others it gives up for one. Decides without a channel or a socket.
///
/// Whoever has asked something that was answered, from whatever connection, is known for a while. A part of the places is only for known addresses and
/// for this host itself, which is where the readiness probe comes from. So those who only hold connections cannot keep out those who use them.
struct ConnectionTable {
    enum Admission: Equatable {
        /// There is room, or there will be when the other connection has closed.
        case admitted(evicting: ObjectIdentifier?)
        case refused(HTTPRefusal.Reason)
    }

    /// How many places there are.
    struct Places {
        let all: Int
        let perAddress: Int
        /// The part for known addresses and this host.
        let kept: Int

        init(_ limits: HTTPServerLimits) {
            all = max(1, limits.connections)
            perAddress = max(1, limits.connectionsPerAddress ?? all / 2)
            kept = min(all - 1, max(2, all / 4))
        }

        var forStrangers: Int { all - kept }

        /// Evicted connections take a moment to close, the client's last word in TLS included. They take no place, but only so many may wait for it.
        var withLeaving: Int { all + max(1, all / 2) }
    }

    private struct Connection {
        let activity: ConnectionActivity
        let address: PeerAddress
        let peer: Peer
        /// Whether it comes from the address that it goes to, which nobody else can pretend.
        let isOwn: Bool
    }

    private struct PeerConnections {
        let peer: Peer
        var count = 0
    }

    /// How many known addresses without a connection are remembered.
    static let rememberedPeers = 1024

    private let places: Places
    private var connections: [ObjectIdentifier: Connection] = [:]
    private var peers: [PeerAddress: PeerConnections] = [:]

    init(_ limits: HTTPServerLimits) {
        places = Places(limits)
    }

    var count: Int { connections.count }

    /// How many addresses are remembered, those with a connection included.
    var peerCount: Int { peers.count }

    func activity(of id: ObjectIdentifier) -> ConnectionActivity? { connections[id]?.activity }

    // MARK: Changes

    /// Counts a connection if there is room for it or can be made.
    ///
    /// - Parameter local: the address that the connection goes to.
    mutating func admit(_ id: ObjectIdentifier, from address: PeerAddress, to local: PeerAddress, at now: NIODeadline) -> Admission {
        let isOwn = address == local
        let peer = peers[address] ?? PeerConnections(peer: Peer())
        let admission = room(for: peer, isOwn: isOwn, at: now)
        guard case .admitted = admission else { return admission }
        peers[address, default: peer].count += 1
        connections[id] = Connection(
            activity: ConnectionActivity(of: peer.peer, at: now), address: address, peer: peer.peer, isOwn: isOwn)
        return admission
    }

    /// Gives up the connection that can best be spared, whether or not a limit is reached.
    func evict(at now: NIODeadline) -> ObjectIdentifier? {
        Survey(connections, of: nil, at: now).candidate?.evict()
    }

    mutating func remove(_ id: ObjectIdentifier) {
        guard let connection = connections.removeValue(forKey: id) else { return }
        peers[connection.address]?.count -= 1
        guard peers[connection.address]?.count == 0 else { return }
        if connection.peer.lastCompleted == nil {
            peers[connection.address] = nil
        } else if peers.count > connections.count + Self.rememberedPeers {
            forgetOldPeers()
        }
    }

    /// Half of them, so that this is seldom done.
    private mutating func forgetOldPeers() {
        let times = peers.values.filter { $0.count == 0 }.map { $0.peer.lastCompleted ?? .uptimeNanoseconds(0) }.sorted()
        guard !times.isEmpty else { return }
        let middle = times[times.count / 2]
        peers = peers.filter { $0.value.count > 0 || ($0.value.peer.lastCompleted ?? .uptimeNanoseconds(0)) > middle }
    }

    // MARK: Room

    private func room(for peer: PeerConnections, isOwn: Bool, at now: NIODeadline) -> Admission {
        let isKnown = isOwn || peer.peer.isKnown(at: now)
        let limit = isKnown ? places.all : places.forStrangers
        let mayBeTooMany = !isOwn && peer.count >= places.perAddress
        guard mayBeTooMany || connections.count >= limit else { return .admitted(evicting: nil) }
        guard connections.count < places.withLeaving - (places.all - limit) else { return .refused(.connectionLimit) }
        // Again when the connection that was chosen has done something meanwhile.
        for _ in 0..<3 {
            let survey = Survey(connections, of: peer.peer, at: now)
            let candidate: Candidate?
            let reason: HTTPRefusal.Reason
            if !isOwn, survey.countOfPeer >= places.perAddress {
                (candidate, reason) = (survey.candidateOfPeer, .addressLimit)
            } else if !isKnown, survey.countOfStrangers >= limit {
                (candidate, reason) = (survey.candidateOfStrangers, .connectionLimit)
            } else if survey.count >= places.all {
                (candidate, reason) = (survey.candidate, .connectionLimit)
            } else {
                return .admitted(evicting: nil)
            }
            guard let candidate else { return .refused(reason) }
            if let evicted = candidate.evict() { return .admitted(evicting: evicted) }
        }
        return .refused(.connectionLimit)
    }

    private struct Candidate {
        /// Why a connection can be spared, the best reason first. Among those with one reason the one goes to which it has applied longest.
        enum Rank: Int {
            /// A second is enough for a handshake and a request, or for a piece of a large one.
            case unproductive
            case idle
            /// It has completed requests, but takes its time with this one.
            case slow
            /// Idle or unproductive, but not for long.
            case recent
        }

        let id: ObjectIdentifier
        let activity: ConnectionActivity
        let standing: ConnectionActivity.Standing
        let rank: Rank

        static let recentTime = TimeAmount.seconds(1)
        static let slowTime = TimeAmount(BodyPace.grace)

        init?(_ id: ObjectIdentifier, _ activity: ConnectionActivity, _ standing: ConnectionActivity.Standing, at now: NIODeadline) {
            let time = now - standing.since
            switch standing.kind {
            case .unproductive: rank = time < Self.recentTime ? .recent : .unproductive
            case .idle: rank = time < Self.recentTime ? .recent : .idle
            case .waiting where time >= Self.slowTime: rank = .slow
            case .waiting, .busy, .evicted: return nil
            }
            self.id = id
            self.activity = activity
            self.standing = standing
        }

        func isBetter(than other: Candidate?) -> Bool {
            guard let other else { return true }
            return rank == other.rank ? standing.since < other.standing.since : rank.rawValue < other.rank.rawValue
        }

        /// Marks it as evicted, unless it has done something since.
        func evict() -> ObjectIdentifier? {
            activity.evict(ifStill: standing) ? id : nil
        }
    }

    /// A look at all connections. It takes some microseconds, less than accepting one does, and is taken only when there are too many; so no order
    /// of them has to be kept up to date with every request.
    private struct Survey {
        // Those that were evicted and are still open are not counted.
        var count = 0
        var countOfPeer = 0
        var countOfStrangers = 0
        var candidate: Candidate?
        var candidateOfPeer: Candidate?
        var candidateOfStrangers: Candidate?

        init(_ connections: [ObjectIdentifier: Connection], of peer: Peer?, at now: NIODeadline) {
            for (id, connection) in connections {
                let standing = connection.activity.standing
                guard standing.kind != .evicted else { continue }
                let isOfPeer = connection.peer === peer
                let isStranger = !connection.isOwn && !connection.peer.isKnown(at: now)
                count += 1
                if isOfPeer { countOfPeer += 1 }
                if isStranger { countOfStrangers += 1 }
                guard let found = Candidate(id, connection.activity, standing, at: now) else { continue }
                if found.isBetter(than: candidate) { candidate = found }
                if isOfPeer, found.isBetter(than: candidateOfPeer) { candidateOfPeer = found }
                if isStranger, found.isBetter(than: candidateOfStrangers) { candidateOfStrangers = found }
            }
        }
    }
}

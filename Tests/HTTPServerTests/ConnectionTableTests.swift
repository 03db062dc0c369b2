import NIOCore
import Testing

@testable import HTTPServer

/// A table whose connections have numbers and come at times that are said.
private struct Listener {
    private final class Name {}

    private var table: ConnectionTable
    private var names: [Name] = []
    /// The address that connections go to.
    static let own = "10.0.0.1"

    init(connections: Int, perAddress: Int? = nil) {
        var limits = HTTPServerLimits()
        limits.connections = connections
        limits.connectionsPerAddress = perAddress
        table = ConnectionTable(limits)
    }

    /// What came of the last connection: a number of another one that is closed for it, or why it was refused.
    enum Outcome: Equatable {
        case admitted
        case evicted(Int)
        case refused(HTTPRefusal.Reason)
    }

    @discardableResult
    mutating func connect(from address: String = "10.0.0.9", at time: Int64) throws -> Outcome {
        let (name, remote) = (Name(), PeerAddress(try SocketAddress(ipAddress: address, port: 1)))
        names.append(name)
        let local = PeerAddress(try SocketAddress(ipAddress: Self.own, port: 2))
        switch table.admit(ObjectIdentifier(name), from: remote, to: local, at: .at(time)) {
        case .admitted(evicting: nil): return .admitted
        case .admitted(let evicted?): return .evicted(names.firstIndex { ObjectIdentifier($0) == evicted } ?? -1)
        case .refused(let reason): return .refused(reason)
        }
    }

    subscript(number: Int) -> ConnectionActivity {
        table.activity(of: ObjectIdentifier(names[number])) ?? ConnectionActivity()
    }

    /// Lets a connection complete a request.
    func complete(_ number: Int, at time: Int64) {
        self[number].becameBusy()
        self[number].answered(status: 200, at: .at(time))
        self[number].becameIdle(at: .at(time))
    }

    mutating func close(_ number: Int) {
        table.remove(ObjectIdentifier(names[number]))
    }

    var count: Int { table.count }
    var peerCount: Int { table.peerCount }
}

extension NIODeadline {
    /// Some milliseconds after a start.
    fileprivate static func at(_ time: Int64) -> NIODeadline {
        .uptimeNanoseconds(1_000_000_000_000) + .milliseconds(time)
    }
}

@Suite("The table of connections")
struct ConnectionTableTests {
    @Test(
        "the oldest connection that has achieved nothing goes first, then the one that is idle longest, then a slow one, then the oldest of the others"
    )
    func order() throws {
        var listener = Listener(connections: 7)
        for _ in 0..<7 { try listener.connect(from: Listener.own, at: 0) }
        for number in 0..<5 { listener.complete(number, at: 1000 + Int64(number)) }
        // Number 4 is in the middle of its second request. Numbers 5 and 6 have never completed one.
        listener[4].becameWaiting(at: .at(1500))
        var gone: [Listener.Outcome] = []
        for _ in 0..<2 { gone.append(try listener.connect(from: Listener.own, at: 6000)) }
        #expect(gone == [.evicted(5), .evicted(6)] || gone == [.evicted(6), .evicted(5)])
        listener.close(5)
        listener.close(6)
        listener.complete(3, at: 5900)
        gone = []
        for _ in 0..<5 {
            gone.append(try listener.connect(from: Listener.own, at: 6600))
            if case .evicted(let number) = gone.last { listener.close(number) }
        }
        // Of the last two, one was idle at 5.9 s and two began at 6 s.
        #expect(gone.prefix(5) == [.evicted(0), .evicted(1), .evicted(2), .evicted(4), .evicted(3)])
    }

    @Test("a connection whose request is being worked on, or that got on with a body just now, is not given up")
    func productive() throws {
        var listener = Listener(connections: 2)
        try listener.connect(from: Listener.own, at: 0)
        try listener.connect(from: Listener.own, at: 1)
        listener[0].becameBusy()
        listener.complete(1, at: 100)
        listener[1].becameWaiting(at: .at(200))
        #expect(try listener.connect(from: Listener.own, at: 5000) == .refused(.connectionLimit))
        listener[1].received(ConnectionActivity.progress, at: .at(5100))
        #expect(try listener.connect(from: Listener.own, at: 10_000) == .refused(.connectionLimit))
        listener[1].received(ConnectionActivity.progress - 1, at: .at(10_000))
        #expect(try listener.connect(from: Listener.own, at: 10_100) == .evicted(1))
    }

    @Test("a first request of which much arrives within a second outlives an older idle connection, one that trickles does not")
    func firstBody() throws {
        var listener = Listener(connections: 3)
        for time in 0..<3 { try listener.connect(from: Listener.own, at: Int64(time)) }
        listener.complete(0, at: 10)
        for time in stride(from: Int64(100), to: 2000, by: 100) {
            listener[1].received(20_000, at: .at(time))
            listener[2].received(140, at: .at(time))
        }
        #expect(try listener.connect(from: Listener.own, at: 2000) == .evicted(2))
        listener.close(2)
        #expect(try listener.connect(from: Listener.own, at: 2000) == .evicted(0))
    }

    @Test("an answer that is an error makes neither the connection productive nor its address known")
    func errors() throws {
        var listener = Listener(connections: 2)
        try listener.connect(from: Listener.own, at: 0)
        try listener.connect(from: Listener.own, at: 1)
        listener.complete(0, at: 100)
        listener[1].answered(status: 400, at: .at(1500))
        listener[1].becameIdle(at: .at(1500))
        #expect(try listener.connect(from: Listener.own, at: 2000) == .evicted(1))
    }

    @Test("a quarter of the places is for addresses that have completed a request, and for this host")
    func keptPlaces() throws {
        var listener = Listener(connections: 8, perAddress: 8)
        try listener.connect(from: "10.0.0.5", at: 0)
        listener.complete(0, at: 0)
        listener.close(0)
        for number in 1...6 { #expect(try listener.connect(from: "10.0.1.\(number)", at: Int64(number)) == .admitted) }
        // Strangers now make room for each other.
        #expect(try listener.connect(from: "10.0.1.7", at: 7) == .evicted(1))
        #expect(try listener.connect(from: "10.0.0.5", at: 8) == .admitted)
        #expect(try listener.connect(from: Listener.own, at: 9) == .admitted)
        // There are eight, apart from the evicted one. Who is known takes a stranger's place as well.
        #expect(try listener.connect(from: "10.0.0.5", at: 10) == .evicted(2))
    }

    @Test("strangers whose requests are being worked on do not take the kept places either")
    func busyStrangers() throws {
        var listener = Listener(connections: 8, perAddress: 8)
        for number in 0..<6 {
            try listener.connect(from: "10.0.1.\(number)", at: 0)
            listener[number].becameBusy()
        }
        #expect(try listener.connect(from: "10.0.2.1", at: 5000) == .refused(.connectionLimit))
        #expect(try listener.connect(from: Listener.own, at: 5000) == .admitted)
    }

    @Test("an address is known for ten minutes after its last completed request")
    func forgetting() throws {
        var listener = Listener(connections: 4, perAddress: 4)
        try listener.connect(from: "10.0.0.5", at: 0)
        listener.complete(0, at: 0)
        listener.close(0)
        for number in 1...2 {
            try listener.connect(from: "10.0.1.\(number)", at: 1)
            listener[number].becameBusy()
        }
        #expect(try listener.connect(from: "10.0.0.5", at: 600_000) == .refused(.connectionLimit))
        #expect(try listener.connect(from: "10.0.0.5", at: 599_999) == .admitted)
    }

    @Test("an address has half of the places, and makes room for its newest connection itself")
    func perAddress() throws {
        var listener = Listener(connections: 8)
        for _ in 0..<3 { try listener.connect(from: "10.0.0.5", at: 0) }
        try listener.connect(from: "10.0.0.6", at: 0)
        try listener.connect(from: "10.0.0.5", at: 1)
        listener.complete(0, at: 10)
        listener[1].becameBusy()
        #expect(try listener.connect(from: "10.0.0.5", at: 2000) == .evicted(2))
        #expect(try listener.connect(from: "10.0.0.5", at: 2000) == .evicted(4))
        #expect(try listener.connect(from: "10.0.0.5", at: 2000) == .evicted(0))
        for number in 5...7 { listener[number].becameBusy() }
        for number in [2, 4, 0] { listener.close(number) }
        #expect(try listener.connect(from: "10.0.0.5", at: 2000) == .refused(.addressLimit))
        #expect(try listener.connect(from: "10.0.0.7", at: 2000) == .admitted)
    }

    @Test("this host may have all places")
    func own() throws {
        var listener = Listener(connections: 8)
        for _ in 0..<8 { #expect(try listener.connect(from: Listener.own, at: 0) == .admitted) }
    }

    @Test("evicted connections may take a moment to close, but only so many at a time, and fewer for strangers")
    func leaving() throws {
        var listener = Listener(connections: 8, perAddress: 8)
        for _ in 0..<30 { try listener.connect(from: "10.0.1.1", at: 0) }
        #expect(listener.count == 10)
        for _ in 0..<30 { try listener.connect(from: Listener.own, at: 0) }
        #expect(listener.count == 12)
    }

    @Test("one address is one in IPv4 and mapped to IPv6, whatever the port")
    func addresses() throws {
        let address = PeerAddress(try SocketAddress(ipAddress: "10.1.2.3", port: 1))
        #expect(address == PeerAddress(try SocketAddress(ipAddress: "::ffff:10.1.2.3", port: 2)))
        #expect(address != PeerAddress(try SocketAddress(ipAddress: "10.1.2.4", port: 1)))
        let long = PeerAddress(try SocketAddress(ipAddress: "2001:db8::1", port: 1))
        #expect(long != PeerAddress(try SocketAddress(ipAddress: "2001:db8:0:1::1", port: 1)))
        #expect(long == PeerAddress(try SocketAddress(ipAddress: "2001:db8::1", port: 2)))
    }

    @Test("only so many addresses are remembered, and the latest of them")
    func manyAddresses() throws {
        var listener = Listener(connections: 8)
        for number in 0..<3000 {
            try listener.connect(from: "10.1.\(number / 250).\(number % 250)", at: Int64(number))
            listener.complete(number, at: Int64(number))
            listener.close(number)
        }
        #expect(listener.peerCount <= ConnectionTable.rememberedPeers && listener.peerCount >= ConnectionTable.rememberedPeers / 2)
        for number in 3000..<3006 {
            try listener.connect(from: "10.2.0.\(number - 3000)", at: 3000)
            listener[number].becameBusy()
            listener[number].answered(status: 500)
        }
        #expect(try listener.connect(from: "10.1.0.1", at: 3001) == .refused(.connectionLimit))
        #expect(try listener.connect(from: "10.1.11.249", at: 3001) == .admitted)
        // An address that has completed nothing is forgotten with its last connection.
        let before = listener.peerCount
        listener.close(3000)
        #expect(listener.peerCount == before - 1)
    }

    @Test("a connection that was told to close stays told when a few bytes more arrive, but not when it has sent a whole request")
    func toldToClose() {
        let activity = ConnectionActivity(at: .at(0))
        #expect(activity.evict(ifStill: activity.standing))
        activity.received(ConnectionActivity.progress, at: .at(1))
        activity.becameWaiting(at: .at(2))
        #expect(activity.isEvicted)
        activity.becameBusy()
        #expect(!activity.isEvicted)
        activity.answered(status: 200, at: .at(3))
        activity.becameIdle(at: .at(3))
        #expect(activity.evict(ifStill: activity.standing))
        activity.becameWaiting(at: .at(4))
        #expect(!activity.isEvicted)
    }
}

import KubernetesAPI
import TestSupport

@testable import KubernetesClient

/// Contenders, an API server and a network without mercy, in a time of their own.
struct LeaseSimulation {
    private typealias Instant = ContinuousClock.Instant

    private enum Call {
        case read
        case write(LeaseRecord, base: String?)
    }

    /// A call on its way.
    private struct Pending {
        let call: Call
        let began: Instant
        /// When it reaches the server; nil when it never does.
        var arrival: Instant?
        /// When the contender gives up, or has its answer.
        let end: Instant
        let isLost: Bool
        var answer: Answer?
    }

    private enum Answer {
        case lease(LeaseRecord, String)
        case absent
        case written(String)
        case contested
    }

    private struct Contender {
        var state: LeaderElectionState
        var pending: Pending?
        var sleepsUntil: Instant
        /// Stopped by the kernel: it does nothing, and its clock goes on.
        var stoppedUntil: Instant?
    }

    private var random: SeededGenerator
    private var contenders: [Contender]
    private var now = ContinuousClock.now
    private var lease: (record: LeaseRecord, version: Int)?
    private var version = 0
    private var isCalm = false
    private var lastLeader: String?

    private(set) var clashes: [String] = []
    private(set) var changes = 0

    init(seed: UInt64, contenders count: Int) {
        random = SeededGenerator(seed: seed)
        let now = now
        contenders = (0..<count).map { number in
            Contender(state: LeaderElectionState(identity: "c\(number)", timing: .init()), sleepsUntil: now)
        }
        // They all know the lease: the one case in which two may lead is left out.
        version = 1
        let free = LeaseRecord(holder: "", duration: 1, acquired: nil, renewed: nil, transitions: 0)
        lease = (free, 1)
        for place in contenders.indices { contenders[place].state.saw((free, "1"), at: now) }
    }

    /// Who believes to lead at this moment.
    var leaders: [String] { contenders.filter { $0.state.leads(at: now) }.map(\.state.identity) }

    mutating func run(steps: Int) {
        for _ in 0..<steps {
            now += .milliseconds(Int.random(in: 1...700, using: &random))
            for place in contenders.indices.shuffled(using: &random) { step(place) }
            // Somebody deletes the lease.
            if !isCalm, random.oneIn(250) { lease = nil }
            check()
        }
    }

    /// A minute in which everything works.
    mutating func calm() {
        isCalm = true
        run(steps: 400)
    }

    private mutating func check() {
        let leaders = leaders
        if leaders.count > 1 { clashes.append("\(leaders) at once") }
        if let leader = leaders.first, leader != lastLeader {
            lastLeader = leader
            changes += 1
        }
    }

    private mutating func step(_ place: Int) {
        // A call that is on its way arrives also while its sender is stopped.
        arrive(place)
        if let stopped = contenders[place].stoppedUntil {
            guard now >= stopped else { return }
            contenders[place].stoppedUntil = nil
        } else if !isCalm, random.oneIn(150) {
            contenders[place].stoppedUntil = now + .milliseconds(Int.random(in: 100...40_000, using: &random))
            return
        }
        if let pending = contenders[place].pending {
            guard now >= pending.end else { return }
            // A late arrival is still to come then.
            finish(pending, place)
            return
        }
        guard now >= contenders[place].sleepsUntil else { return }
        let action = contenders[place].state.next(at: now, wallClock: Timestamp(seconds: Int64.random(in: 0...1_000_000, using: &random)))
        switch action {
        case .wait(let until): contenders[place].sleepsUntil = until
        case .read: send(.read, place)
        case .create(let record): send(.write(record, base: nil), place)
        case .update(let record, let version): send(.write(record, base: version), place)
        }
    }

    private mutating func send(_ call: Call, _ place: Int) {
        let isLost = !isCalm && random.oneIn(8)
        let delay = Duration.milliseconds(Int.random(in: 0...(isCalm || !random.oneIn(6) ? 50 : 6_000), using: &random))
        let end = now + (isLost ? .seconds(5) : min(.seconds(5), delay * 2 + .milliseconds(1)))
        // A lost call may have reached the server: its answer is what is lost. It may even do so after its sender gave up.
        let arrives = !isLost || random.oneIn(2)
        contenders[place].pending = Pending(call: call, began: now, arrival: arrives ? now + delay : nil, end: end, isLost: isLost)
        arrive(place)
    }

    private var late: [(call: Call, arrival: ContinuousClock.Instant)] = []

    private mutating func arrive(_ place: Int) {
        for stray in late where stray.arrival <= now { _ = serve(stray.call) }
        late.removeAll { $0.arrival <= now }
        guard var pending = contenders[place].pending, let arrival = pending.arrival, arrival <= now else { return }
        pending.arrival = nil
        pending.answer = serve(pending.call)
        contenders[place].pending = pending
    }

    private mutating func serve(_ call: Call) -> Answer {
        switch call {
        case .read:
            guard let lease else { return .absent }
            return .lease(lease.record, String(lease.version))
        case .write(let record, let base):
            guard base == lease.map({ String($0.version) }) else { return .contested }
            version += 1
            lease = (record, version)
            return .written(String(version))
        }
    }

    private mutating func finish(_ pending: Pending, _ place: Int) {
        contenders[place].pending = nil
        if let arrival = pending.arrival { late.append((pending.call, arrival)) }
        switch (pending.isLost ? nil : pending.answer, pending.call) {
        case (.lease(let record, let version)?, _): contenders[place].state.saw((record, version), at: now)
        case (.absent?, _): contenders[place].state.saw(nil, at: now)
        case (.written(let version)?, .write(let record, _)):
            contenders[place].state.wrote(record, resourceVersion: version, began: pending.began, at: now)
        case (.contested?, _): contenders[place].state.failed(isContested: true, at: now)
        default: contenders[place].state.failed(isContested: false, at: now)
        }
        contenders[place].sleepsUntil = now
    }
}

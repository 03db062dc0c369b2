import JSON
import KubernetesAPI
import NIOCore
import TestSupport
import Testing

@testable import KubernetesClient

@Suite("who leads")
struct LeaderElectionStateTests {
    private let start = ContinuousClock.now
    private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(1) * seconds }
    private func state(_ identity: String = "a") -> LeaderElectionState { LeaderElectionState(identity: identity, timing: .init()) }
    private let wallClock = Timestamp(seconds: 1_700_000_000)

    private func record(_ holder: String, duration: Int64 = 15) -> LeaseRecord {
        LeaseRecord(holder: holder, duration: duration, acquired: nil, renewed: nil, transitions: 3)
    }

    @Test("a lease lasts whole seconds, as it says itself, and a leader stops well before", arguments: [0, 1, 1.5, 15, 600.9])
    func timing(seconds: Double) {
        let timing = LeaderElection.Timing(leaseDuration: .seconds(seconds))
        #expect(timing.leaseDuration == .seconds(max(1, Int(seconds))))
        #expect(.zero < timing.retryPeriod && timing.retryPeriod < timing.renewDeadline && timing.renewDeadline < timing.leaseDuration)
        #expect(LeaderElection.Timing(leaseDuration: .seconds(15)) == LeaderElection.Timing())
    }

    @Test("a lease that is not there is created, and renewed every two seconds")
    func alone() {
        var state = state()
        #expect(state.next(at: at(0), wallClock: wallClock) == .read)
        state.saw(nil, at: at(0.1))
        guard case .create(let record) = state.next(at: at(0.1), wallClock: wallClock) else { return #expect(Bool(false)) }
        #expect(record == LeaseRecord(holder: "a", duration: 15, acquired: wallClock, renewed: wallClock, transitions: 0))
        #expect(!state.leads(at: at(0.1)))
        state.wrote(record, resourceVersion: "1", began: at(0.1), at: at(0.2))
        #expect(state.leads(at: at(10)) && !state.leads(at: at(10.1)))
        #expect(state.next(at: at(0.2), wallClock: wallClock) == .wait(until: at(2.1)))
        let later = Timestamp(seconds: wallClock.seconds + 2)
        guard case .update(let renewal, "1") = state.next(at: at(2.1), wallClock: later) else { return #expect(Bool(false)) }
        #expect(renewal == LeaseRecord(holder: "a", duration: 15, acquired: wallClock, renewed: later, transitions: 0))
    }

    @Test("a lease of another is taken over when it was seen unchanged for its duration, however old its times are")
    func takingOver() {
        var state = state()
        _ = state.next(at: at(0), wallClock: wallClock)
        state.saw((record("b"), "7"), at: at(0))
        var now = 0.0
        while now < 14 {
            guard case .wait(let until) = state.next(at: at(now), wallClock: wallClock) else { return #expect(Bool(false)) }
            #expect(until == at(now + 2))
            now += 2
            #expect(state.next(at: at(now), wallClock: wallClock) == .read)
            state.saw((record("b"), "7"), at: at(now))
        }
        guard case .wait = state.next(at: at(14.9), wallClock: wallClock) else { return #expect(Bool(false)) }
        #expect(state.next(at: at(17), wallClock: wallClock) == .read)
        state.saw((record("b"), "7"), at: at(17))
        guard case .update(let record, "7") = state.next(at: at(17), wallClock: wallClock) else { return #expect(Bool(false)) }
        #expect(record.holder == "a" && record.transitions == 4)
    }

    @Test("a lease without a holder is taken at once")
    func released() {
        var state = state()
        _ = state.next(at: at(0), wallClock: wallClock)
        state.saw((record("", duration: 1), "7"), at: at(0))
        guard case .update(_, "7") = state.next(at: at(0), wallClock: wallClock) else { return #expect(Bool(false)) }
    }

    @Test("whoever sees another holder does not lead any more")
    func robbed() {
        var state = state()
        _ = state.next(at: at(0), wallClock: wallClock)
        state.wrote(record("a"), resourceVersion: "1", began: at(0), at: at(0))
        state.failed(isContested: true, at: at(2))
        #expect(state.leads(at: at(2)))
        #expect(state.next(at: at(2), wallClock: wallClock) == .read)
        state.saw((record("b"), "2"), at: at(2))
        #expect(!state.leads(at: at(2)))
        #expect(state.holder == "b")
    }

    @Test("where a lease was deleted, its holder may write it again, and whoever does so instead leads only after its duration")
    func deleted() {
        var state = state()
        _ = state.next(at: at(0), wallClock: wallClock)
        state.saw((record("b"), "7"), at: at(0))
        state.saw(nil, at: at(14))
        guard case .wait = state.next(at: at(16), wallClock: wallClock) else { return #expect(Bool(false)) }
        _ = state.next(at: at(18), wallClock: wallClock)
        state.saw(nil, at: at(18))
        guard case .create(let record) = state.next(at: at(18), wallClock: wallClock) else { return #expect(Bool(false)) }
        state.wrote(record, resourceVersion: "9", began: at(18), at: at(18))
        var version = 9
        for second in stride(from: 20.0, to: 33, by: 2) {
            guard case .update(let record, "\(version)") = state.next(at: at(second), wallClock: wallClock) else {
                return #expect(Bool(false))
            }
            version += 1
            state.wrote(record, resourceVersion: "\(version)", began: at(second), at: at(second))
            #expect(!state.leads(at: at(second)))
        }
        state.wrote(record, resourceVersion: "99", began: at(33), at: at(33))
        #expect(state.leads(at: at(33)))
    }

    @Test("a holder whose lease was deleted writes it again and leads on")
    func restored() {
        var state = state()
        state.wrote(record("a"), resourceVersion: "1", began: at(0), at: at(0))
        state.failed(isContested: false, at: at(2))
        #expect(state.next(at: at(4), wallClock: wallClock) == .read)
        state.saw(nil, at: at(4))
        guard case .create(let record) = state.next(at: at(4), wallClock: wallClock) else { return #expect(Bool(false)) }
        state.wrote(record, resourceVersion: "2", began: at(4), at: at(4))
        #expect(state.leads(at: at(13)))
    }

    @Test("giving back leaves the lease without a holder, and only to whom it belongs")
    func release() {
        var state = state()
        #expect(state.release(wallClock: wallClock) == nil)
        state.wrote(record("a"), resourceVersion: "1", began: at(0), at: at(0))
        guard case .update(let record, "1")? = state.release(wallClock: wallClock) else { return #expect(Bool(false)) }
        #expect(record.holder.isEmpty && record.duration == 1)
        #expect(!state.leads(at: at(0)))
    }

    @Test("odd leases are nobody's trap", arguments: [0, -1, Int64.min, Int64.max])
    func oddLeases(number: Int64) {
        var state = state()
        _ = state.next(at: at(0), wallClock: wallClock)
        state.saw((LeaseRecord(holder: "b", duration: number, acquired: nil, renewed: nil, transitions: number), "7"), at: at(0))
        guard case .wait = state.next(at: at(1), wallClock: wallClock) else { return #expect(Bool(false)) }
        state.saw((LeaseRecord(holder: "", duration: number, acquired: nil, renewed: nil, transitions: number), "8"), at: at(3))
        guard case .update(let record, _) = state.next(at: at(3), wallClock: wallClock) else { return #expect(Bool(false)) }
        #expect((1...Int64(Int32.max)).contains(record.transitions))
    }

    @Test("the lease is written as the API wants it, and read back the same")
    func spelling() throws {
        let record = LeaseRecord(
            holder: "a", duration: 15, acquired: wallClock, renewed: Timestamp(seconds: 1_700_000_002, microseconds: 5), transitions: 3)
        let body = record.object(ObjectKey(namespace: "shop", name: "dbmmo"), resourceVersion: "7")
        #expect(
            String(buffer: body)
                == #"{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"namespace":"shop","name":"dbmmo","resourceVersion":"7"},"spec":{"holderIdentity":"a","leaseDurationSeconds":15,"acquireTime":"2023-11-14T22:13:20.000000Z","renewTime":"2023-11-14T22:13:22.000005Z","leaseTransitions":3}}"#
        )
        let object = try #require(KubernetesObject(copying: try JSONDocument(parsing: body).root))
        #expect(LeaseRecord(reading: try object.json()) == record)
    }

    @Test(
        "however calls are delayed and lost, processes stopped and leases deleted: never two leaders, and always one in the end",
        arguments: 1...40)
    func property(seed: Int) {
        var simulation = LeaseSimulation(seed: UInt64(seed), contenders: 2 + seed % 2)
        simulation.run(steps: 4_000)
        #expect(simulation.clashes.isEmpty, "seed \(seed): \(simulation.clashes.prefix(3))")
        #expect(simulation.changes > 3, "seed \(seed): leadership changed \(simulation.changes) times")
        simulation.calm()
        #expect(simulation.leaders.count == 1, "seed \(seed)")
    }
}

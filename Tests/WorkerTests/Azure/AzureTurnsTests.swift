import AzureMySQL
import KubernetesClient
import Testing

@testable import Worker

@Suite("whose turn it is to be asked about at Azure")
struct AzureTurnsTests {
    private static func key(_ number: Int, _ namespace: String = "shop") -> ObjectKey {
        ObjectKey(namespace: namespace, name: "db-\(number)")
    }
    private static func group(_ namespace: String = "shop", _ endpoint: String = "") -> AzureTurns.Group {
        AzureTurns.Group(namespace: namespace, endpoint: endpoint)
    }

    private let start = ContinuousClock.now

    @Test(
        "at most half of the databases that are worked on are asked about at once, and at least one",
        arguments: [(1, 1), (2, 1), (4, 2), (9, 4)])
    func width(concurrency: Int, width: Int) {
        let lane = AzureLane(concurrency: concurrency) { _ in }
        for number in 0..<width { #expect(lane.enter(Self.key(number), Self.group()) == nil) }
        #expect(lane.enter(Self.key(100), Self.group()) != nil)
        lane.leave(Self.key(0))
        #expect(lane.enter(Self.key(100), Self.group()) == nil)
        #expect(lane.enter(Self.key(101), Self.group()) != nil)
    }

    @Test("who has waited the longest comes next, and is woken")
    func order() {
        var turns = AzureTurns(width: 1)
        #expect(turns.enter(Self.key(0), Self.group(), at: start) == nil)
        #expect(turns.enter(Self.key(1), Self.group(), at: start) == .zero)
        #expect(turns.enter(Self.key(2), Self.group(), at: start + .seconds(1)) == .zero)
        #expect(turns.enter(Self.key(1), Self.group(), at: start + .seconds(2)) == .seconds(2))
        #expect(turns.leave(Self.key(0)) == Self.key(1))
        // The other one asks first, in vain.
        #expect(turns.enter(Self.key(2), Self.group(), at: start + .seconds(3)) == .seconds(2))
        #expect(turns.enter(Self.key(1), Self.group(), at: start + .seconds(3)) == nil)
    }

    @Test("eight databases behind an endpoint that takes 9.5 s keep one behind another endpoint waiting for one answer at most")
    func slowEndpoint() {
        var turns = AzureTurns(width: 2)
        var now = start
        var running: [(key: ObjectKey, until: ContinuousClock.Instant)] = []
        var longest = Duration.zero
        var waitsSince: ContinuousClock.Instant? = nil
        let honest = Self.key(100, "other")
        for _ in 0..<3_000 {
            for (key, until) in running where until <= now {
                running.removeAll { $0.key == key }
                _ = turns.leave(key)
            }
            for number in 0..<8 where !running.contains(where: { $0.key == Self.key(number) }) {
                if turns.enter(Self.key(number), Self.group("shop", "slow"), at: now) == nil {
                    running.append((Self.key(number), now + .milliseconds(9_500)))
                }
            }
            if !running.contains(where: { $0.key == honest }) {
                let since = waitsSince ?? now
                waitsSince = since
                if turns.enter(honest, Self.group("other", "quick"), at: now) == nil {
                    longest = max(longest, now - since)
                    waitsSince = nil
                    running.append((honest, now + .milliseconds(100)))
                }
            }
            now += .milliseconds(100)
        }
        #expect(longest <= .milliseconds(9_500), "\(longest)")
    }

    @Test("a database that asks no more, or that is gone, keeps nobody waiting")
    func gone() {
        var turns = AzureTurns(width: 1)
        #expect(turns.enter(Self.key(0), Self.group(), at: start) == nil)
        #expect(turns.enter(Self.key(1), Self.group(), at: start) != nil)
        #expect(turns.enter(Self.key(2), Self.group(), at: start + .seconds(1)) != nil)
        _ = turns.leave(Self.key(0))
        #expect(turns.enter(Self.key(3), Self.group(), at: start + .seconds(16)) != nil)
        #expect(turns.enter(Self.key(2), Self.group(), at: start + .seconds(16)) == nil)
        turns.forget(Self.key(3))
        _ = turns.leave(Self.key(2))
        #expect(turns.enter(Self.key(4), Self.group(), at: start + .seconds(17)) == nil)
    }

    @Test("that it waits is told once it has waited for a while, and needs no human")
    func told() throws {
        let remark = AzureSight.waiting(ServerID(subscription: "s", resourceGroup: "g", name: "n"), for: .seconds(40)).block
        #expect(remark?.reason == .waitingForTurn)
        var work = SideWork(Condition(.ready, true, .ready, ""))
        work.tell(try #require(remark))
        #expect(work.troubles.isEmpty && work.progress.count == 1)
    }
}

import HTTPCalls
import TestSupport
import Testing

@testable import KubernetesClient

@Suite("which key is worked on when")
struct WorkQueueStateTests {
    private typealias State = WorkQueueState<String>

    private let start = ContinuousClock.now
    private func state() -> State { State(backoff: Backoff(first: .milliseconds(5), longest: .seconds(300))) }
    private func at(_ milliseconds: Int) -> ContinuousClock.Instant { start + .milliseconds(milliseconds) }

    @Test("keys are taken in order, and repeats are one")
    func order() {
        var state = state()
        for key in ["a", "b", "a", "c", "b"] { state.add(key, at: at(0)) }
        #expect(state.depth == 3)
        #expect((0..<4).map { _ in state.take(at: at(1))?.key } == ["a", "b", "c", nil])
    }

    @Test("what is added while it is worked on comes once more, after that")
    func whileWorking() {
        var state = state()
        state.add("a", at: at(0))
        #expect(state.take(at: at(1)) == State.Work(key: "a", since: at(0)))
        #expect([2, 3].map { state.add("a", at: at($0)) } == [true, false])
        #expect(state.take(at: at(4)) == nil)
        state.finish("a", .done, at: at(5), jitter: 1)
        #expect(state.take(at: at(6)) == State.Work(key: "a", since: at(2)))
        state.finish("a", .done, at: at(7), jitter: 1)
        #expect(state.take(at: at(8)) == nil)
    }

    @Test("failures come again after pauses that double, and a success forgets them")
    func backoff() {
        var state = state()
        var now = 0
        for pause in [5, 10, 20] {
            state.add("a", at: at(now))
            #expect(state.take(at: at(now))?.key == "a")
            state.finish("a", .failed, at: at(now), jitter: 1)
            #expect(state.nextDue == at(now + pause))
            #expect(state.take(at: at(now + pause - 1)) == nil)
            now += pause
        }
        #expect(state.failing == 1)
        #expect(state.take(at: at(now))?.key == "a")
        state.finish("a", .done, at: at(now), jitter: 1)
        #expect(state.failing == 0)
        state.add("a", at: at(now))
        _ = state.take(at: at(now))
        state.finish("a", .failed, at: at(now), jitter: 1)
        #expect(state.nextDue == at(now + 5))
    }

    @Test("of several times for one key the earliest counts, and it comes once")
    func delays() {
        var state = state()
        state.add("a", due: at(30))
        state.add("a", due: at(10))
        state.add("a", due: at(20))
        state.add("b", due: at(15))
        #expect(state.nextDue == at(10))
        #expect(state.take(at: at(9)) == nil)
        #expect(state.take(at: at(10))?.key == "a")
        #expect(state.nextDue == at(15))
        state.finish("a", .again(at: at(12)), at: at(11), jitter: 1)
        #expect(state.nextDue == at(12))
        #expect(state.take(at: at(40))?.key == "a")
        #expect(state.take(at: at(40))?.key == "b")
        #expect(state.take(at: at(40)) == nil)
        #expect(state.nextDue == nil)
    }

    @Test("whatever happens: never one key twice at once, none before its time, none lost")
    func property() {
        for seed in 1...20 {
            var random = SeededGenerator(seed: UInt64(seed))
            var state = state()
            let keys = ["a", "b", "c", "d", "e", "f"]
            var now = 0
            var working: Set<String> = []
            // Since when a key has to be worked on once more, and the earliest delayed addition.
            var wanted: [String: Int] = [:]
            var delayed: [String: Int] = [:]
            for step in 0..<5_000 {
                now += Int.random(in: 0...3, using: &random)
                let key = random.pick(keys)
                switch Int.random(in: 0..<6, using: &random) {
                case 0, 1:
                    state.add(key, at: at(now))
                    if wanted[key] == nil { wanted[key] = now }
                case 2:
                    let due = now + Int.random(in: 1...20, using: &random)
                    state.add(key, due: at(due))
                    delayed[key] = min(delayed[key] ?? due, due)
                case 3, 4:
                    for (key, due) in delayed where due <= now {
                        delayed[key] = nil
                        if wanted[key] == nil { wanted[key] = now }
                    }
                    let taken = state.take(at: at(now))
                    let ready = wanted.keys.filter { !working.contains($0) }
                    #expect((taken == nil) == ready.isEmpty, "seed \(seed), step \(step)")
                    if let taken {
                        #expect(ready.contains(taken.key), "seed \(seed), step \(step)")
                        #expect(!working.contains(taken.key), "seed \(seed), step \(step)")
                        wanted[taken.key] = nil
                        working.insert(taken.key)
                    }
                default:
                    guard let key = working.sorted().first else { continue }
                    working.remove(key)
                    if random.oneIn(2) {
                        state.finish(key, .done, at: at(now), jitter: 1)
                    } else {
                        state.finish(key, .again(at: at(now + 7)), at: at(now), jitter: 1)
                        delayed[key] = min(delayed[key] ?? now + 7, now + 7)
                    }
                }
                #expect(state.nextDue == delayed.values.min().map { at($0) }, "seed \(seed), step \(step)")
            }
        }
    }

    @Test("a queue of very many keys takes its time and no more")
    func manyKeys() {
        var state = WorkQueueState<Int>(backoff: Backoff(first: .milliseconds(5), longest: .seconds(300)))
        let begin = ContinuousClock.now
        for key in 0..<200_000 { key % 2 == 0 ? _ = state.add(key, at: at(0)) : state.add(key, due: at(key % 1000)) }
        var count = 0
        while state.take(at: at(1000)) != nil { count += 1 }
        #expect(count == 200_000)
        #expect(ContinuousClock.now - begin < .seconds(20))
    }
}

import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import KubernetesClient

@Suite("a queue and its workers", .timeLimit(.minutes(1)))
struct WorkQueueTests {
    @Test("keys are worked on, no more at once than asked for and none twice at once")
    func concurrency() async throws {
        let queue = WorkQueue<Int>()
        let seen = NIOLockedValueBox<(now: Set<Int>, most: Int, all: Set<Int>, count: Int, clashes: Int)>(([], 0, [], 0, 0))
        for key in 0..<50 { queue.add(key) }
        try await running({
            await queue.process(concurrency: 4) { key in
                seen.withLockedValue { seen in
                    if !seen.now.insert(key).inserted { seen.clashes += 1 }
                    seen.most = max(seen.most, seen.now.count)
                }
                await Task.yield()
                queue.add((key + 1) % 50)
                try? await Task.sleep(for: .milliseconds(1))
                seen.withLockedValue { seen in
                    seen.now.remove(key)
                    seen.all.insert(key)
                    seen.count += 1
                }
                return .done
            }
        }) {
            try await poll("all is done, some of it again") { seen.withLockedValue { $0.all.count == 50 && $0.count > 200 } }
        }
        seen.withLockedValue { seen in
            #expect(seen.most == 4)
            #expect(seen.clashes == 0)
            #expect(seen.now.isEmpty)
        }
    }

    @Test("what failed comes again, what was delayed comes then, and metrics are told of it")
    func retries() async throws {
        let counts = NIOLockedValueBox<[String: Int]>([:])
        func count(_ name: String) { counts.withLockedValue { $0[name, default: 0] += 1 } }
        var observer = WorkQueue<String>.Observer()
        observer.added = { counts.withLockedValue { $0["added", default: 0] += 1 } }
        observer.retried = { counts.withLockedValue { $0["retried", default: 0] += 1 } }
        observer.waited = { #expect($0 >= .zero) }
        observer.worked = { #expect($0 >= .zero) }
        observer.depth = { depth in counts.withLockedValue { $0["depth"] = depth } }
        let queue = WorkQueue<String>(observer: observer)
        let start = ContinuousClock.now
        let delayed = NIOLockedValueBox<Duration?>(nil)
        try await running({
            await queue.process(concurrency: 1) { key in
                let times = counts.withLockedValue { counts in
                    counts[key, default: 0] += 1
                    return counts[key, default: 0]
                }
                switch (key, times) {
                case ("delayed", _): delayed.withLockedValue { $0 = .now - start }
                case ("failing", 1...3): return .failed
                case ("again", 1): return .again(after: .milliseconds(10))
                default: break
                }
                return .done
            }
        }) {
            queue.add("delayed", after: .milliseconds(50))
            queue.add("failing")
            queue.add("again")
            try await poll("all is done") {
                counts.withLockedValue { $0["failing"] == 4 && $0["again"] == 2 && $0["delayed"] == 1 }
            }
        }
        #expect(delayed.withLockedValue { $0 ?? .zero } >= .milliseconds(50))
        let seen = counts.withLockedValue { $0 }
        #expect(seen["added"] == 2 && seen["retried"] == 3 && seen["depth"] == 0)
        #expect(queue.depth == 0)
    }

    @Test("the end waits for the work under way, and what waits then is worked on the next time")
    func stopping() async throws {
        let queue = WorkQueue<String>()
        let state = NIOLockedValueBox<[String]>([])
        queue.add("first")
        queue.add("second")
        try await running({
            await queue.process(concurrency: 1) { key in
                state.withLockedValue { $0.append("begin \(key)") }
                try? await Task.sleep(for: .seconds(60))
                state.withLockedValue { $0.append("end \(key)") }
                return .done
            }
        }) {
            try await poll("it works") { state.withLockedValue { !$0.isEmpty } }
        }
        #expect(state.withLockedValue { $0 } == ["begin first", "end first"])
        #expect(queue.depth == 1)
        try await running({
            await queue.process(concurrency: 1) { key in
                state.withLockedValue { $0.append(key) }
                return .done
            }
        }) {
            try await poll("the second is done") { state.withLockedValue { $0.last == "second" } }
        }
    }
}

import HTTPCalls
import TestSupport
import Testing

@testable import KubernetesClient

@Suite("listing and watching")
struct ReflectorStateTests {
    private func state(listed version: String? = nil) -> ReflectorState {
        var state = ReflectorState(backoff: Backoff(first: .milliseconds(100), longest: .seconds(5)))
        if let version { state.listed(version) }
        return state
    }

    @Test("first it lists, then it watches from there, and goes on from the last event")
    func course() {
        var state = state()
        #expect(state.next() == .list)
        state.listed("5")
        #expect(state.next() == .watch(from: "5"))
        state.progressed(to: "8")
        state.watchEnded(.finished, wasShort: false, hadEvents: true, jitter: 1)
        #expect(state.next() == .watch(from: "8"))
    }

    @Test("a list that fails is tried again after pauses that grow")
    func failingList() {
        var state = state()
        for pause in [100, 200, 400] {
            state.listFailed(retryAfter: nil, jitter: 1)
            #expect(state.next() == .wait(.milliseconds(pause)))
            #expect(state.next() == .list)
        }
        state.listFailed(retryAfter: .seconds(9), jitter: 1)
        #expect(state.next() == .wait(.seconds(9)))
    }

    @Test("a broken watch goes on from where it was, after pauses that grow until it tells something")
    func brokenWatch() {
        var state = state(listed: "5")
        for pause in [100, 200] {
            state.watchEnded(.failed(retryAfter: nil), wasShort: true, hadEvents: false, jitter: 1)
            #expect(state.next() == .wait(.milliseconds(pause)))
            #expect(state.next() == .watch(from: "5"))
        }
        state.progressed(to: "6")
        state.watchEnded(.failed(retryAfter: nil), wasShort: true, hadEvents: true, jitter: 1)
        #expect(state.next() == .wait(.milliseconds(100)))
        #expect(state.next() == .watch(from: "6"))
    }

    @Test("what is too old is listed anew, at once the first time and with pauses when it is so again")
    func expired() {
        var state = state(listed: "5")
        state.watchEnded(.expired, wasShort: true, hadEvents: false, jitter: 1)
        #expect(state.next() == .list)
        state.listed("9")
        state.watchEnded(.expired, wasShort: true, hadEvents: false, jitter: 1)
        #expect(state.next() == .wait(.milliseconds(200)))
        #expect(state.next() == .list)
    }

    @Test("a watch that ends at once and tells nothing is not begun again without a pause")
    func shortWatches() {
        var state = state(listed: "5")
        state.watchEnded(.finished, wasShort: true, hadEvents: false, jitter: 1)
        #expect(state.next() == .wait(.milliseconds(100)))
        #expect(state.next() == .watch(from: "5"))
        state.watchEnded(.finished, wasShort: false, hadEvents: false, jitter: 1)
        #expect(state.next() == .watch(from: "5"))
    }
}

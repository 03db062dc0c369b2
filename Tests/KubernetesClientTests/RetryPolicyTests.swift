import HTTPCalls
import TestSupport
import Testing

@testable import KubernetesClient

@Suite("retries")
struct RetryPolicyTests {
    private let policy = RetryPolicy()

    private func pause(_ failure: RetryPolicy.Failure, attempt: Int = 1, isRead: Bool = false, jitter: Double = 0) -> Duration? {
        policy.pause(after: attempt, failure, isRead: isRead, jitter: jitter)
    }

    @Test("429 and 503 with Retry-After are sent again no sooner than they say, writes too", arguments: [429, 503])
    func retryAfter(code: Int) {
        #expect(pause(.status(code, retryAfter: .seconds(3))) == .seconds(3))
        #expect(pause(.status(code, retryAfter: .seconds(3)), jitter: 1) == .milliseconds(3200))
        #expect(pause(.status(code, retryAfter: .seconds(3)), attempt: policy.attempts) == nil)
    }

    @Test("without Retry-After, 429 says that nothing was done, 503 does not")
    func withoutRetryAfter() {
        #expect(pause(.status(429, retryAfter: nil)) != nil)
        #expect(pause(.status(503, retryAfter: nil)) == nil)
        #expect(pause(.status(503, retryAfter: nil), isRead: true) != nil)
    }

    @Test("a write is not sent again after a broken connection, a read twice")
    func transport() {
        #expect(pause(.transport) == nil)
        #expect(pause(.transport, isRead: true) != nil)
        #expect(pause(.transport, attempt: 2, isRead: true) != nil)
        #expect(pause(.transport, attempt: 3, isRead: true) == nil)
    }

    @Test("other failures last", arguments: [400, 401, 403, 404, 409, 410, 422, 500, 502, 504])
    func lasting(code: Int) {
        #expect(pause(.status(code, retryAfter: nil), isRead: true) == nil)
    }

    @Test("pauses double up to the longest, and chance takes at most half of them")
    func backoff() {
        let backoff = Backoff(first: .milliseconds(5), longest: .seconds(300))
        #expect((1...4).map { backoff.pause(after: $0, jitter: 1) } == [5, 10, 20, 40].map { .milliseconds($0) })
        #expect(backoff.pause(after: 1, jitter: 0) == .microseconds(2500))
        for failures in [17, 18, 100, Int.max] { #expect(backoff.pause(after: failures, jitter: 1) == .seconds(300)) }
        for jitter in [-1, 0, 0.5, 2] {
            #expect((Duration.seconds(150) ... .seconds(300)).contains(backoff.pause(after: 100, jitter: jitter)))
        }
    }
}

import HTTPCalls
import Testing

@testable import AzureMySQL

@Suite("tokens")
struct TokenStateTests {
    private let start = ContinuousClock.now
    private let wrongSecret = AzureError(.signIn(code: "invalid_client", message: "wrong"), call: "POST /token")

    private func state(life: Duration) -> TokenState {
        var state = TokenState()
        state.take(AccessToken(value: Secret("one"), life: life), asked: start)
        return state
    }

    private func step(_ state: TokenState, after time: Duration) -> String {
        switch state.step(at: start + time) {
        case .use(let token): "use \(token.value)"
        case .useAndRenew(let token): "use \(token.value) and renew"
        case .renew: "renew"
        case .refuse(let error): "refuse for \(error.retryAfter ?? .zero)"
        }
    }

    @Test("a token is renewed five minutes before its end, and not used at its end")
    func longLife() {
        let state = state(life: .seconds(3600))
        #expect(step(state, after: .seconds(3299)) == "use one")
        #expect(step(state, after: .seconds(3300)) == "use one and renew")
        #expect(step(state, after: .seconds(3589)) == "use one and renew")
        #expect(step(state, after: .seconds(3590)) == "renew")
    }

    @Test("a token with a short life is renewed for its last fifth")
    func shortLife() {
        let state = state(life: .seconds(50))
        #expect(step(state, after: .seconds(39)) == "use one")
        #expect(step(state, after: .seconds(40)) == "use one and renew")
        #expect(step(state, after: .seconds(45)) == "renew")
    }

    @Test("a failure is remembered for ten seconds, or for as long as the authority says")
    func failures() {
        var state = TokenState()
        #expect(step(state, after: .zero) == "renew")
        state.fail(wrongSecret, at: start)
        #expect(step(state, after: .seconds(4)) == "refuse for \(Duration.seconds(6))")
        #expect(step(state, after: .seconds(10)) == "renew")
        state.fail(AzureError(.throttled, call: "", retryAfter: .seconds(60)), at: start)
        #expect(step(state, after: .seconds(10)) == "refuse for \(Duration.seconds(50))")
    }

    @Test("what a later attempt may mend is not remembered", arguments: [AzureError.Cause.transport("gone"), .timeout, .cancelled])
    func passingFailures(cause: AzureError.Cause) {
        var state = TokenState()
        state.fail(AzureError(cause, call: ""), at: start)
        #expect(step(state, after: .zero) == "renew")
    }

    @Test("a renewal that fails does not cost the token that there is")
    func failedRenewal() {
        var state = state(life: .seconds(3600))
        state.fail(wrongSecret, at: start + .seconds(3400))
        #expect(step(state, after: .seconds(3401)) == "use one")
        #expect(step(state, after: .seconds(3410)) == "use one and renew")
    }

    @Test("a renewal for which nobody was reached is put off")
    func unansweredRenewal() {
        var state = state(life: .seconds(3600))
        state.fail(AzureError(.timeout, call: ""), at: start + .seconds(3400))
        #expect(step(state, after: .seconds(3409)) == "use one")
        #expect(step(state, after: .seconds(3410)) == "use one and renew")
    }

    @Test("a refused token is replaced, but not again and again")
    func refusals() {
        var state = state(life: .seconds(3600))
        let isOldWorthIt = state.refuse(Secret("older"), at: start)
        #expect(isOldWorthIt)
        #expect(step(state, after: .zero) == "use one")
        let isFirstWorthIt = state.refuse(Secret("one"), at: start)
        #expect(isFirstWorthIt)
        #expect(step(state, after: .zero) == "renew")
        state.take(AccessToken(value: Secret("two"), life: .seconds(3600)), asked: start)
        let isSecondWorthIt = state.refuse(Secret("two"), at: start + .seconds(1))
        #expect(!isSecondWorthIt)
        #expect(step(state, after: .seconds(1)) == "use two")
        state.accept()
        let isAcceptedWorthIt = state.refuse(Secret("two"), at: start + .seconds(2))
        #expect(isAcceptedWorthIt)
    }
}

@Suite("signing in at another device")
struct DeviceSignInTests {
    private let start = ContinuousClock.now
    private let code = DeviceCode(
        deviceCode: Secret("d"), userCode: "ABC", url: "https://login.test", interval: .seconds(5), life: .seconds(900))

    private func step(_ device: DeviceSignIn, after time: Duration) -> String {
        switch device.step(at: start + time) {
        case .refresh(let token): "refresh \(token.value)"
        case .begin: "begin"
        case .poll: "poll"
        case .wait(_, let pause): "wait \(pause)"
        }
    }

    @Test("the authority is asked once in an interval, until the code runs out")
    func interval() {
        var device = DeviceSignIn()
        #expect(step(device, after: .zero) == "begin")
        device.begin(code, at: start)
        #expect(step(device, after: .seconds(2)) == "wait \(Duration.seconds(3))")
        #expect(step(device, after: .seconds(5)) == "poll")
        device.poll(.pending, at: start + .seconds(7))
        #expect(step(device, after: .seconds(11)) == "wait \(Duration.seconds(1))")
        #expect(step(device, after: .seconds(12)) == "poll")
        #expect(step(device, after: .seconds(900)) == "begin")
    }

    @Test("an authority that asks for it, or does not answer, is asked less often")
    func slowDown() {
        var device = DeviceSignIn()
        device.begin(code, at: start)
        device.poll(.slowDown, at: start)
        #expect(step(device, after: .zero) == "wait \(Duration.seconds(10))")
        device.poll(.pending, at: start)
        #expect(step(device, after: .zero) == "wait \(Duration.seconds(10))")
        device.poll(.unanswered, at: start)
        #expect(step(device, after: .zero) == "wait \(Duration.seconds(20))")
        for _ in 0..<20 { device.poll(.slowDown, at: start) }
        #expect(step(device, after: .zero) == "wait \(Duration.seconds(60))")
    }

    @Test("a code that is over is followed by another, and a sign-in by its refresh token")
    func ends() {
        var device = DeviceSignIn()
        device.begin(code, at: start)
        device.poll(.over, at: start)
        #expect(step(device, after: .zero) == "begin")
        device.begin(code, at: start)
        device.finish(Secret("r1"))
        #expect(step(device, after: .zero) == "refresh r1")
        device.finish(nil)
        #expect(step(device, after: .zero) == "refresh r1")
        device.finish(Secret("r2"))
        #expect(step(device, after: .zero) == "refresh r2")
        device.forget()
        #expect(step(device, after: .zero) == "begin")
    }
}

@Suite("throttling")
struct ThrottleGateTests {
    private let start = ContinuousClock.now

    private func scope(_ subscription: String, secret: String = "s", userAgent: String? = nil) -> ThrottleGate.Scope {
        let endpoints = AzureEndpoints(resourceManager: "https://m", authority: "https://a", audience: "https://m")
        let signIn = SignIn.clientSecret(Secret(secret))
        return .init(
            AzureAccount(endpoints: endpoints, tenant: "t", client: "c", signIn: signIn, userAgent: userAgent), subscription: subscription)
    }

    @Test("it holds for one account in one subscription, until its time is over")
    func scopes() {
        var gate = ThrottleGate()
        gate.close(scope("one"), for: .seconds(30), at: start)
        #expect(gate.remaining(scope("ONE", userAgent: "other"), at: start + .seconds(10)) == .seconds(20))
        #expect(gate.remaining(scope("two"), at: start) == nil)
        #expect(gate.remaining(scope("one", secret: "other"), at: start) == nil)
        #expect(gate.remaining(scope("one"), at: start + .seconds(30)) == nil)
    }

    @Test("an earlier end does not shorten it")
    func latestEnd() {
        var gate = ThrottleGate()
        gate.close(scope("one"), for: .seconds(30), at: start)
        gate.close(scope("one"), for: .seconds(5), at: start)
        #expect(gate.remaining(scope("one"), at: start) == .seconds(30))
    }
}

import FoundationEssentials
import JSON
import NIOHTTP1
import TestSupport

/// All that the emulator knows. It knows no clock: whoever calls it says when it is.
struct EmulatorState: Sendable {
    /// What is done about a call.
    enum Reaction: Sendable {
        case answer(Answer)
        case drop
        /// It is looked at again after that long.
        case wait(Duration)
    }

    var azure: EmulatedSubscription
    var signIn: SignInService
    var faults: FaultBook
    private var manners: Manners
    private(set) var requests: [EmulatorRequest] = []
    private(set) var complaints: [String] = []
    var throttledUntil: ContinuousClock.Instant?

    init(_ options: EmulatorOptions, now: ContinuousClock.Instant, date: Date) {
        azure = EmulatedSubscription(options, now: now, date: date)
        signIn = SignInService(options)
        faults = FaultBook(seed: options.seed)
        manners = Manners(slack: options.slack)
    }

    /// Tells the emulator where it is.
    mutating func settle(at url: String) {
        azure.url = url
        signIn.audience = azure.options.audience ?? url
    }

    /// Forgets what the client was told, since it has started anew.
    mutating func forgetPace() {
        manners.forgetPace()
        azure.forgetPace()
        signIn.forgetPace()
    }

    /// - Parameter arrival: When a call came that was made to wait; nil for one that comes now.
    mutating func react(to call: Call, arrivedAt arrival: ContinuousClock.Instant?, at now: ContinuousClock.Instant) -> Reaction {
        var fault: (id: Int, effect: Fault.Effect)?
        if arrival == nil {
            complaints += manners.check(call, at: now)
            fault = faults.find(call)
        }
        var reaction: Reaction
        switch fault?.effect {
        case .delay(let pause): reaction = .wait(pause)
        case .dropBeforeHandling: reaction = .drop
        case .answer(let status, let code, let message, let retryAfter):
            reaction = .answer(refuse(call, status, code, message, retryAfter: retryAfter, at: now))
        case .dropAfterHandling:
            let answer = handle(call, nil, at: now)
            reaction = answer.status < 400 ? .drop : .answer(answer)
        case .failOperation(let code, let message, let leaves):
            let leftover: ResourceOperation.Leftover = leaves == .disabledServer ? .disabledServer : .nothing
            reaction = .answer(handle(call, .failure(.init(code: code, message: message, leftover: leftover)), at: now))
        case .stallOperation: reaction = .answer(handle(call, .stall, at: now))
        case nil: reaction = .answer(handle(call, nil, at: now))
        }
        if let fault, fault.effect.hasHit(reaction) { faults.use(fault.id) }
        if case .wait = reaction { return reaction }
        var status: Int?
        if case .answer(var answer) = reaction {
            let id = azure.random.uuid()
            answer.headers.add(name: "x-ms-request-id", value: id)
            answer.headers.add(name: "x-ms-correlation-request-id", value: id)
            if let pause = answer.headers.first(name: "Retry-After").flatMap({ Int($0) }), [429, 503].contains(answer.status) {
                manners.tellToWait(call, for: .seconds(pause), at: now)
            }
            status = answer.status
            reaction = .answer(answer)
        }
        complaints += azure.complaints + signIn.complaints
        azure.complaints = []
        signIn.complaints = []
        requests.append(EmulatorRequest(at: arrival ?? now, method: call.method, path: call.path, status: status))
        return reaction
    }

    private mutating func handle(
        _ call: Call, _ disturbance: ResourceOperation.Disturbance?, at now: ContinuousClock.Instant
    ) -> Answer {
        if let answer = signIn.answer(call, at: now, time: azure.text(of: now)) { return answer }
        do throws(Refusal) {
            try signIn.check(authorization: call.headers.first(name: "Authorization"), at: now)
        } catch {
            if let complaint = error.complaint { complaints.append("\(call.method) \(call.path): \(complaint)") }
            var answer = error.answer
            answer.headers.add(name: "WWW-Authenticate", value: "Bearer error=\"invalid_token\"")
            return answer
        }
        if let until = throttledUntil, until > now {
            let (seconds, rest) = (until - now).components
            let pause = Int(seconds) + (rest > 0 ? 1 : 0)
            return refuse(call, 429, "TooManyRequests", "Too many requests. Try again later.", retryAfter: pause, at: now)
        }
        return azure.answer(call, disturbance, at: now)
    }

    /// A failure in the words of the service that the call is for.
    private func refuse(
        _ call: Call, _ status: Int, _ code: String, _ message: String, retryAfter: Int?, at now: ContinuousClock.Instant
    ) -> Answer {
        let id = "00000000-0000-0000-0000-000000000000"
        var answer =
            call.isSignIn
            ? SignInRefusal(status, code, 90033, message).answer(id: id, time: azure.text(of: now)) : Refusal(status, code, message).answer
        if let retryAfter { answer.headers.add(name: "Retry-After", value: "\(retryAfter)") }
        return answer
    }
}

extension Fault.Effect {
    /// Whether something went wrong with a call of which this came.
    fileprivate func hasHit(_ reaction: EmulatorState.Reaction) -> Bool {
        switch (self, reaction) {
        case (.dropAfterHandling, .answer): false
        case (.failOperation, .answer(let answer)), (.stallOperation, .answer(let answer)):
            answer.headers.contains(name: "Azure-AsyncOperation")
        default: true
        }
    }
}

/// A request that was answered, or whose connection was dropped.
public struct EmulatorRequest: Sendable {
    /// When it came.
    public let at: ContinuousClock.Instant
    public let method: String
    /// Without the query.
    public let path: String
    /// Nil when the connection was dropped.
    public let status: Int?
}

import NIOHTTP1
import Testing

@testable import HTTPServer

@Suite("HTTP/1.1 connection state")
struct HTTP1ConnectionStateTests {
    private enum Event {
        case head(HTTPMethod, String, length: Int?, fields: HTTPHeaders, version: HTTPVersion)
        case body(Int)
        case end
        case answer(inputEnded: Bool)
        case sent(hasInput: Bool)
        case needsInput(partial: Bool, ended: Bool)
        case broken
        case timeout
        case drain(hasInput: Bool)
        case evict(hasInput: Bool)

        static func post(_ length: Int?, _ fields: HTTPHeaders = [:], path: String = "/a", version: HTTPVersion = .http1_1) -> Event {
            .head(.POST, path, length: length, fields: fields, version: version)
        }
    }

    /// What an action is, without its details.
    private enum Outcome: Equatable {
        case none, collect, sendContinue, respond, shutDownOutput, close
        case refuse(UInt, HTTP1Answer.Connection)
        case abandon(HTTPRefusal.Reason)
        case answer(HTTP1Answer.Connection)
    }

    private func run(_ events: [Event]) -> (outcomes: [Outcome], state: HTTP1ConnectionState) {
        var limits = HTTPServerLimits()
        limits.discardedBodySize = 50
        let route = HTTPRoute(path: "/a", method: .POST, maximumBodySize: 10)
        var state = HTTP1ConnectionState(routes: RouteTable([route]), limits: limits)
        return (events.map { outcome(of: $0, &state) }, state)
    }

    private func outcome(of event: Event, _ state: inout HTTP1ConnectionState) -> Outcome {
        let action: HTTP1ConnectionState.Action
        switch event {
        case .head(let method, let path, let length, let fields, let version):
            let head = HTTPRequestHead(version: version, method: method, uri: path, headers: fields)
            action = state.receivedHead(head, framing: length.map { .sized($0) } ?? .chunked, bodyHasBegun: false)
        case .body(let count): action = state.receivedBody(byteCount: count)
        case .end: action = state.receivedEnd()
        case .answer(let inputEnded): return state.answer(inputEnded: inputEnded).map { .answer($0.connection) } ?? .none
        case .sent(let hasInput): action = state.answerFlushed(hasInput: hasInput)
        case .needsInput(let partial, let ended): action = state.needsInput(hasPartialHeader: partial, inputEnded: ended)
        case .broken: action = state.received(.malformed("broken"))
        case .timeout: action = state.timedOut()
        case .drain(let hasInput): action = state.beginDraining(hasInput: hasInput)
        case .evict(let hasInput): action = state.evict(hasInput: hasInput)
        }
        switch action {
        case .none: return .none
        case .collect: return .collect
        case .sendContinue: return .sendContinue
        case .respond: return .respond
        case .refuse(let refusal, let answer): return .refuse(refusal.status.code, answer.connection)
        case .shutDownOutput: return .shutDownOutput
        case .close: return .close
        case .abandon(let reason): return .abandon(reason)
        }
    }

    private func expect(_ steps: [(Event, Outcome)], sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(run(steps.map(\.0)).outcomes == steps.map(\.1), sourceLocation: sourceLocation)
    }

    private let answered: [(Event, Outcome)] = [
        (.post(2), .none), (.body(2), .collect), (.end, .respond), (.answer(inputEnded: false), .answer(.persistent)),
        (.sent(hasInput: false), .none)
    ]

    // MARK: Requests

    @Test("requests follow each other on one connection")
    func keepAlive() {
        expect(answered + answered)
    }

    @Test("the last answer is sent, then the output ends, then the connection")
    func closing() {
        let opening: (Event, Outcome) = (.post(0, ["Connection": "close"]), .none)
        let answer: [(Event, Outcome)] = [(.end, .respond), (.answer(inputEnded: false), .answer(.close))]
        let sent: (Event, Outcome) = (.sent(hasInput: true), .shutDownOutput)
        expect([opening] + answer + [sent, (.timeout, .close), (.timeout, .none)])
        expect([opening] + answer + [sent, (.needsInput(partial: false, ended: true), .close)])
        expect([opening] + answer + [(.needsInput(partial: false, ended: true), .none), (.sent(hasInput: false), .close)])
        expect([opening] + answer + [(.timeout, .abandon(.answerTimeout))])
    }

    @Test("HTTP/1.0 keeps the connection only when asked, and says so")
    func http10() {
        expect([
            (.post(0, ["Connection": "keep-alive"], version: .http1_0), .none), (.end, .respond),
            (.answer(inputEnded: false), .answer(.keepAlive)), (.post(0, version: .http1_0), .none), (.end, .respond),
            (.answer(inputEnded: false), .answer(.close))
        ])
    }

    @Test("an answer is not sent twice, nor after the connection is gone")
    func answerOnce() {
        expect(answered + [(.answer(inputEnded: false), .none)])
        var state = run([.post(0), .end]).state
        state.closed()
        #expect(state.answer(inputEnded: false) == nil)
        #expect(state.timer == nil)
    }

    @Test("a body over the limit is refused as soon as it passes it")
    func countedBody() {
        expect([(.post(nil), .none), (.body(10), .collect), (.body(1), .refuse(413, .close)), (.body(1), .none), (.end, .none)])
        expect([(.post(10), .none), (.body(10), .collect), (.end, .respond)])
    }

    @Test("100 is sent only for a head that is accepted")
    func expectation() {
        expect([(.post(5, ["Expect": "100-continue"]), .sendContinue)])
        expect([(.post(nil, ["Expect": "100-continue"]), .sendContinue)])
        expect([(.post(0, ["Expect": "100-continue"]), .none)])
        expect([(.post(11, ["Expect": "100-continue"]), .refuse(413, .close))])
        expect([(.post(5, ["Expect": "something"]), .refuse(417, .close))])
        expect([(.post(5, ["Expect": "100-continue"], version: .http1_0), .none)])
    }

    @Test("after a refusal a small sized rest is read and the connection kept")
    func discarding() {
        expect([(.post(50, path: "/b"), .refuse(404, .persistent)), (.body(50), .none), (.end, .none)] + answered)
        expect([(.post(50, path: "/b"), .refuse(404, .persistent)), (.broken, .shutDownOutput)])
        expect([(.post(50, path: "/b"), .refuse(404, .persistent)), (.timeout, .abandon(.bodyTimeout))])
        expect([(.post(50, path: "/b"), .refuse(404, .persistent)), (.needsInput(partial: false, ended: true), .close)])
        expect([(.post(51, path: "/b"), .refuse(404, .close))])
        expect([(.post(nil, path: "/b"), .refuse(404, .close))])
        expect([(.post(5, ["Connection": "close"], path: "/b"), .refuse(404, .close))])
    }

    @Test("what cannot be parsed is refused once")
    func broken() {
        expect([(.broken, .refuse(400, .close)), (.broken, .none), (.sent(hasInput: true), .shutDownOutput), (.broken, .none)])
        expect([(.post(5), .none), (.broken, .refuse(400, .close))])
    }

    @Test("a client that ends its side gets what it asked for, and 400 for a part of a request")
    func endOfInput() {
        let end = Event.needsInput(partial: false, ended: true)
        expect([(end, .close)])
        expect([(.needsInput(partial: true, ended: true), .refuse(400, .close))])
        expect([(.post(5), .none), (end, .refuse(400, .close))])
        expect([(.post(0), .none), (.end, .respond), (.answer(inputEnded: true), .answer(.close)), (.sent(hasInput: false), .close)])
        expect([
            (.post(0), .none), (.end, .respond), (.answer(inputEnded: false), .answer(.persistent)), (end, .none),
            (.sent(hasInput: false), .close)
        ])
    }

    // MARK: Draining

    @Test("draining closes an idle connection, and any other after its answer")
    func draining() {
        expect([(.drain(hasInput: false), .close)])
        expect(answered + [(.drain(hasInput: false), .close)])
        let begun: [[(Event, Outcome)]] = [
            [(.drain(hasInput: true), .none), (.post(0), .none)],
            [(.needsInput(partial: true, ended: false), .none), (.drain(hasInput: false), .none), (.post(0), .none)],
            [(.post(0), .none), (.drain(hasInput: false), .none)]
        ]
        for start in begun {
            expect(start + [(.end, .respond), (.answer(inputEnded: false), .answer(.close)), (.sent(hasInput: false), .shutDownOutput)])
        }
        expect([
            (.post(0), .none), (.end, .respond), (.answer(inputEnded: false), .answer(.persistent)), (.drain(hasInput: false), .none),
            (.sent(hasInput: false), .close)
        ])
        expect([
            (.post(5, path: "/b"), .refuse(404, .persistent)), (.sent(hasInput: false), .none), (.drain(hasInput: false), .none),
            (.end, .shutDownOutput)
        ])
        expect([(.drain(hasInput: true), .none), (.post(5, path: "/b"), .refuse(404, .close))])
    }

    // MARK: Time

    @Test("each phase has its timer")
    func timers() {
        func kind(_ events: [Event]) -> HTTP1ConnectionState.Timer.Kind? { run(events).state.timer?.kind }
        let served = answered.map(\.0)
        #expect(kind([]) == .firstHeader)
        #expect(kind([.needsInput(partial: true, ended: false)]) == .firstHeader)
        #expect(kind(served) == .idle)
        #expect(kind(served + [.needsInput(partial: true, ended: false)]) == .header)
        #expect(kind([.post(5)]) == .body)
        #expect(kind([.post(5, path: "/b")]) == .body)
        #expect(kind([.post(0), .end]) == nil)
        #expect(kind(Array(served.dropLast())) == .answer)
        #expect(kind([.broken]) == .answer)
        #expect(kind([.broken, .sent(hasInput: false)]) == .linger)
    }

    @Test("bytes do not extend a deadline, a new request does")
    func epochs() {
        func timer(_ events: [Event]) -> HTTP1ConnectionState.Timer? { run(events).state.timer }
        let served = answered.map(\.0)
        #expect(timer([]) == timer([.needsInput(partial: true, ended: false)]))
        #expect(timer([.post(9)]) == timer([.post(9), .body(1), .body(1)]))
        #expect(timer(served) != timer(served + served))
        #expect(timer(served) != timer(served + [.needsInput(partial: true, ended: false)]))
    }

    @Test("a timeout answers 408 to who sent part of a request and nothing to who did not")
    func timeouts() {
        expect([(.timeout, .abandon(.headerTimeout))])
        expect([(.needsInput(partial: true, ended: false), .none), (.timeout, .refuse(408, .close))])
        expect([(.post(5), .none), (.body(1), .collect), (.timeout, .refuse(408, .close))])
        expect(answered + [(.timeout, .close)])
        expect(answered.dropLast() + [(.timeout, .abandon(.answerTimeout))])
        expect([(.post(0), .none), (.end, .respond), (.timeout, .none)])
    }

    @Test("a wait lasts as the limits say, and a body's longer the more of it has arrived")
    func patience() {
        func patience(_ events: [Event]) -> Duration { run(events).state.patience }
        let limits = HTTPServerLimits()
        let served = answered.map(\.0)
        #expect(patience([]) == limits.headerTimeout)
        #expect(patience(served) == limits.idleTimeout)
        #expect(patience(served + [.needsInput(partial: true, ended: false)]) == limits.headerTimeout)
        #expect(patience([.post(10)]) == BodyPace.grace)
        #expect(patience([.post(10), .body(8)]) == BodyPace(limits).patience(received: 8))
        #expect(patience([.post(5, path: "/b")]) == limits.bodyTimeout)
        #expect(patience([.broken, .sent(hasInput: false)]) == limits.lingerTimeout)
    }

    // MARK: Eviction

    @Test("a connection makes room whatever it waits for, but not while a request is worked on or at hand")
    func eviction() {
        let evict = Event.evict(hasInput: false)
        expect([(evict, .close), (evict, .none)])
        expect([(.needsInput(partial: true, ended: false), .none), (.evict(hasInput: true), .close)])
        expect(answered + [(evict, .close)])
        expect(answered + [(.evict(hasInput: true), .none)])
        expect(answered + [(.needsInput(partial: true, ended: false), .none), (evict, .close)])
        expect(answered.dropLast() + [(evict, .close)])
        expect([(.post(2), .none), (evict, .close), (evict, .none)])
        expect([(.post(2), .none), (.body(2), .collect), (.end, .respond), (evict, .none)])
        expect([(.post(5, path: "/b"), .refuse(404, .persistent)), (.sent(hasInput: false), .none), (evict, .close)])
        expect([(.broken, .refuse(400, .close)), (.sent(hasInput: false), .shutDownOutput), (evict, .close)])
    }
}

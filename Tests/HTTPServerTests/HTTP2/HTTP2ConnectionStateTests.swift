import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@testable import HTTPServer

@Suite("Decisions on an HTTP/2 connection")
struct HTTP2ConnectionStateTests {
    private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    /// A connection that has sent its preface.
    private static func makeState(_ configure: (inout HTTPServerLimits) -> Void = { _ in }) -> Subject {
        var limits = HTTPServerLimits()
        limits.unsharedBodySize = 0
        configure(&limits)
        let state = Subject(limits, at: start)
        state.received(awaitsRest: false, hasEnded: true, at: start)
        return state
    }

    private static func block(_ method: String = "POST", _ path: String = "/echo", _ fields: [(String, String)] = []) -> HTTP2HeaderBlock {
        var block = HTTP2HeaderBlock(isTrailers: false, limits: HTTPServerLimits())
        for (name, value) in [(":method", method), (":path", path), (":authority", "test"), ("content-type", "application/json")] + fields {
            Array(name.utf8).withUnsafeBufferPointer { name in
                Array(value.utf8).withUnsafeBufferPointer { block.append(name: name, value: $0) }
            }
        }
        return block
    }

    private static let body = ByteBuffer(string: "0123456789")

    @Test("a request is answered when its stream ends, and its bytes are held until the answer is taken")
    func request() throws {
        let state = Self.makeState()
        #expect(state.head(1, Self.block(), ends: false, at: Self.start).isNone)
        #expect(!state.isIdle)
        for _ in 1...2 { #expect(state.data(1, Self.body).isNone) }
        #expect(state.memory.inUse == 20)
        guard case .respond(1, let request, omitsBody: false) = state.requestEnded(1) else {
            Issue.record("no answer")
            return
        }
        #expect(String(buffer: request.body) == "01234567890123456789")
        #expect(request.headers["host"] == ["test"])
        #expect(state.answered(1, size: 7, at: Self.start))
        #expect(state.memory.inUse == 7)
        #expect(state.answerSent(1).isNone)
        state.streamClosed(1, at: Self.start)
        #expect(state.memory.inUse == 0)
        #expect(state.isIdle)
    }

    @Test("a refused request is answered before it has ended, and its stream reset once the answer is sent")
    func refusal() {
        let state = Self.makeState()
        guard
            case .refuse(1, let refusal, omitsBody: false) = state.head(
                1, Self.block("POST", "/nowhere"), ends: false, at: Self.start)
        else {
            Issue.record("not refused")
            return
        }
        #expect(refusal.reason == .unknownPath)
        state.refused(1, size: 5, at: Self.start)
        #expect(state.data(1, Self.body).isNone, "what still comes is dropped")
        guard case .reset(1, .noError, nil) = state.answerSent(1) else {
            Issue.record("not reset")
            return
        }
    }

    @Test("a stream that is reset while a worker answers keeps its bytes and its place until the worker is done")
    func abandoned() {
        let state = Self.makeState { $0.concurrentStreams = 1 }
        _ = state.head(1, Self.block(), ends: false, at: Self.start)
        _ = state.data(1, Self.body)
        _ = state.requestEnded(1)
        state.streamClosed(1, at: Self.start)
        #expect(state.memory.inUse == 10)
        #expect(!state.isIdle)

        guard case .reset(3, .refusedStream, nil) = state.head(3, Self.block("GET", "/info"), ends: true, at: Self.start)
        else {
            Issue.record("another request is begun")
            return
        }
        state.streamClosed(3, at: Self.start)
        #expect(!state.answered(1, size: 100, at: Self.start), "nobody waits for it")
        #expect(state.memory.inUse == 0)
        #expect(state.isIdle)
        guard case .respond(5, _, _) = state.head(5, Self.block("GET", "/info"), ends: true, at: Self.start) else {
            Issue.record("the place is not free again")
            return
        }
    }

    @Test("a body for which there is no memory is refused, and what it held is given back")
    func memory() {
        let state = Self.makeState { $0.bodyMemory = 15 }
        _ = state.head(1, Self.block(), ends: false, at: Self.start)
        #expect(state.data(1, Self.body).isNone)
        guard case .refuse(1, .bodyMemory, _) = state.data(1, Self.body) else {
            Issue.record("not refused")
            return
        }
        state.refused(1, size: 3, at: Self.start)
        #expect(state.memory.inUse == 3)
        state.closed()
        #expect(state.memory.inUse == 0)
    }

    @Test("a host that is not the authority is malformed")
    func host() {
        let state = Self.makeState()
        guard
            case .refuse(1, let refusal, _) = state.head(
                1, Self.block("GET", "/info", [("host", "other")]), ends: true, at: Self.start)
        else {
            Issue.record("not refused")
            return
        }
        #expect(refusal.status == .badRequest)
    }

    // MARK: Time

    @Test("an idle connection ends after the idle timeout, counted from the last stream")
    func idle() {
        let state = Self.makeState()
        _ = state.head(1, Self.block("GET", "/info"), ends: true, at: Self.start)
        _ = state.answered(1, size: 1, at: Self.start)
        state.streamClosed(1, at: Self.start + .seconds(50))
        #expect(state.expire(at: Self.start + .seconds(139)).isEmpty)
        #expect(state.nextDeadline == Self.start + .seconds(140))
        guard case .terminate(.noError, nil) = state.expire(at: Self.start + .seconds(140)).first else {
            Issue.record("not ended")
            return
        }
    }

    @Test("a header block or frame that does not end ends the connection after the header timeout")
    func header() {
        let state = Self.makeState()
        state.received(awaitsRest: true, at: Self.start + .seconds(20))
        state.received(awaitsRest: true, at: Self.start + .seconds(29))
        #expect(state.expire(at: Self.start + .seconds(29)).isEmpty)
        guard case .terminate(.enhanceYourCalm, .headerTimeout) = state.expire(at: Self.start + .seconds(30)).first else {
            Issue.record("not ended")
            return
        }
    }

    @Test("a busy connection of which every read ends amid a frame goes on, as long as frames end")
    func busy() {
        let state = Self.makeState()
        for second in 1...60 { state.received(awaitsRest: true, hasEnded: true, at: Self.start + .seconds(Int64(second))) }
        #expect(state.expire(at: Self.start + .seconds(61)).isEmpty)
        guard case .terminate(.enhanceYourCalm, .headerTimeout) = state.expire(at: Self.start + .seconds(70)).first else {
            Issue.record("not ended")
            return
        }
    }

    @Test("a slow body is refused, a fast one is not")
    func slowBody() {
        let state = Self.makeState()
        for stream in [HTTP2StreamID(1), 3] { _ = state.head(stream, Self.block(), ends: false, at: Self.start) }
        _ = state.data(3, ByteBuffer(repeating: 0x20, count: 10_240))
        #expect(state.nextDeadline <= Self.start + .seconds(5))
        let actions = state.expire(at: Self.start + .seconds(5))
        guard actions.count == 1, case .refuse(1, .bodyTimeout, _) = actions.first else {
            Issue.record("\(actions)")
            return
        }
        state.refused(1, size: 0, at: Self.start + .seconds(5))
        #expect(state.nextDeadline == Self.start + .seconds(15), "ten seconds' worth has come")
    }

    @Test("an answer that is not taken is reset after the idle timeout and the time its size allows")
    func unreadAnswer() {
        let state = Self.makeState()
        _ = state.head(1, Self.block("GET", "/info"), ends: true, at: Self.start)
        _ = state.answered(1, size: 10 * 1024, at: Self.start)
        #expect(state.expire(at: Self.start + .seconds(99)).isEmpty)
        guard case .reset(1, .cancel, .answerTimeout) = state.expire(at: Self.start + .seconds(100)).first else {
            Issue.record("not reset")
            return
        }
    }

    @Test("draining gives notice first and sends the last GOAWAY when the client has seen it, or after a second")
    func draining() {
        for answers in [true, false] {
            let state = Self.makeState()
            guard case .submitShutdownNotice = state.beginDraining(at: Self.start) else {
                Issue.record("no notice")
                return
            }
            #expect(state.beginDraining(at: Self.start).isNone)
            let action = answers ? state.noticeSeen() : state.expire(at: Self.start + .seconds(1)).first
            guard case .submitGoAway = action else {
                Issue.record("no GOAWAY")
                return
            }
            #expect(state.noticeSeen().isNone)
        }
    }
}

/// A connection's state, as a reference that expectations can hold.
private final class Subject {
    private var state: HTTP2ConnectionState
    let memory: BodyMemory

    init(_ limits: HTTPServerLimits, at now: NIODeadline) {
        memory = BodyMemory(limit: limits.bodyMemory)
        state = HTTP2ConnectionState(
            routes: RouteTable(testRoutes), limits: limits, allowance: BodyAllowance(memory, unshared: limits.unsharedBodySize), at: now)
    }

    var isIdle: Bool { state.isIdle }
    var nextDeadline: NIODeadline { state.nextDeadline }

    func head(_ stream: HTTP2StreamID, _ block: HTTP2HeaderBlock, ends: Bool, at now: NIODeadline) -> HTTP2ConnectionState.Action? {
        state.receivedHead(stream, block, endsRequest: ends, at: now)
    }

    func data(_ stream: HTTP2StreamID, _ bytes: ByteBuffer) -> HTTP2ConnectionState.Action? {
        state.receivedData(stream, bytes, allocator: ByteBufferAllocator())
    }

    func requestEnded(_ stream: HTTP2StreamID) -> HTTP2ConnectionState.Action? { state.requestEnded(stream) }
    func answered(_ stream: HTTP2StreamID, size: Int, at now: NIODeadline) -> Bool { state.answered(stream, size: size, at: now) }
    func refused(_ stream: HTTP2StreamID, size: Int, at now: NIODeadline) { state.refused(stream, size: size, at: now) }
    func answerSent(_ stream: HTTP2StreamID) -> HTTP2ConnectionState.Action? { state.answerSent(stream) }
    func streamClosed(_ stream: HTTP2StreamID, at now: NIODeadline) { state.streamClosed(stream, at: now) }
    func received(awaitsRest: Bool, hasEnded: Bool = false, at now: NIODeadline) {
        state.received(awaitsRest: awaitsRest, hasEnded: hasEnded, at: now)
    }
    func expire(at now: NIODeadline) -> [HTTP2ConnectionState.Action] { state.expire(at: now) }
    func beginDraining(at now: NIODeadline) -> HTTP2ConnectionState.Action? { state.beginDraining(at: now) }
    func noticeSeen() -> HTTP2ConnectionState.Action? { state.noticeSeen() }
    func closed() { state.closed() }
}

extension HTTP2ConnectionState.Action? {
    fileprivate var isNone: Bool {
        if case nil = self { true } else { false }
    }
}

import HTTPServer
import NIOConcurrencyHelpers
import TestSupport
import Testing

private let info = HeaderBlock.get("/info")
private let echo = HeaderBlock.post("/echo")

@Suite("HTTP/2: time limits", .timeLimit(.minutes(1)))
struct HTTP2TimeoutTests {
    private static let short = Duration.milliseconds(300)
    /// Where something must be on its way before, on a busy machine too.
    private static let longer = Duration.milliseconds(1500)

    /// Only what is tried has a short limit.
    private func refusals(
        _ limit: (inout HTTPServerLimits) -> Void, _ body: (HTTPServer) async throws -> Void
    ) async throws -> [HTTPRefusal.Reason] {
        let reasons = NIOLockedValueBox<[HTTPRefusal.Reason]>([])
        let configure = { (configuration: inout HTTPServer.Configuration) in
            limit(&configuration.limits)
            configuration.onRefusal = { reason in reasons.withLockedValue { $0.append(reason) } }
        }
        try await withHTTP2Server(configure, body)
        return reasons.withLockedValue { $0 }
    }

    @Test("a preface that does not come, or only in part, ends the connection", arguments: [0, 5, 24, 30])
    func preface(sent: Int) async throws {
        let reasons = try await refusals({ $0.headerTimeout = Self.short }) { server in
            var client = try await FrameClient(connectingTo: server)
            client.acknowledgesSettings = false
            await client.send(bytes: Array((FrameClient.preface + Frame.settings().bytes).prefix(sent)))
            try await client.end()
            #expect(client.goAways.allSatisfy { $0.code == .enhanceYourCalm })
            await client.close()
        }
        #expect(reasons == [.headerTimeout])
    }

    @Test(
        "a field block or a frame that does not end in time ends the connection",
        arguments: [
            Frame.headers(1, info, .endStream).bytes, Frame.headers(1, info).bytes.dropLast(), Frame.ping().bytes.dropLast(3),
            Array(Frame.settings().bytes.prefix(5)), Frame.headers(1, info, []).bytes + Frame.continuation(1, ["a": "b"], []).bytes
        ])
    func header(bytes: [UInt8]) async throws {
        let reasons = try await refusals({ $0.headerTimeout = Self.longer }) { server in
            var client = try await FrameClient(server, bytes: bytes)
            client.acknowledgesSettings = false
            try await client.expect(.connectionError(.enhanceYourCalm))
            await client.close()
        }
        #expect(reasons == [.headerTimeout])
    }

    @Test("a body that does not come in time gets 408, and another request on the connection its answer")
    func body() async throws {
        let reasons = try await refusals({ $0.bodyTimeout = Self.short }) { server in
            var client = try await FrameClient(server)
            await client.send(.headers(1, echo, .endHeaders), .data(1, "{"))
            #expect(try await client.reset(on: 1) == .noError)
            #expect(client.exchanges[1]?.status == 408)
            #expect(client.exchanges[1]?.body == "refused: body_timeout")
            #expect(client.exchanges[1]?.hasEnded == true)
            await client.send(.data(1, "}", .endStream), .headers(3, info))
            try await client.expect(.answer(3, 200))
            await client.close()
        }
        #expect(reasons == [.bodyTimeout])
    }

    @Test("an answer that its client gives no window for is cancelled")
    func zeroWindow() async throws {
        let reasons = try await refusals({ $0.idleTimeout = Self.longer }) { server in
            var client = try await FrameClient(server, settings: [.initialWindowSize(0)], opening: [.headers(1, info)])
            #expect(try await client.reset(on: 1) == .cancel)
            #expect(client.exchanges[1]?.body == "")
            await client.close()
        }
        #expect(reasons.first == .answerTimeout)
    }

    @Test("an answer whose client lets a byte through now and then is cancelled too")
    func trickle() async throws {
        let reasons = try await refusals({ $0.idleTimeout = Self.longer }) { server in
            let request = [Frame.headers(1, echo, .endHeaders), .data(1, String(repeating: "x", count: 900), .endStream)]
            var client = try await FrameClient(server, settings: [.initialWindowSize(0)], opening: request)
            while client.exchanges[1]?.isOver != true {
                // Each one sets a frame free.
                await client.send(.windowUpdate(1, by: 1))
                try await client.readFrame()
                try await Task.sleep(for: .milliseconds(30))
            }
            #expect(client.exchanges[1]?.reset == .cancel)
            await client.close()
        }
        #expect(reasons.first == .answerTimeout)
    }

    @Test("a connection without requests ends with NO_ERROR, whatever else comes", arguments: [true, false])
    func idle(hasServed: Bool) async throws {
        let reasons = try await refusals({ $0.idleTimeout = Self.longer }) { server in
            var client = try await FrameClient(server, opening: hasServed ? [.headers(1, info)] : [])
            if hasServed { #expect(try await client.answer(on: 1).status == 200) }
            try await client.expect(.connectionError(.noError))
            #expect(client.goAways.first?.lastStreamID == (hasServed ? 1 : 0))
            await client.close()
        }
        #expect(reasons == [])
    }

    @Test("a request that is being worked on outlives every limit")
    func slowAnswer() async throws {
        let responder = EchoResponder { _ in block(for: .milliseconds(1700)) }
        let configure = { (configuration: inout HTTPServer.Configuration) in
            configuration.limits.eventLoopBodySize = 0
            configuration.limits.bodyTimeout = Self.longer
            configuration.limits.headerTimeout = Self.longer
            configuration.limits.idleTimeout = Self.longer
        }
        try await withHTTP2Server(configure, responder: responder) { server in
            var client = try await FrameClient(server, opening: [.headers(1, echo, .endHeaders), .data(1, "{}", .endStream)])
            #expect(try await client.answer(on: 1).status == 200)
            await client.close()
        }
    }
}

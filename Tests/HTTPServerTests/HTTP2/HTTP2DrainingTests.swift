import HTTPServer
import TestSupport
import Testing

private let info = HeaderBlock.get("/info")
private let echo = HeaderBlock.post("/echo")

@Suite("HTTP/2: stopping (RFC 9113 section 6.8)", .timeLimit(.minutes(1)))
struct HTTP2DrainingTests {
    private static let notice = FrameClient.GoAway(lastStreamID: 1 << 31 - 1, code: .noError)

    @Test("GOAWAY comes twice: before the second, new requests are served; after it, only those under way", arguments: [true, false])
    func twoSteps(acknowledgesPing: Bool) async throws {
        try await withHTTP2Server { server in
            var client = try await FrameClient(server)
            client.acknowledgesPings = false
            await client.send(.headers(1, echo, .endHeaders), .data(1, "{"))
            try await client.roundTrip()
            server.beginDraining()
            while client.goAways.isEmpty { try await client.readFrame() }
            #expect(client.goAways == [Self.notice])

            // Sent before the client could know.
            await client.send(.headers(3, info))
            #expect(try await client.answer(on: 3).status == 200)
            await client.send(.headers(5, echo, .endHeaders))
            try await client.roundTrip()
            #expect(client.goAways.count == 1)
            while client.unansweredPings.isEmpty { try await client.readFrame() }
            // Without the acknowledgement it comes after a second.
            if acknowledgesPing { await client.send(client.unansweredPings.map { $0.flagged(.ack) }) }
            while client.goAways.count < 2 { try await client.readFrame() }
            #expect(client.goAways == [Self.notice, FrameClient.GoAway(lastStreamID: 5, code: .noError)])

            await client.send(.headers(7, info), .data(1, "}", .endStream))
            #expect(try await client.answer(on: 1).body == "POST /echo - 2 {}")
            await client.send(.data(5, "{}", .endStream))
            try await client.end()
            #expect(client.exchanges[5]?.status == 200)
            #expect(client.exchanges[7] == nil)
            #expect(client.goAways.count == 2)
            await client.close()
        }
    }

    @Test("a connection without a request under way says goodbye and ends", arguments: [true, false])
    func idle(hasServed: Bool) async throws {
        try await withHTTP2Server { server in
            var client = try await FrameClient(server)
            if hasServed {
                await client.send(.headers(1, info))
                _ = try await client.answer(on: 1)
            } else {
                try await client.roundTrip()
            }
            server.beginDraining()
            try await client.end()
            #expect(client.goAways == [Self.notice, FrameClient.GoAway(lastStreamID: hasServed ? 1 : 0, code: .noError)])
            await client.close()
        }
    }

    @Test("a request being worked on is answered before the connection ends")
    func underWay() async throws {
        let entered = Gate()
        let leave = Gate()
        let responder = EchoResponder { _ in
            entered.open()
            leave.wait()
        }
        try await withHTTP2Server({ $0.limits.eventLoopBodySize = 0 }, responder: responder) { server in
            var client = try await FrameClient(server)
            await client.send(.headers(1, echo, .endHeaders), .data(1, "{}", .endStream))
            await entered.opened()
            server.beginDraining()
            while client.goAways.count < 2 { try await client.readFrame() }
            leave.open()
            try await client.end()
            #expect(client.exchanges[1]?.body == "POST /echo - 2 {}")
            await client.close()
        }
    }

    @Test("an answer that waits for a window is sent whole before the connection ends")
    func waitingAnswer() async throws {
        try await withHTTP2Server { server in
            var client = try await FrameClient(server, settings: [.initialWindowSize(1)])
            await client.send(.headers(1, info))
            try await client.roundTrip()
            server.beginDraining()
            while client.goAways.count < 2 { try await client.readFrame() }
            await client.send(.windowUpdate(1, by: 100))
            try await client.end()
            #expect(client.exchanges[1]?.body == "GET /info - 0 ")
            await client.close()
        }
    }
}

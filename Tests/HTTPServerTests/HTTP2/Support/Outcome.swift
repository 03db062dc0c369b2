import HTTPServer
import NIOCore
import NIOTLS
import TestSupport
import Testing

/// What a server does about what it was sent.
enum Outcome: Equatable, Sendable {
    /// GOAWAY with this code, and the connection closes.
    case connectionError(Frame.ErrorCode, or: Frame.ErrorCode? = nil)
    /// RST_STREAM with this code, and the connection goes on.
    case streamError(UInt32, Frame.ErrorCode)
    /// A stream error that the server may take for one of the connection (RFC 9113 section 5.4.1).
    case anyError(UInt32, Frame.ErrorCode)
    /// A complete answer with this status, and the connection goes on.
    case answer(UInt32, Int)
    /// Nothing, and the connection goes on.
    case nothing
}

extension FrameClient {
    /// Reads until the stream's answer is complete.
    mutating func answer(on streamID: UInt32) async throws -> Exchange {
        while true {
            if let exchange = exchanges[streamID] {
                if exchange.hasEnded { return exchange }
                if let code = exchange.reset { throw Violation("stream \(streamID) was reset: \(code)") }
            }
            if let goAway = goAways.last, goAway.code != .noError { throw Violation("\(goAway)") }
            try await readFrame()
        }
    }

    /// Reads until the stream is reset.
    mutating func reset(on streamID: UInt32) async throws -> Frame.ErrorCode {
        while true {
            if let code = exchanges[streamID]?.reset { return code }
            if let goAway = goAways.last, goAway.code != .noError { throw Violation("\(goAway)") }
            try await readFrame()
        }
    }

    /// Sends a PING and reads until it is acknowledged: the server has seen everything from before.
    mutating func roundTrip() async throws {
        let count = pongs.count
        await send(.ping("turn \(100 + count % 900)"))
        while pongs.count == count {
            if let goAway = goAways.last, goAway.code != .noError { throw Violation("\(goAway)") }
            try await readFrame()
        }
    }

    /// Reads to the end of the connection.
    mutating func end() async throws {
        while try await read() {}
    }

    mutating func expect(_ outcome: Outcome, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        switch outcome {
        case .connectionError(let code, let alternative):
            try await end()
            #expect(goAways.count == 1, sourceLocation: sourceLocation)
            let codes = [code, alternative ?? code]
            #expect(goAways.allSatisfy { codes.contains($0.code) }, "\(goAways), not \(codes)", sourceLocation: sourceLocation)
        case .streamError(let streamID, let code):
            #expect(try await reset(on: streamID) == code, sourceLocation: sourceLocation)
            try await roundTrip()
        case .anyError(let streamID, let code):
            while goAways.isEmpty, exchanges[streamID]?.reset == nil { try await readFrame() }
            if let reset = exchanges[streamID]?.reset {
                #expect(reset == code, sourceLocation: sourceLocation)
                try await roundTrip()
            } else {
                try await expect(.connectionError(code), sourceLocation: sourceLocation)
            }
        case .answer(let streamID, let status):
            #expect(try await answer(on: streamID).status == status, sourceLocation: sourceLocation)
            try await roundTrip()
        case .nothing:
            let before = exchanges.compactMapValues(\.reset)
            try await roundTrip()
            #expect(exchanges.compactMapValues(\.reset) == before, sourceLocation: sourceLocation)
            #expect(goAways.isEmpty, sourceLocation: sourceLocation)
        }
    }
}

// MARK: The server

/// Stands for a TLS handler whose handshake is over at once and chose HTTP/2.
final class NegotiatedHTTP2: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        context.fireUserInboundEventTriggered(TLSUserEvent.handshakeCompleted(negotiatedProtocol: "h2"))
    }
}

/// Runs a server that speaks HTTP/2 from the first byte.
func withHTTP2Server<Result>(
    _ configure: (inout HTTPServer.Configuration) -> Void = { _ in }, responder: EchoResponder = EchoResponder(),
    _ body: (HTTPServer) async throws -> Result
) async throws -> Result {
    try await withServer(
        {
            $0.makeTLSHandler = { NegotiatedHTTP2() }
            configure(&$0)
        }, responder: responder, body)
}

/// Runs a server, and a client that has connected to it and sent its preface.
func withHTTP2Client(
    _ settings: Frame.Setting..., configure: (inout HTTPServer.Configuration) -> Void = { _ in },
    responder: EchoResponder = EchoResponder(), _ body: (inout FrameClient) async throws -> Void
) async throws {
    try await withHTTP2Server(configure, responder: responder) { server in
        var client = try await FrameClient(server, settings: settings)
        try await body(&client)
        await client.close()
    }
}

// MARK: Cases

/// Frames to send, one after another, and what must come of them.
struct Case: Sendable, CustomTestStringConvertible {
    enum Step: Sendable {
        case send(Frame)
        /// Wait for the end of the answer on a stream.
        case answered(UInt32)
        /// Wait for a stream to be reset.
        case reset(UInt32)
    }

    var testDescription: String
    var settings: [Frame.Setting]
    var steps: [Step]
    var outcome: Outcome

    init(_ name: String, settings: [Frame.Setting] = [], _ steps: [Step], _ outcome: Outcome) {
        self.testDescription = name
        self.settings = settings
        self.steps = steps
        self.outcome = outcome
    }

    init(_ name: String, settings: [Frame.Setting] = [], _ frames: Frame..., to outcome: Outcome) {
        self.init(name, settings: settings, frames.map { .send($0) }, outcome)
    }

    func run(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await withHTTP2Server { server in
            var client = try await FrameClient(server, settings: settings)
            for step in steps {
                switch step {
                case .send(let frame): await client.send(frame)
                case .answered(let streamID): _ = try await client.answer(on: streamID)
                case .reset(let streamID): _ = try await client.reset(on: streamID)
                }
            }
            try await client.expect(outcome, sourceLocation: sourceLocation)
            await client.close()
        }
    }
}

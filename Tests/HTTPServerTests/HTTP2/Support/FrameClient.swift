import TestSupport
import HTTPServer
import NIOCore
import NIOPosix

/// A client that sends the frames it is told to, reads a server's one by one, and holds them against RFC 9113.
///
/// It acknowledges SETTINGS and PING as every client does, and does nothing else by itself.
struct FrameClient {
    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    /// The connection ended where more was expected.
    struct Ended: Error {}
    /// The server did not do what was expected of it.
    struct TookTooLong: Error {}

    struct GoAway: Equatable {
        var lastStreamID: UInt32
        var code: Frame.ErrorCode
    }

    /// The server's, by identifier.
    private(set) var settings: [UInt16: UInt32] = [:]
    private(set) var settingsAcknowledgements = 0
    private(set) var exchanges: [UInt32: Exchange] = [:]
    /// The payloads of PING acknowledgements.
    private(set) var pongs: [String] = []
    private(set) var goAways: [GoAway] = []
    /// What the server lets the client send, by stream; the connection's is that of stream 0.
    private(set) var windows: [UInt32: Int] = [0: 65_535]
    var acknowledgesSettings = true
    var acknowledgesPings = true
    private(set) var unansweredPings: [Frame] = []

    private let channel: any Channel
    private let continuation: AsyncThrowingStream<ByteBuffer, any Error>.Continuation
    private var input: AsyncThrowingStream<ByteBuffer, any Error>.Iterator
    private var decoder = FrameDecoder()
    private let headerDecoder: HeaderDecoder
    private var givenWindows = GivenWindows()
    private var block: [UInt8] = []
    private var blockEndsStream = false
    private var highestStreamID: UInt32 = 0

    /// Connects and sends these bytes alone.
    init(connectingTo server: HTTPServer, sending bytes: [UInt8] = [], readsAutomatically: Bool = true) async throws {
        let (stream, continuation) = AsyncThrowingStream<ByteBuffer, any Error>.makeStream()
        channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.autoRead, value: readsAutomatically)
            // Little that the system takes for a client that does not read.
            .channelOption(.socketOption(.so_rcvbuf), value: readsAutomatically ? 1 << 20 : 1 << 16)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Receiver(continuation)) }
            }
            .connect(host: server.localAddress.host, port: Int(server.localAddress.port))
            // At once, however long the machine lets this task wait: the server's clocks are running.
            .flatMap { channel in channel.writeAndFlush(ByteBuffer(bytes: bytes)).map { channel } }
            .get()
        self.continuation = continuation
        input = stream.makeAsyncIterator()
        headerDecoder = try HeaderDecoder()
    }

    /// Connects and sends the preface with these settings, and frames and bytes behind it.
    init(
        _ server: HTTPServer, settings: [Frame.Setting] = [], opening frames: [Frame] = [], bytes: [UInt8] = [],
        readsAutomatically: Bool = true
    ) async throws {
        let frames = [.settings(settings)] + frames
        try await self.init(
            connectingTo: server, sending: Self.preface + frames.flatMap(\.bytes) + bytes, readsAutomatically: readsAutomatically)
        frames.forEach { account(for: $0) }
    }

    // MARK: Sending

    /// Sends without regard to whether the server still listens: what it sends tells.
    mutating func send(_ frames: Frame...) async {
        await send(frames)
    }

    /// In one write.
    mutating func send(_ frames: [Frame]) async {
        frames.forEach { account(for: $0) }
        await send(bytes: frames.flatMap(\.bytes))
    }

    private mutating func account(for frame: Frame) {
        givenWindows.sent(frame)
        if frame.kind == .headers { highestStreamID = max(highestStreamID, frame.streamID & 0x7FFF_FFFF) }
        if frame.kind == .data {
            let whole = initialWindow
            windows[0, default: 0] -= frame.payload.count
            windows[frame.streamID, default: whole] -= frame.payload.count
        }
    }

    func send(bytes: [UInt8]) async {
        try? await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    }

    /// Sends a body in DATA frames of at most `size` bytes, as the server's windows allow.
    mutating func upload(_ text: String, on streamID: UInt32, size: Int, endsStream: Bool = true) async throws {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let window = min(windows[0, default: 0], windows[streamID, default: initialWindow], size)
            guard window > 0 else {
                try await readFrame()
                continue
            }
            let piece = rest.prefix(window)
            rest.removeFirst(piece.count)
            await send(.data(streamID, "", rest.isEmpty && endsStream ? .endStream : []).with(payload: Array(piece)))
        }
    }

    /// Begins to read, for a client that does not do so from the start.
    func startReading() async throws {
        try await channel.setOption(.autoRead, value: true).get()
    }

    var initialWindow: Int { Int(settings[4] ?? 65_535) }

    /// Sends no more, and goes on reading.
    func endOutput() async {
        try? await channel.close(mode: .output)
    }

    func close() async {
        try? await channel.close()
    }

    // MARK: Receiving

    /// Reads to the next frame; false at the end of the connection.
    @discardableResult
    mutating func read() async throws -> Bool {
        while true {
            if let frame = try decoder.next() {
                try await take(frame)
                return true
            }
            let alarm = channel.eventLoop.scheduleTask(in: .seconds(20)) { [continuation] in
                continuation.finish(throwing: TookTooLong())
            }
            defer { alarm.cancel() }
            guard let bytes = try await input.next() else {
                guard decoder.isEmpty else { throw Violation("half a frame at the end") }
                return false
            }
            decoder.append(Array(buffer: bytes))
        }
    }

    /// Reads the next frame.
    mutating func readFrame() async throws {
        guard try await read() else { throw Ended() }
    }

    private mutating func take(_ frame: Frame) async throws {
        switch frame.kind {
        case .settings: try await take(settings: frame)
        case .ping:
            if frame.flags.contains(.ack) {
                pongs.append(String(decoding: frame.payload, as: UTF8.self))
            } else if acknowledgesPings {
                await send(frame.flagged(.ack))
            } else {
                unansweredPings.append(frame)
            }
        case .goAway:
            let code = Frame.ErrorCode(rawValue: UInt32(bigEndianBytes: frame.payload[4..<8]))
            guard let code else { throw Violation("GOAWAY with an unknown error code") }
            let goAway = GoAway(lastStreamID: UInt32(bigEndianBytes: frame.payload[..<4]), code: code)
            guard goAway.lastStreamID <= goAways.last?.lastStreamID ?? .max else { throw Violation("GOAWAY with a higher stream") }
            goAways.append(goAway)
        case .windowUpdate:
            let whole = initialWindow
            windows[frame.streamID, default: whole] += Int(bigEndianBytes: frame.payload)
        case .headers, .continuation, .data, .rstStream: try take(streamFrame: frame)
        case .priority, .pushPromise, nil: break
        }
    }

    private mutating func take(settings frame: Frame) async throws {
        guard !frame.flags.contains(.ack) else {
            settingsAcknowledgements += 1
            return try givenWindows.settingsAcknowledged()
        }
        for start in stride(from: 0, to: frame.payload.count, by: 6) {
            let parameter = frame.payload[start..<(start + 6)]
            settings[UInt16(bigEndianBytes: parameter.prefix(2))] = UInt32(bigEndianBytes: parameter.dropFirst(2))
        }
        if acknowledgesSettings { await send(.settingsAck) }
    }

    private mutating func take(streamFrame frame: Frame) throws {
        guard frame.streamID % 2 == 1, frame.streamID <= highestStreamID else { throw Violation("a frame on an idle stream: \(frame)") }
        var exchange = exchanges[frame.streamID] ?? Exchange()
        // After END_STREAM a server may still say NO_ERROR, that it wants no more of the request (RFC 9113 section 8.1).
        guard exchange.reset == nil, !exchange.hasEnded || frame.kind == .rstStream else {
            throw Violation("a frame on a closed stream: \(frame)")
        }
        switch frame.kind {
        case .headers, .continuation:
            if frame.kind == .headers { (block, blockEndsStream) = ([], frame.flags.contains(.endStream)) }
            block += frame.payload
            if frame.flags.contains(.endHeaders) { try exchange.take(headerDecoder.decode(block), ends: blockEndsStream) }
        case .data:
            try givenWindows.received(frame.payload.count, on: frame.streamID)
            try exchange.take(body: frame.payload, ends: frame.flags.contains(.endStream))
        default:
            exchange.reset = Frame.ErrorCode(rawValue: UInt32(bigEndianBytes: frame.payload))
            guard exchange.reset != nil else { throw Violation("RST_STREAM with an unknown error code") }
        }
        exchanges[frame.streamID] = exchange
    }

    /// Keeps to a table size that SETTINGS told the server.
    func setTableSize(_ size: UInt32) {
        headerDecoder.setTableSize(size)
    }
}

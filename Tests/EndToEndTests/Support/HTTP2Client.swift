import Glibc
import TestSupport

/// The client's end of an HTTP/2 connection: sends any frames at all, and understands the server's.
final class HTTP2Client {
    let tls: TLSClient
    private let headers: HeaderDecoder
    private var frames = FrameDecoder()
    /// What the server lets us send, on the connection and on streams.
    private var connectionWindow = 65_535
    private var initialWindow = 65_535
    private var windows: [UInt32: Int] = [:]
    /// Frames that came while something else was waited for.
    private var kept: [Frame] = []

    /// Connects, and sends the preface with these settings.
    init(port: UInt16, settings: Frame.Setting...) throws {
        tls = try TLSClient.connected(port: port, alpn: ["h2"])
        headers = try HeaderDecoder()
        try tls.send(HTTP2Client.preface(settings))
    }

    static func preface(_ settings: [Frame.Setting] = []) -> [UInt8] {
        Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + Frame.settings(settings).bytes
    }

    // MARK: Sending

    func send(_ frames: [Frame]) throws {
        try tls.send(frames.flatMap(\.bytes))
    }

    /// Sends a review, as the server's windows allow it.
    func request(_ stream: UInt32, _ path: String = "/validate", body: [UInt8]) throws {
        while min(connectionWindow, initialWindow) < body.count, let frame = try receiveNext() { kept.append(frame) }
        connectionWindow -= body.count
        let pieces = stride(from: 0, to: body.count, by: 16_384).map { Array(body[$0..<min(body.count, $0 + 16_384)]) }
        try send(
            [.headers(stream, .post(path), .endHeaders)]
                + pieces.enumerated().map { .data(stream, $1, $0 == pieces.count - 1 ? .endStream : []) })
    }

    /// Sends pieces of a body as the server's windows allow it, a piece every eight milliseconds, until the server answers.
    ///
    /// - Returns: the server's frames meanwhile, and how many bytes were sent.
    func sendBody(_ stream: UInt32, count: Int, piece: [UInt8]) throws -> (frames: [Frame], sent: Int) {
        var frames: [Frame] = []
        var sent = 0
        while sent < count {
            while hasInput || min(connectionWindow, windows[stream] ?? initialWindow) < piece.count {
                guard let frame = try receive() else { return (frames, sent) }
                frames.append(frame)
                if frame.streamID == stream, frame.kind == .headers || frame.kind == .rstStream { return (frames, sent) }
            }
            try send([.data(stream, piece)])
            connectionWindow -= piece.count
            windows[stream] = (windows[stream] ?? initialWindow) - piece.count
            sent += piece.count
            pause(.milliseconds(8))
        }
        return (frames, sent)
    }

    // MARK: Receiving

    /// The next frame; nil at the end of the connection.
    func receive() throws -> Frame? {
        if !kept.isEmpty { return kept.removeFirst() }
        return try receiveNext()
    }

    private func receiveNext() throws -> Frame? {
        while true {
            if let frame = try frames.next() {
                note(frame)
                return frame
            }
            guard case .bytes(let bytes) = try tls.receive() else { return nil }
            frames.append(bytes)
        }
    }

    /// Whether ``receive()`` has a whole frame or at least a byte at hand.
    var hasInput: Bool { !kept.isEmpty || !frames.isEmpty || tls.hasInput }

    /// All frames until the connection ends.
    func receiveAll() throws -> [Frame] {
        var frames: [Frame] = []
        while let frame = try receive() { frames.append(frame) }
        return frames
    }

    /// The frames up to the answer to a PING, which comes when the server has seen what was sent before it.
    func roundTrip() throws {
        try send([.ping()])
        while let frame = try receive(), frame.kind != .ping {}
    }

    /// The error code of the GOAWAY with which the server ends the connection; nil when it ends without one.
    func goAwayCode() throws -> Frame.ErrorCode? {
        try receiveAll().last { $0.kind == .goAway }?.errorCode
    }

    /// The value of `:status`. Every HEADERS frame of a connection has to come by here, in order.
    func status(_ frame: Frame) throws -> Int? {
        try headers.decode(frame.payload).first { $0.name == ":status" }.flatMap { Int($0.value) }
    }

    private func note(_ frame: Frame) {
        switch frame.kind {
        case .settings:
            for offset in stride(from: 0, to: frame.payload.count, by: 6) {
                let setting = frame.payload.dropFirst(offset).prefix(6)
                guard UInt16(bigEndianBytes: setting.prefix(2)) == Frame.Setting.initialWindowSize(0).id else { continue }
                let window = Int(UInt32(bigEndianBytes: setting.suffix(4)))
                for stream in windows.keys { windows[stream]? += window - initialWindow }
                initialWindow = window
            }
        case .windowUpdate where frame.streamID == 0: connectionWindow += Int(frame.number)
        case .windowUpdate: windows[frame.streamID] = (windows[frame.streamID] ?? initialWindow) + Int(frame.number)
        default: break
        }
    }
}

extension Frame {
    /// The first four bytes of the payload: the last stream of a GOAWAY, the increment of a WINDOW_UPDATE.
    var number: UInt32 { UInt32(bigEndianBytes: payload.prefix(4)) }

    /// Of RST_STREAM and GOAWAY.
    var errorCode: ErrorCode? { ErrorCode(rawValue: UInt32(bigEndianBytes: payload.dropFirst(kind == .goAway ? 4 : 0).prefix(4))) }
}

/// The rules of RFC 9113 about frames that libnghttp2 lets pass.
///
/// libnghttp2 forgets a stream that has closed and ignores what comes for it, since it cannot tell a client that goes on after it has
/// ended the stream from one whose frames have crossed our RST_STREAM. Here is remembered who ended it.
struct HTTP2FrameCheck {
    private struct Stream {
        var id: HTTP2StreamID
        /// The client has sent END_STREAM or RST_STREAM.
        var isEnded: Bool
    }

    /// `SETTINGS_MAX_FRAME_SIZE`, which is left as it is (RFC 9113 section 6.5.2).
    private static let frameSize = 16_384
    /// More streams than this are remembered. What crosses a RST_STREAM is not older.
    private static let memory = 256

    /// In the order in which they were opened, which is that of their identifiers.
    private var streams: [Stream] = []
    private var lastForgotten: HTTP2StreamID = 0

    /// Takes each frame in turn. The error of the connection that it is, or nil for one that libnghttp2 is to judge.
    mutating func check(_ frame: HTTP2FrameHeader) -> HTTP2ErrorCode? {
        guard !frame.interruptsBlock else { return nil }
        return switch frame.kind {
        case .continuation: frame.payloadLength > Self.frameSize ? .frameSizeError : nil
        case .priority: frame.streamID == 0 ? .protocolError : nil
        case .headers, .data, .resetStream: checkOrder(frame)
        default: nil
        }
    }

    /// RFC 9113 sections 5.1 and 5.1.1. Streams that are idle, or not the client's to open, are left to libnghttp2.
    private mutating func checkOrder(_ frame: HTTP2FrameHeader) -> HTTP2ErrorCode? {
        let stream = frame.streamID
        guard stream % 2 == 1, stream > lastForgotten else { return nil }
        let ends = frame.kind == .resetStream || frame.hasFirstFlag
        guard stream <= streams.last?.id ?? lastForgotten else {
            if frame.kind == .headers { open(stream, isEnded: ends) }
            return nil
        }
        guard let index = streams.lastIndex(where: { $0.id == stream }) else {
            // A higher stream has closed it before it was opened.
            return frame.kind == .headers ? .protocolError : frame.kind == .data ? .streamClosed : nil
        }
        if streams[index].isEnded, frame.kind != .resetStream { return .streamClosed }
        if ends { streams[index].isEnded = true }
        return nil
    }

    private mutating func open(_ stream: HTTP2StreamID, isEnded: Bool) {
        if streams.count == 2 * Self.memory {
            lastForgotten = streams[Self.memory - 1].id
            streams.removeFirst(Self.memory)
        }
        streams.append(Stream(id: stream, isEnded: isEnded))
    }
}

import NIOCore

/// The fixed part of a frame (RFC 9113 section 4.1).
struct HTTP2FrameHeader: Equatable {
    struct Kind: RawRepresentable, Hashable {
        let rawValue: UInt8

        static let data = Kind(rawValue: 0x0)
        static let headers = Kind(rawValue: 0x1)
        static let priority = Kind(rawValue: 0x2)
        static let resetStream = Kind(rawValue: 0x3)
        static let settings = Kind(rawValue: 0x4)
        static let ping = Kind(rawValue: 0x6)
        static let continuation = Kind(rawValue: 0x9)
    }

    static let length = 9

    var payloadLength: Int
    var kind: Kind
    var flags: UInt8
    var streamID: HTTP2StreamID = 0
    /// Whether it stands amid a field block without being a part of it.
    var interruptsBlock = false

    /// `END_STREAM` of DATA and HEADERS, `ACK` of PING and SETTINGS.
    var hasFirstFlag: Bool { flags & 0x1 != 0 }
    var endsHeaders: Bool { flags & 0x4 != 0 }
}

/// Follows the frames in a client's bytes without looking into them: to count them before any work is done for them, and to know
/// whether the client has begun something that it has not ended.
struct HTTP2FrameScanner {
    private enum Position: Equatable {
        /// The preface of the client (RFC 9113 section 3.4) is still to come.
        case preface(remaining: Int)
        /// Bytes of a frame's fixed part, read so far as a number.
        case header(bytes: UInt128, count: Int)
        case payload(remaining: Int, isData: Bool)
    }

    private static let prefaceLength = 24

    private var position = Position.preface(remaining: prefaceLength)
    /// Between a HEADERS frame and the CONTINUATION frame that ends its block.
    private var isHeaderBlockOpen = false
    /// The first frame, SETTINGS, is a part of the preface.
    private var isFirstFrame = true

    /// How many frames and whole header blocks have ended.
    private(set) var ended: UInt = 0

    /// Whether the preface, a header block or a frame is incomplete. DATA is left out: its stream has a time limit of its own.
    var awaitsRest: Bool {
        switch position {
        case .preface: true
        case .header(_, let count): count > 0 || isHeaderBlockOpen || isFirstFrame
        case .payload(_, let isData): !isData || isHeaderBlockOpen
        }
    }

    /// Passes the header of each frame that begins in `bytes` or has begun in those before, and where in `bytes` it begins, below zero
    /// for the latter.
    mutating func scan(_ bytes: ByteBuffer, frame: (HTTP2FrameHeader, Int) -> Void) {
        bytes.withUnsafeReadableBytes { scan($0, frame: frame) }
    }

    private mutating func scan(_ bytes: UnsafeRawBufferPointer, frame: (HTTP2FrameHeader, Int) -> Void) {
        var rest = bytes[...]
        while !rest.isEmpty {
            switch position {
            case .preface(let remaining):
                let count = min(remaining, rest.count)
                rest.removeFirst(count)
                position = count == remaining ? .header(bytes: 0, count: 0) : .preface(remaining: remaining - count)
            case .payload(let remaining, let isData):
                let count = min(remaining, rest.count)
                rest.removeFirst(count)
                position = count == remaining ? .header(bytes: 0, count: 0) : .payload(remaining: remaining - count, isData: isData)
                if count == remaining, !isHeaderBlockOpen { ended &+= 1 }
            case .header(var number, var count):
                while count < HTTP2FrameHeader.length, let byte = rest.popFirst() {
                    number = number << 8 | UInt128(byte)
                    count += 1
                }
                guard count == HTTP2FrameHeader.length else {
                    position = .header(bytes: number, count: count)
                    return
                }
                let kind = HTTP2FrameHeader.Kind(rawValue: UInt8(truncatingIfNeeded: number >> 40))
                let header = HTTP2FrameHeader(
                    payloadLength: Int(truncatingIfNeeded: number >> 48), kind: kind, flags: UInt8(truncatingIfNeeded: number >> 32),
                    streamID: HTTP2StreamID(truncatingIfNeeded: number & 0x7FFF_FFFF),
                    interruptsBlock: isHeaderBlockOpen && kind != .continuation)
                begin(header)
                frame(header, bytes.count - rest.count - HTTP2FrameHeader.length)
            }
        }
    }

    private mutating func begin(_ header: HTTP2FrameHeader) {
        isFirstFrame = false
        if header.kind == .headers || header.kind == .continuation {
            isHeaderBlockOpen = !header.endsHeaders
        }
        if header.payloadLength == 0, !isHeaderBlockOpen { ended &+= 1 }
        position =
            header.payloadLength == 0
            ? .header(bytes: 0, count: 0) : .payload(remaining: header.payloadLength, isData: header.kind == .data)
    }
}

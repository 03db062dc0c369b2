/// Something a server must not send.
public struct Violation: Error, CustomStringConvertible {
    public var description: String

    public init(_ description: String) {
        self.description = description
    }
}

/// Reads a server's frames, and takes none that is not exactly as RFC 9113 section 6 has it.
public struct FrameDecoder {
    private var buffer: ArraySlice<UInt8> = []
    /// The stream whose field block has not ended.
    private var openBlock: UInt32?

    public init() {}

    public mutating func append(_ bytes: [UInt8]) {
        buffer.append(contentsOf: bytes)
    }

    public var isEmpty: Bool { buffer.isEmpty }

    public mutating func next() throws -> Frame? {
        guard buffer.count >= 9 else { return nil }
        let header = Array(buffer.prefix(9))
        let length = Int(bigEndianBytes: header[..<3])
        guard length <= 16_384 else { throw Violation("a frame of \(length) bytes") }
        guard buffer.count >= 9 + length else { return nil }
        let frame = Frame(
            type: header[3], flags: Frame.Flags(rawValue: header[4]), streamID: UInt32(bigEndianBytes: header[5...]),
            payload: Array(buffer.dropFirst(9).prefix(length)))
        buffer = buffer.dropFirst(9 + length)
        try check(frame)
        return frame
    }

    private mutating func check(_ frame: Frame) throws {
        guard let kind = frame.kind else { throw Violation("a frame of unknown type: \(frame)") }
        let isOrdered = openBlock == nil ? kind != .continuation : kind == .continuation && frame.streamID == openBlock
        guard isOrdered else { throw Violation("CONTINUATION where it does not belong, or none where it does: \(frame)") }
        let (flags, length, hasStream) = Self.form(of: frame, kind)
        guard flags.isSuperset(of: frame.flags) else { throw Violation("undefined flags: \(frame)") }
        guard length else { throw Violation("a wrong length: \(frame)") }
        guard hasStream.map({ $0 == (frame.streamID != 0) }) ?? true, frame.streamID >> 31 == 0 else {
            throw Violation("a wrong stream identifier: \(frame)")
        }
        if kind == .headers || kind == .continuation { openBlock = frame.flags.contains(.endHeaders) ? nil : frame.streamID }
    }

    /// The flags a frame may have, whether its length is right, and whether it belongs to a stream, if that is not open.
    private static func form(of frame: Frame, _ kind: Frame.Kind) -> (Frame.Flags, Bool, Bool?) {
        let length = frame.payload.count
        return switch kind {
        case .data: (.endStream, true, true)
        case .headers: ([.endStream, .endHeaders], true, true)
        case .continuation: (.endHeaders, true, true)
        case .rstStream: ([], length == 4, true)
        case .settings: (.ack, frame.flags.contains(.ack) ? length == 0 : length % 6 == 0, false)
        case .ping: (.ack, length == 8, false)
        case .goAway: ([], length >= 8, false)
        case .windowUpdate: ([], length == 4 && UInt32(bigEndianBytes: frame.payload) - 1 < 1 << 31 - 1, nil)
        // A server has no reason to send either.
        case .priority, .pushPromise: ([], false, true)
        }
    }
}

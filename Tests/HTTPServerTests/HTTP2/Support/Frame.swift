/// An HTTP/2 frame (RFC 9113 section 4.1), right or wrong.
struct Frame: Equatable, Sendable {
    enum Kind: UInt8 {
        case data, headers, priority, rstStream, settings, pushPromise, ping, goAway, windowUpdate, continuation
    }

    struct Flags: OptionSet, Sendable {
        var rawValue: UInt8

        static let endStream = Flags(rawValue: 0x1)
        static let ack = Flags(rawValue: 0x1)
        static let endHeaders = Flags(rawValue: 0x4)
        static let padded = Flags(rawValue: 0x8)
        static let priority = Flags(rawValue: 0x20)
        /// The flags that mean nothing on most frames.
        static let undefined = Flags(rawValue: 0xD2)
    }

    /// A parameter of SETTINGS (RFC 9113 section 6.5.2).
    struct Setting: Equatable, Sendable {
        var id: UInt16
        var value: UInt32

        static func headerTableSize(_ value: UInt32) -> Setting { Setting(id: 1, value: value) }
        static func enablePush(_ value: UInt32) -> Setting { Setting(id: 2, value: value) }
        static func maxConcurrentStreams(_ value: UInt32) -> Setting { Setting(id: 3, value: value) }
        static func initialWindowSize(_ value: UInt32) -> Setting { Setting(id: 4, value: value) }
        static func maxFrameSize(_ value: UInt32) -> Setting { Setting(id: 5, value: value) }
        static func maxHeaderListSize(_ value: UInt32) -> Setting { Setting(id: 6, value: value) }
    }

    /// RFC 9113 section 7.
    enum ErrorCode: UInt32, Sendable {
        case noError, protocolError, internalError, flowControlError, settingsTimeout, streamClosed, frameSizeError, refusedStream
        case cancel, compressionError, connectError, enhanceYourCalm, inadequateSecurity, http11Required
    }

    var type: UInt8
    var flags: Flags = []
    /// With the reserved bit.
    var streamID: UInt32 = 0
    var payload: [UInt8] = []

    var kind: Kind? { Kind(rawValue: type) }

    var bytes: [UInt8] {
        var bytes = Array(UInt32(payload.count).bigEndianBytes.dropFirst())
        bytes += [type, flags.rawValue]
        return bytes + streamID.bigEndianBytes + payload
    }
}

// MARK: Frames as they should be

extension Frame {
    private init(_ kind: Kind, _ flags: Flags = [], on streamID: UInt32 = 0, _ payload: [UInt8] = []) {
        self.init(type: kind.rawValue, flags: flags, streamID: streamID, payload: payload)
    }

    static func data(_ streamID: UInt32, _ text: String = "", _ flags: Flags = []) -> Frame {
        Frame(.data, flags, on: streamID, Array(text.utf8))
    }

    static func headers(_ streamID: UInt32, _ block: HeaderBlock, _ flags: Flags = [.endStream, .endHeaders]) -> Frame {
        Frame(.headers, flags, on: streamID, block.bytes)
    }

    static func continuation(_ streamID: UInt32, _ block: HeaderBlock, _ flags: Flags = .endHeaders) -> Frame {
        Frame(.continuation, flags, on: streamID, block.bytes)
    }

    /// - Parameter weight: One less than the weight, as it is sent.
    static func priority(_ streamID: UInt32, dependsOn dependency: UInt32 = 0, isExclusive: Bool = false, weight: UInt8 = 15) -> Frame {
        Frame(.priority, on: streamID, (dependency | (isExclusive ? 1 << 31 : 0)).bigEndianBytes + [weight])
    }

    static func rstStream(_ streamID: UInt32, _ code: ErrorCode = .cancel) -> Frame {
        Frame(.rstStream, on: streamID, code.rawValue.bigEndianBytes)
    }

    static func settings(_ settings: Setting...) -> Frame { .settings(settings) }

    static func settings(_ settings: [Setting]) -> Frame {
        Frame(.settings, [], settings.flatMap { $0.id.bigEndianBytes + $0.value.bigEndianBytes })
    }

    static let settingsAck = Frame(.settings, .ack)

    static func pushPromise(_ streamID: UInt32, promising promised: UInt32) -> Frame {
        Frame(.pushPromise, .endHeaders, on: streamID, promised.bigEndianBytes + HeaderBlock.get("/info").bytes)
    }

    static func ping(_ text: String = "12345678", _ flags: Flags = []) -> Frame {
        Frame(.ping, flags, Array(text.utf8))
    }

    static func goAway(lastStreamID: UInt32 = 0, _ code: ErrorCode = .noError, debugData: String = "") -> Frame {
        Frame(.goAway, [], lastStreamID.bigEndianBytes + code.rawValue.bigEndianBytes + Array(debugData.utf8))
    }

    static func windowUpdate(_ streamID: UInt32, by increment: UInt32) -> Frame {
        Frame(.windowUpdate, on: streamID, increment.bigEndianBytes)
    }
}

// MARK: Changes to them

extension Frame {
    func on(_ streamID: UInt32) -> Frame {
        var frame = self
        frame.streamID = streamID
        return frame
    }

    func flagged(_ flags: Flags) -> Frame {
        var frame = self
        frame.flags.formUnion(flags)
        return frame
    }

    func with(payload: [UInt8]) -> Frame {
        var frame = self
        frame.payload = payload
        return frame
    }

    /// The padded form of DATA and HEADERS, with a pad length that need not be true.
    func padded(_ count: Int, declared: UInt8? = nil) -> Frame {
        var frame = flagged(.padded)
        frame.payload = [declared ?? UInt8(count)] + payload + Array(repeating: 0, count: count)
        return frame
    }

    /// HEADERS with the deprecated priority fields.
    func prioritized(dependsOn dependency: UInt32 = 0, weight: UInt8 = 15) -> Frame {
        var frame = flagged(.priority)
        frame.payload = dependency.bigEndianBytes + [weight] + payload
        return frame
    }
}

extension FixedWidthInteger {
    var bigEndianBytes: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }

    init(bigEndianBytes bytes: some Sequence<UInt8>) {
        self = bytes.reduce(0) { $0 << 8 | Self($1) }
    }
}

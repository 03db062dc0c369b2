/// An HTTP/2 frame (RFC 9113 section 4.1), right or wrong.
public struct Frame: Equatable, Sendable {
    public enum Kind: UInt8 {
        case data, headers, priority, rstStream, settings, pushPromise, ping, goAway, windowUpdate, continuation
    }

    public struct Flags: OptionSet, Sendable {
        public var rawValue: UInt8

        public init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        public static let endStream = Flags(rawValue: 0x1)
        public static let ack = Flags(rawValue: 0x1)
        public static let endHeaders = Flags(rawValue: 0x4)
        public static let padded = Flags(rawValue: 0x8)
        public static let priority = Flags(rawValue: 0x20)
        /// The flags that mean nothing on most frames.
        public static let undefined = Flags(rawValue: 0xD2)
    }

    /// A parameter of SETTINGS (RFC 9113 section 6.5.2).
    public struct Setting: Equatable, Sendable {
        public var id: UInt16
        public var value: UInt32

        public init(id: UInt16, value: UInt32) {
            self.id = id
            self.value = value
        }

        public static func headerTableSize(_ value: UInt32) -> Setting { Setting(id: 1, value: value) }
        public static func enablePush(_ value: UInt32) -> Setting { Setting(id: 2, value: value) }
        public static func maxConcurrentStreams(_ value: UInt32) -> Setting { Setting(id: 3, value: value) }
        public static func initialWindowSize(_ value: UInt32) -> Setting { Setting(id: 4, value: value) }
        public static func maxFrameSize(_ value: UInt32) -> Setting { Setting(id: 5, value: value) }
        public static func maxHeaderListSize(_ value: UInt32) -> Setting { Setting(id: 6, value: value) }
    }

    /// RFC 9113 section 7.
    public enum ErrorCode: UInt32, Sendable {
        case noError, protocolError, internalError, flowControlError, settingsTimeout, streamClosed, frameSizeError, refusedStream
        case cancel, compressionError, connectError, enhanceYourCalm, inadequateSecurity, http11Required
    }

    public var type: UInt8
    public var flags: Flags = []
    /// With the reserved bit.
    public var streamID: UInt32 = 0
    public var payload: [UInt8] = []

    public init(type: UInt8, flags: Flags = [], streamID: UInt32 = 0, payload: [UInt8] = []) {
        self.type = type
        self.flags = flags
        self.streamID = streamID
        self.payload = payload
    }

    public var kind: Kind? { Kind(rawValue: type) }

    public var bytes: [UInt8] {
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

    public static func data(_ streamID: UInt32, _ text: String = "", _ flags: Flags = []) -> Frame {
        .data(streamID, Array(text.utf8), flags)
    }

    public static func data(_ streamID: UInt32, _ payload: [UInt8], _ flags: Flags = []) -> Frame {
        Frame(.data, flags, on: streamID, payload)
    }

    public static func headers(_ streamID: UInt32, _ block: HeaderBlock, _ flags: Flags = [.endStream, .endHeaders]) -> Frame {
        Frame(.headers, flags, on: streamID, block.bytes)
    }

    public static func continuation(_ streamID: UInt32, _ block: HeaderBlock, _ flags: Flags = .endHeaders) -> Frame {
        Frame(.continuation, flags, on: streamID, block.bytes)
    }

    /// - Parameter weight: One less than the weight, as it is sent.
    public static func priority(_ streamID: UInt32, dependsOn dependency: UInt32 = 0, isExclusive: Bool = false, weight: UInt8 = 15)
        -> Frame
    {
        Frame(.priority, on: streamID, (dependency | (isExclusive ? 1 << 31 : 0)).bigEndianBytes + [weight])
    }

    public static func rstStream(_ streamID: UInt32, _ code: ErrorCode = .cancel) -> Frame {
        Frame(.rstStream, on: streamID, code.rawValue.bigEndianBytes)
    }

    public static func settings(_ settings: Setting...) -> Frame { .settings(settings) }

    public static func settings(_ settings: [Setting]) -> Frame {
        Frame(.settings, [], settings.flatMap { $0.id.bigEndianBytes + $0.value.bigEndianBytes })
    }

    public static let settingsAck = Frame(.settings, .ack)

    public static func pushPromise(_ streamID: UInt32, promising promised: UInt32) -> Frame {
        Frame(.pushPromise, .endHeaders, on: streamID, promised.bigEndianBytes + HeaderBlock.get("/info").bytes)
    }

    public static func ping(_ text: String = "12345678", _ flags: Flags = []) -> Frame {
        Frame(.ping, flags, Array(text.utf8))
    }

    public static func goAway(lastStreamID: UInt32 = 0, _ code: ErrorCode = .noError, debugData: String = "") -> Frame {
        Frame(.goAway, [], lastStreamID.bigEndianBytes + code.rawValue.bigEndianBytes + Array(debugData.utf8))
    }

    public static func windowUpdate(_ streamID: UInt32, by increment: UInt32) -> Frame {
        Frame(.windowUpdate, on: streamID, increment.bigEndianBytes)
    }
}

// MARK: Changes to them

extension Frame {
    public func on(_ streamID: UInt32) -> Frame {
        var frame = self
        frame.streamID = streamID
        return frame
    }

    public func flagged(_ flags: Flags) -> Frame {
        var frame = self
        frame.flags.formUnion(flags)
        return frame
    }

    public func with(payload: [UInt8]) -> Frame {
        var frame = self
        frame.payload = payload
        return frame
    }

    /// The padded form of DATA and HEADERS, with a pad length that need not be true.
    public func padded(_ count: Int, declared: UInt8? = nil) -> Frame {
        var frame = flagged(.padded)
        frame.payload = [declared ?? UInt8(count)] + payload + Array(repeating: 0, count: count)
        return frame
    }

    /// HEADERS with the deprecated priority fields.
    public func prioritized(dependsOn dependency: UInt32 = 0, weight: UInt8 = 15) -> Frame {
        var frame = flagged(.priority)
        frame.payload = dependency.bigEndianBytes + [weight] + payload
        return frame
    }
}

extension FixedWidthInteger {
    public var bigEndianBytes: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }

    public init(bigEndianBytes bytes: some Sequence<UInt8>) {
        self = bytes.reduce(0) { $0 << 8 | Self($1) }
    }
}

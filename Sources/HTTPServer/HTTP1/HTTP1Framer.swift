import NIOCore

/// Cuts a connection's bytes so that each piece belongs to one request.
///
/// The decoder behind it consumes all it is given, so what it is given ends at the latest where a request ends: with the empty line of
/// the header, at the declared length, or with the empty line that closes a chunked body. Bytes of a pipelined request therefore stay
/// here until the answer before it is sent, and it is always known whether part of a next request has arrived. A header is passed on
/// only when it is complete and within its limits.
struct HTTP1Framer {
    private enum Position {
        case header(HeaderScan)
        /// A complete header was passed on, and the decoder has not said yet what it made of it.
        case afterHeader
        case sized(remaining: Int)
        case chunked(EmptyLineScan, framingBytes: Int)
    }

    private var buffer = ByteBuffer()
    private var position = Position.header(HeaderScan())
    private let limits: HTTPServerLimits

    init(limits: HTTPServerLimits) {
        self.limits = limits
    }

    /// Whether no byte waits here.
    var isEmpty: Bool { buffer.readableBytes == 0 }

    mutating func append(_ bytes: ByteBuffer) {
        if buffer.readableBytes == 0 {
            buffer = bytes
        } else {
            buffer.writeImmutableBuffer(bytes)
        }
    }

    mutating func removeAll() {
        buffer = ByteBuffer()
    }

    /// Tells how the body after the header just passed on ends.
    mutating func beginBody(_ framing: MessageFraming) {
        switch framing {
        case .sized(let length): position = .sized(remaining: length)
        case .chunked: position = .chunked(EmptyLineScan(), framingBytes: 0)
        }
    }

    /// Tells that the request is complete.
    mutating func endMessage() {
        position = .header(HeaderScan())
    }

    /// Tells that the last piece held some of the body itself, not only the framing around it.
    mutating func bodyReceived() {
        if case .chunked(let scan, _) = position {
            position = .chunked(scan, framingBytes: 0)
        }
    }

    /// The next bytes of the current request, or nil until more arrive.
    mutating func next() throws(HTTPRefusal) -> ByteBuffer? {
        switch position {
        case .header(var scan):
            if scan.isAtStart, skipEmptyLines() { return nil }
            let length = try scan.advance(over: buffer.readableBytesView, limits: limits)
            guard let length else {
                position = .header(scan)
                return nil
            }
            position = .afterHeader
            return buffer.readSlice(length: length)
        case .afterHeader:
            // Such as the preface of HTTP/2, which begins like a request with the method PRI (RFC 9113 section 3.4).
            throw .malformed("the header is not that of an HTTP/1.1 request")
        case .sized(let remaining):
            guard remaining > 0 else { throw .malformed("the body does not end where its header says") }
            guard buffer.readableBytes > 0, let piece = buffer.readSlice(length: min(remaining, buffer.readableBytes)) else { return nil }
            position = .sized(remaining: remaining - piece.readableBytes)
            return piece
        case .chunked(var scan, let framingBytes):
            guard buffer.readableBytes > 0 else { return nil }
            // Chunk extensions and trailers have no limit of their own in the decoder.
            guard framingBytes <= limits.headerSize else {
                throw .malformed("the framing of the chunked body is too large")
            }
            let length = scan.advance(over: buffer.readableBytesView)
            position = .chunked(scan, framingBytes: framingBytes + length)
            return buffer.readSlice(length: length)
        }
    }

    /// RFC 9112 section 2.2: empty lines before a request line are ignored. They do not count as the start of a request.
    ///
    /// - Returns: whether what is left may be half of another one.
    private mutating func skipEmptyLines() -> Bool {
        while buffer.getInteger(at: buffer.readerIndex, as: UInt8.self) == 0x0D {
            guard buffer.readableBytes > 1 else { return true }
            guard buffer.getInteger(at: buffer.readerIndex, as: UInt16.self) == 0x0D0A else { break }
            buffer.moveReaderIndex(forwardBy: 2)
        }
        return false
    }
}

/// Finds the end of a header over several reads, each byte seen once.
struct HeaderScan {
    private var scanned = 0
    private var lineStart = 0
    private var lines = 0
    private var spacesInRequestLine = 0

    var isAtStart: Bool { scanned == 0 }

    /// Returns the header's length with its closing empty line, or nil when `bytes` end before it.
    ///
    /// A line end that is not CR LF is refused (RFC 9112 section 2.2 and its security considerations on request smuggling): what
    /// counts as a line must be the same for every party.
    mutating func advance(over bytes: ByteBufferView, limits: HTTPServerLimits) throws(HTTPRefusal) -> Int? {
        let scan = bytes.withContiguousStorageIfAvailable { [self] bytes in
            var scan = self
            let result = Result { () throws(HTTPRefusal) in try scan.scan(bytes, limits: limits) }
            return (scan, result)
        }
        guard let (advanced, result) = scan else { return nil }
        self = advanced
        return try result.get()
    }

    private mutating func scan(_ bytes: UnsafeBufferPointer<UInt8>, limits: HTTPServerLimits) throws(HTTPRefusal) -> Int? {
        while scanned < bytes.count {
            guard scanned < limits.headerSize else { throw .headerTooLarge(limits) }
            let byte = bytes[scanned]
            let followsCarriageReturn = scanned > 0 && bytes[scanned - 1] == 0x0D
            guard followsCarriageReturn == (byte == 0x0A) else {
                throw .malformed("lines must end with CR LF")
            }
            scanned += 1
            if byte == 0x20, lines == 0 { spacesInRequestLine += 1 }
            guard byte == 0x0A else { continue }
            if scanned - lineStart == 2 { return scanned }
            lineStart = scanned
            lines += 1
            // RFC 9112 section 3: single spaces part the method, the target and the version. The decoder would take more.
            guard spacesInRequestLine == 2 else {
                throw .malformed("the request line must be a method, a target and a version")
            }
            // The first line is the request line.
            guard lines <= limits.headerFields + 1 else { throw .headerTooLarge(limits) }
        }
        return nil
    }
}

/// Finds CR LF CR LF over several reads.
struct EmptyLineScan {
    private var matched = 0

    /// Returns how many of `bytes` end with the first CR LF CR LF, or their count without one.
    mutating func advance(over bytes: ByteBufferView) -> Int {
        var matched = matched
        let length = bytes.withContiguousStorageIfAvailable { bytes in
            for (index, byte) in bytes.enumerated() {
                switch byte {
                case 0x0D: matched = matched == 2 ? 3 : 1
                case 0x0A where matched == 1: matched = 2
                case 0x0A where matched == 3:
                    matched = 0
                    return index + 1
                default: matched = 0
                }
            }
            return bytes.count
        }
        self.matched = matched
        return length ?? bytes.count
    }
}

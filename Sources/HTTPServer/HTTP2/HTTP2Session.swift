import CNGHTTP2
import NIOCore
import NIOHTTP1

/// The number of a stream (RFC 9113 section 5.1.1).
typealias HTTP2StreamID = Int32

/// What the bytes of a client and of ours led to, in order.
enum HTTP2Event {
    /// A request's header block is complete.
    case head(HTTP2StreamID, HTTP2HeaderBlock, endsRequest: Bool)
    case data(HTTP2StreamID, ByteBuffer)
    case requestEnded(HTTP2StreamID)
    /// The last byte of an answer was handed over.
    case answerSent(HTTP2StreamID)
    case streamClosed(HTTP2StreamID)
    /// A DATA frame with padding alone.
    case emptyData
    /// A stream had to be reset for the client's fault.
    case faultyStream
    /// The client has answered the PING sent with ``HTTP2Session/submitPing()``.
    case pingAnswered
    /// GOAWAY was handed over.
    case goAwaySent(HTTP2ErrorCode)
}

/// One HTTP/2 connection of libnghttp2: frames, streams, header compression, flow control and the checks of RFC 9113, between bytes in
/// memory. It does no I/O and knows no time.
///
/// libnghttp2 must not be entered from its own callbacks. So they only note ``HTTP2Event``s, which are handed out when the call has returned.
final class HTTP2Session {
    /// Bytes of output gathered for one write.
    private static let outputSize = 64 * 1024

    private let session: OpaquePointer
    private let limits: HTTPServerLimits
    private var events: [HTTP2Event] = []
    /// The streams that have closed since ``takeEvents()``.
    private var closedStreams: Set<HTTP2StreamID> = []
    private var headerBlock: HTTP2HeaderBlock?
    private var input = ByteBuffer()
    private var bodies: [HTTP2StreamID: ByteBuffer] = [:]

    /// Nil when memory is short.
    init?(limits: HTTPServerLimits) {
        var session: OpaquePointer?
        guard let library = HTTP2Library.shared, library.makeSession(&session) == 0, let session else { return nil }
        self.session = session
        self.limits = limits
        nghttp2_session_set_user_data(session, Unmanaged.passUnretained(self).toOpaque())
        let settings: [(nghttp2_settings_id, Int)] = [
            (NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.concurrentStreams),
            (NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, Window.stream),
            (NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits.headerSize),
            (nghttp2_settings_id(rawValue: UInt32(NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES.rawValue)), 1)
        ]
        let entries = settings.map {
            nghttp2_settings_entry(settings_id: Int32(bitPattern: $0.0.rawValue), value: UInt32(clamping: $0.1))
        }
        guard nghttp2_submit_settings(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), entries, entries.count) == 0,
            nghttp2_session_set_local_window_size(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), 0, Int32(Window.connection)) == 0
        else {
            nghttp2_session_del(session)
            return nil
        }
    }

    deinit {
        nghttp2_session_del(session)
    }

    /// How much a client may send ahead (RFC 9113 section 6.9), in bytes. What arrives is credited at once, since the connection never stops
    /// reading: what may be held is limited by ``HTTPServerLimits/bodyMemory``.
    private enum Window {
        static let stream = 256 * 1024
        static let connection = 1024 * 1024
    }

    // MARK: Input and output

    /// Why a connection cannot go on.
    struct Failure: Error {
        var code: HTTP2ErrorCode
        /// Nil when the code says it all.
        var reason: HTTPRefusal.Reason?
    }

    /// Whether anything is left to be said or heard.
    var isOver: Bool { nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0 }

    /// Takes a client's bytes; ``takeEvents()`` tells what they led to, up to the fault when there is one.
    func receive(_ bytes: ByteBuffer) throws(Failure) {
        input = bytes
        defer { input = ByteBuffer() }
        let count = bytes.readableBytes
        let result = input.withUnsafeReadableBytes { bytes in
            nghttp2_session_mem_recv(session, bytes.assumingMemoryBound(to: UInt8.self).baseAddress, count)
        }
        guard result < 0 else { return }
        throw Self.failure(result)
    }

    private static func failure(_ code: Int) -> Failure {
        switch code {
        case Int(NGHTTP2_ERR_BAD_CLIENT_MAGIC.rawValue): Failure(code: .protocolError)
        case Int(NGHTTP2_ERR_FLOODED.rawValue): Failure(code: .enhanceYourCalm, reason: .http2ControlFrames)
        case Int(NGHTTP2_ERR_TOO_MANY_CONTINUATIONS.rawValue): Failure(code: .enhanceYourCalm, reason: .http2Continuations)
        // The only callback that fails is the one for header fields.
        case Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue): Failure(code: .enhanceYourCalm, reason: .http2HeaderList)
        default: Failure(code: .internalError)
        }
    }

    /// What happened since the last call, without the requests of streams that have ended since: nobody waits for their answers.
    func takeEvents() -> [HTTP2Event] {
        defer {
            events.removeAll(keepingCapacity: true)
            closedStreams.removeAll(keepingCapacity: true)
        }
        guard !closedStreams.isEmpty else { return events }
        return events.filter { event in
            switch event {
            case .head(let stream, _, _), .data(let stream, _), .requestEnded(let stream): !closedStreams.contains(stream)
            default: true
            }
        }
    }

    /// The next bytes to send; nil when there are none, or none that the client's windows have room for.
    func takeOutput(_ allocator: ByteBufferAllocator) -> ByteBuffer? {
        var output: ByteBuffer?
        while (output?.readableBytes ?? 0) < Self.outputSize {
            var bytes: UnsafePointer<UInt8>?
            let count = nghttp2_session_mem_send(session, &bytes)
            guard count > 0, let bytes else { break }
            if output == nil { output = allocator.buffer(capacity: max(count, 512)) }
            output?.writeBytes(UnsafeRawBufferPointer(start: bytes, count: count))
        }
        return output
    }

    // MARK: What the server says

    /// Says that the request's body is awaited (RFC 9110 section 15.2.1).
    func submitContinue(_ stream: HTTP2StreamID) {
        HTTP2FieldList([(":status", "100")]).withNameValuePairs { fields in
            _ = nghttp2_submit_headers(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream, nil, fields.baseAddress, fields.count, nil)
        }
    }

    /// Answers a request. A stream that is gone is left alone.
    func submit(_ response: HTTPResponse, to stream: HTTP2StreamID, omitsBody: Bool) {
        let sendsBody = !omitsBody && response.status.mayHaveResponseBody && response.body.readableBytes > 0
        var provider = nghttp2_data_provider()
        provider.read_callback = Self.readBody
        let result = HTTP2FieldList(response).withNameValuePairs { fields in
            withUnsafePointer(to: provider) {
                nghttp2_submit_response(session, stream, fields.baseAddress, fields.count, sendsBody ? $0 : nil)
            }
        }
        if result == 0, sendsBody { bodies[stream] = response.body }
    }

    func reset(_ stream: HTTP2StreamID, _ code: HTTP2ErrorCode) {
        nghttp2_submit_rst_stream(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream, code.rawValue)
    }

    /// Ends the connection: GOAWAY, and nothing is heard any more.
    func terminate(_ code: HTTP2ErrorCode) {
        nghttp2_session_terminate_session(session, code.rawValue)
    }

    /// The first of the two GOAWAY frames of a graceful shutdown (RFC 9113 section 6.8), and a PING whose answer shows that it has arrived.
    func submitShutdownNotice() {
        nghttp2_submit_shutdown_notice(session)
        nghttp2_submit_ping(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), nil)
    }

    /// The second one: streams that the client has opened by now are served, and no other.
    func submitGoAway() {
        let last = nghttp2_session_get_last_proc_stream_id(session)
        nghttp2_submit_goaway(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), last, HTTP2ErrorCode.noError.rawValue, nil, 0)
    }

    // MARK: What libnghttp2 calls

    fileprivate static func from(_ pointer: UnsafeMutableRawPointer?) -> HTTP2Session? {
        pointer.map { Unmanaged<HTTP2Session>.fromOpaque($0).takeUnretainedValue() }
    }

    fileprivate func beganHeaders(_ frame: nghttp2_frame) {
        headerBlock = HTTP2HeaderBlock(isTrailers: frame.headers.cat != NGHTTP2_HCAT_REQUEST, limits: limits)
    }

    /// False to end the connection.
    fileprivate func decoded(name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) -> Bool {
        headerBlock?.append(name: name, value: value)
        return headerBlock?.isBomb != true
    }

    fileprivate func received(_ frame: nghttp2_frame) {
        let endsStream = frame.hd.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
        switch UInt32(frame.hd.type) {
        case NGHTTP2_HEADERS.rawValue:
            guard let block = headerBlock else { return }
            headerBlock = nil
            if !block.isTrailers {
                events.append(.head(frame.hd.stream_id, block, endsRequest: endsStream))
            } else if endsStream {
                events.append(.requestEnded(frame.hd.stream_id))
            }
        case NGHTTP2_DATA.rawValue:
            if endsStream {
                events.append(.requestEnded(frame.hd.stream_id))
            } else if frame.hd.length > 0, frame.hd.length == frame.data.padlen {
                events.append(.emptyData)
            }
        case NGHTTP2_PING.rawValue where frame.hd.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0:
            events.append(.pingAnswered)
        default: break
        }
    }

    /// The bytes lie in the input, of which a slice is enough; else they are copied.
    fileprivate func receivedData(_ stream: HTTP2StreamID, _ bytes: UnsafeBufferPointer<UInt8>) {
        let offset = input.withUnsafeReadableBytes { input -> Int? in
            guard let start = input.baseAddress, let bytesStart = bytes.baseAddress else { return nil }
            let offset = UnsafeRawPointer(bytesStart) - start
            return offset >= 0 && offset <= input.count - bytes.count ? offset : nil
        }
        let slice = offset.flatMap { input.getSlice(at: input.readerIndex + $0, length: bytes.count) }
        events.append(.data(stream, slice ?? ByteBuffer(bytes: bytes)))
    }

    fileprivate func sent(_ frame: nghttp2_frame) {
        switch UInt32(frame.hd.type) {
        case NGHTTP2_DATA.rawValue, NGHTTP2_HEADERS.rawValue:
            if frame.hd.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0 { events.append(.answerSent(frame.hd.stream_id)) }
        case NGHTTP2_RST_STREAM.rawValue:
            switch HTTP2ErrorCode(rawValue: frame.rst_stream.error_code) {
            case .noError, .cancel: break
            default: events.append(.faultyStream)
            }
        case NGHTTP2_GOAWAY.rawValue:
            events.append(.goAwaySent(HTTP2ErrorCode(rawValue: frame.goaway.error_code)))
        default: break
        }
    }

    fileprivate func closed(_ stream: HTTP2StreamID) {
        bodies[stream] = nil
        closedStreams.insert(stream)
        events.append(.streamClosed(stream))
    }

    private static let readBody: nghttp2_data_source_read_callback = { _, stream, destination, length, flags, _, session in
        guard let session = from(session), let destination, let flags else { return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }
        let room = UnsafeMutableRawBufferPointer(start: destination, count: length)
        let (count, isComplete) = session.bodies[stream]?.moveBytes(to: room) ?? (0, true)
        if isComplete {
            session.bodies[stream] = nil
            flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
        }
        return count
    }
}

extension ByteBuffer {
    /// Moves bytes from the front into `room`, as many as fit.
    fileprivate mutating func moveBytes(to room: UnsafeMutableRawBufferPointer) -> (count: Int, isEmpty: Bool) {
        let count = readWithUnsafeReadableBytes { bytes in
            let count = min(bytes.count, room.count)
            room.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes.prefix(count)))
            return count
        }
        return (count, readableBytes == 0)
    }
}

/// The callbacks and options that all sessions have.
///
/// `@unchecked Sendable`: both objects are written in `init` only, and libnghttp2 copies what it takes from them.
private final class HTTP2Library: @unchecked Sendable {
    static let shared = HTTP2Library()

    private let callbacks: OpaquePointer
    private let option: OpaquePointer

    private init?() {
        var callbacks: OpaquePointer?
        var option: OpaquePointer?
        guard nghttp2_session_callbacks_new(&callbacks) == 0, let callbacks, nghttp2_option_new(&option) == 0, let option else {
            return nil
        }
        self.callbacks = callbacks
        self.option = option

        // What a client may do in vain is limited by ``HTTP2FloodMeter``, which has a word for each kind; the limits of the library stay as a
        // second line behind it.
        nghttp2_option_set_stream_reset_rate_limit(option, UInt64(UInt32.max), UInt64(UInt32.max))
        nghttp2_option_set_max_continuations(option, 8)

        nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, session in
            if let frame { HTTP2Session.from(session)?.beganHeaders(frame.pointee) }
            return 0
        }
        nghttp2_session_callbacks_set_on_header_callback(callbacks) { _, _, name, nameLength, value, valueLength, _, session in
            let name = UnsafeBufferPointer(start: name, count: nameLength)
            let value = UnsafeBufferPointer(start: value, count: valueLength)
            guard HTTP2Session.from(session)?.decoded(name: name, value: value) != false else {
                return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
            }
            return 0
        }
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, session in
            if let frame { HTTP2Session.from(session)?.received(frame.pointee) }
            return 0
        }
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { _, _, stream, bytes, count, session in
            HTTP2Session.from(session)?.receivedData(stream, UnsafeBufferPointer(start: bytes, count: count))
            return 0
        }
        nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { _, frame, session in
            if let frame { HTTP2Session.from(session)?.sent(frame.pointee) }
            return 0
        }
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, stream, _, session in
            HTTP2Session.from(session)?.closed(stream)
            return 0
        }
    }

    deinit {
        nghttp2_session_callbacks_del(callbacks)
        nghttp2_option_del(option)
    }

    /// The user data are set afterwards: no callback is called before that.
    func makeSession(_ session: inout OpaquePointer?) -> CInt {
        nghttp2_session_server_new2(&session, callbacks, nil, option)
    }
}

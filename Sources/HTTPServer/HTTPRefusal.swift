public import NIOHTTP1

/// Why the server answers a request by itself, without its responder's ``HTTPResponder/respond(to:)-(HTTPRequest)``.
public struct HTTPRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// A short stable name of the cause, fit for a metric's label.
    public struct Reason: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
        public let rawValue: String

        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The bytes are not HTTP/1.1, or are a form that proxies read in different ways.
        public static let malformed = Reason(rawValue: "malformed")
        public static let unknownPath = Reason(rawValue: "unknown_path")
        public static let method = Reason(rawValue: "method")
        public static let contentType = Reason(rawValue: "content_type")
        public static let expectation = Reason(rawValue: "expectation")
        public static let transferCoding = Reason(rawValue: "transfer_coding")
        public static let bodyTooLarge = Reason(rawValue: "body_too_large")
        public static let headerTooLarge = Reason(rawValue: "header_too_large")
        public static let headerTimeout = Reason(rawValue: "header_timeout")
        public static let bodyTimeout = Reason(rawValue: "body_timeout")
        /// More body bytes in memory than ``HTTPServerLimits/bodyMemory``.
        public static let bodyMemory = Reason(rawValue: "body_memory")
        /// More connections than ``HTTPServerLimits/connections`` and none that can be spared; the connection is closed without an answer.
        public static let connectionLimit = Reason(rawValue: "connection_limit")
        /// The same for ``HTTPServerLimits/connectionsPerAddress``.
        public static let addressLimit = Reason(rawValue: "address_limit")
        /// An idle or unproductive connection was closed to make room for another.
        public static let connectionEvicted = Reason(rawValue: "connection_evicted")
        public static let handshakeTimeout = Reason(rawValue: "handshake_timeout")
        /// A client left its answer unread.
        public static let answerTimeout = Reason(rawValue: "answer_timeout")

        // Refusals of HTTP/2 connections, which end with GOAWAY.

        public static let http2Protocol = Reason(rawValue: "http2_protocol")
        public static let http2Resets = Reason(rawValue: "http2_resets")
        public static let http2EmptyFrames = Reason(rawValue: "http2_empty_frames")
        public static let http2Pings = Reason(rawValue: "http2_pings")
        public static let http2Settings = Reason(rawValue: "http2_settings")
        public static let http2ControlFrames = Reason(rawValue: "http2_control_frames")
        public static let http2Continuations = Reason(rawValue: "http2_continuations")
        public static let http2HeaderList = Reason(rawValue: "http2_header_list")

        public var description: String { rawValue }
    }

    public let reason: Reason
    public let status: HTTPResponseStatus
    /// One sentence for the caller. It repeats nothing the caller sent but a path, a method or a media type.
    public let message: String
    /// The methods a 405 lists in `Allow` (RFC 9110 section 15.5.6); empty for every other status.
    public let allowedMethods: [HTTPMethod]

    init(_ reason: Reason, _ status: HTTPResponseStatus, _ message: String, allowedMethods: [HTTPMethod] = []) {
        self.reason = reason
        self.status = status
        self.message = message
        self.allowedMethods = allowedMethods
    }

    public var description: String { "\(status.code) \(reason): \(message)" }

    static func malformed(_ message: String) -> HTTPRefusal {
        HTTPRefusal(.malformed, .badRequest, message)
    }

    static func headerTooLarge(_ limits: HTTPServerLimits) -> HTTPRefusal {
        HTTPRefusal(
            .headerTooLarge, .requestHeaderFieldsTooLarge,
            "the header is limited to \(limits.headerSize) bytes and \(limits.headerFields) fields")
    }

    static func bodyTooLarge(limit: Int) -> HTTPRefusal {
        HTTPRefusal(.bodyTooLarge, .payloadTooLarge, "the request body is limited to \(limit) bytes")
    }

    static let bodyMemory = HTTPRefusal(
        .bodyMemory, .serviceUnavailable, "the server holds as many request bodies as it has memory for; try again")

    static let bodyTimeout = HTTPRefusal(.bodyTimeout, .requestTimeout, "the request body did not arrive in time")
}

extension HTTPResponder {
    /// The answer to a refused request, with the fields that its status calls for.
    func answer(to refusal: HTTPRefusal) -> HTTPResponse {
        var response: HTTPResponse = respond(to: refusal)
        response.status = refusal.status
        if !refusal.allowedMethods.isEmpty {
            response.headers.replaceOrAdd(name: "Allow", value: refusal.allowedMethods.map(\.rawValue).joined(separator: ", "))
        }
        if refusal.status == .serviceUnavailable {
            response.headers.replaceOrAdd(name: "Retry-After", value: "1")
        }
        return response
    }
}

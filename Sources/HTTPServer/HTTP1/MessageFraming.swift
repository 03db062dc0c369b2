import NIOHTTP1

/// How a request's body ends (RFC 9112 section 6).
///
/// The decoder refuses a length beside a transfer coding, several lengths and codings that do not end in `chunked` by itself; these
/// are the checks it leaves to its user.
enum MessageFraming: Equatable {
    case sized(Int)
    case chunked

    /// The declared length; nil for a chunked body.
    var contentLength: Int? {
        switch self {
        case .sized(let length): length
        case .chunked: nil
        }
    }

    init(_ head: HTTPRequestHead) throws(HTTPRefusal) {
        // RFC 9112 section 3.2 demands this answer.
        let hosts = head.headers["host"].count
        guard hosts == 1 || (hosts == 0 && head.version == .http1_0) else {
            throw .malformed("the request needs one Host field")
        }
        let codings = head.headers["transfer-encoding"]
        let lengths = head.headers["content-length"]
        if !codings.isEmpty {
            guard lengths.isEmpty else {
                throw .malformed("a request cannot have both Content-Length and Transfer-Encoding")
            }
            // RFC 9112 section 6.1: framing that an HTTP/1.0 client cannot know is faulty.
            guard head.version != .http1_0 else {
                throw .malformed("an HTTP/1.0 request cannot have a Transfer-Encoding")
            }
            guard codings.count == 1, codings.first?.lowercased() == "chunked" else {
                throw HTTPRefusal(.transferCoding, .notImplemented, "the only transfer coding supported is chunked")
            }
            self = .chunked
        } else if let length = lengths.first {
            guard lengths.count == 1, length.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let count = Int(length) else {
                throw .malformed("the request needs one Content-Length that is a number")
            }
            self = .sized(count)
        } else {
            self = .sized(0)
        }
    }

    /// How the body of a request of HTTP/2 ends: with its stream. libnghttp2 has compared a declared length with what comes (RFC 9113
    /// section 8.1.1).
    ///
    /// - Parameter endsRequest: whether the header is all of it.
    init(http2 head: HTTPRequestHead, endsRequest: Bool) throws(HTTPRefusal) {
        guard !endsRequest else {
            self = .sized(0)
            return
        }
        guard let length = head.headers["content-length"].first else {
            self = .chunked
            return
        }
        guard let count = Int(length) else { throw .malformed("the Content-Length is too large a number") }
        self = .sized(count)
    }
}

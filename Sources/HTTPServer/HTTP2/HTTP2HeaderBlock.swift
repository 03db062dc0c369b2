import NIOHTTP1

/// A request's header block while it is decoded (RFC 9113 section 8.3). What libnghttp2 has let pass is well-formed: names in lower case,
/// the pseudo-header fields first, once each and complete.
struct HTTP2HeaderBlock {
    /// What a field takes beside its name and value (RFC 9113 section 6.5.2).
    private static let fieldOverhead = 32
    /// A block this many times over the limit is not even answered: a few bytes can stand for a large field (RFC 7541 section 7.3).
    private static let toleratedExcess = 8

    let isTrailers: Bool
    private let limits: HTTPServerLimits
    private(set) var method = HTTPMethod.GET
    private var path = ""
    private var authority: String?
    private var fields = HTTPHeaders()
    private var fieldCount = 0
    private var size = 0

    init(isTrailers: Bool, limits: HTTPServerLimits) {
        self.isTrailers = isTrailers
        self.limits = limits
    }

    var isTooLarge: Bool { size > limits.headerSize || fieldCount > limits.headerFields }

    var isBomb: Bool { size > Self.toleratedExcess * max(limits.headerSize, Self.fieldOverhead * limits.headerFields) }

    /// - Parameters: the bytes of a field as they were decoded; not kept.
    mutating func append(name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) {
        size += name.count + value.count + Self.fieldOverhead
        let isPseudo = name.first == UInt8(ascii: ":")
        if !isPseudo { fieldCount += 1 }
        // Trailers are dropped, and so is what is refused anyway.
        guard !isTrailers, !isTooLarge else { return }
        let name = String(decoding: name, as: UTF8.self)
        let value = String(decoding: value, as: UTF8.self)
        switch name {
        case ":method": method = HTTPMethod(rawValue: value)
        case ":path": path = value
        case ":authority": authority = value
        case _ where isPseudo: break
        default: fields.add(name: name, value: value)
        }
    }

    /// The request's head, with the authority as `Host`, as a request of HTTP/1.1 would have it.
    func makeHead() throws(HTTPRefusal) -> HTTPRequestHead {
        guard !isTooLarge else { throw .headerTooLarge(limits) }
        var headers = fields
        if let authority {
            // RFC 9113 section 8.3.1.
            guard headers[canonicalForm: "host"].allSatisfy({ $0 == authority }) else {
                throw .malformed("the Host field and the authority differ")
            }
            headers.replaceOrAdd(name: "host", value: authority)
        }
        return HTTPRequestHead(version: .http2, method: method, uri: path, headers: headers)
    }
}

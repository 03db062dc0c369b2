import NIOHTTP1

/// A request head that may send its body.
struct AdmittedHead: Sendable, Equatable {
    var route: HTTPRoute
    var target: RequestTarget
    /// The declared body length; nil when the body is chunked.
    var contentLength: Int?
    var expectsContinue: Bool
}

/// Judges request heads before their bodies are read.
struct RouteTable: Sendable {
    /// A few, so that comparing their paths takes less time than hashing the one that is asked for.
    private let routes: [HTTPRoute]

    init(_ routes: [HTTPRoute]) {
        self.routes = routes
    }

    /// Finds the route of a head whose framing was already checked.
    func admit(_ head: HTTPRequestHead, framing: MessageFraming) throws(HTTPRefusal) -> AdmittedHead {
        guard let target = RequestTarget(head.uri) else { throw .unknownPath }
        let route = try route(for: head.method, at: target.path)
        let expectsContinue = try Self.expectsContinue(head)
        try Self.checkContent(head, route: route)
        if let length = framing.contentLength, length > route.maximumBodySize {
            throw .bodyTooLarge(limit: route.maximumBodySize)
        }
        return AdmittedHead(
            route: route, target: target, contentLength: framing.contentLength,
            expectsContinue: expectsContinue && framing != .sized(0))
    }

    private func route(for method: HTTPMethod, at path: String) throws(HTTPRefusal) -> HTTPRoute {
        let sought = method == .HEAD ? .GET : method
        if let route = routes.first(where: { $0.path == path && ($0.method == method || $0.method == sought) }) { return route }
        let candidates = routes.filter { $0.path == path }
        guard !candidates.isEmpty else { throw .unknownPath }
        let allowed = candidates.flatMap { $0.method == .GET ? [.GET, .HEAD] : [$0.method] }
        throw HTTPRefusal(
            .method, .methodNotAllowed, "\(path) answers \(allowed.map(\.rawValue).joined(separator: ", ")) only", allowedMethods: allowed)
    }

    /// RFC 9110 section 10.1.1. An HTTP/1.0 client cannot expect anything.
    private static func expectsContinue(_ head: HTTPRequestHead) throws(HTTPRefusal) -> Bool {
        guard head.version != .http1_0, head.headers.contains(name: "expect") else { return false }
        let expectations = head.headers[canonicalForm: "expect"]
        guard expectations.allSatisfy({ $0.lowercased() == "100-continue" }) else {
            throw HTTPRefusal(.expectation, .expectationFailed, "the only expectation that can be met is 100-continue")
        }
        return !expectations.isEmpty
    }

    private static func checkContent(_ head: HTTPRequestHead, route: HTTPRoute) throws(HTTPRefusal) {
        guard let expected = route.contentType else { return }
        let types = head.headers["content-type"]
        guard types.count == 1, let type = types.first else {
            throw HTTPRefusal(.contentType, .unsupportedMediaType, "the request needs one Content-Type, \(expected)")
        }
        guard type == expected || essence(of: type) == expected.lowercased() else {
            throw HTTPRefusal(.contentType, .unsupportedMediaType, "the Content-Type must be \(expected)")
        }
        guard head.headers.contains(name: "content-encoding") else { return }
        guard head.headers[canonicalForm: "content-encoding"].allSatisfy({ $0.lowercased() == "identity" }) else {
            throw HTTPRefusal(.contentType, .unsupportedMediaType, "a Content-Encoding is not supported")
        }
    }

    /// The media type without its parameters.
    private static func essence(of type: String) -> String {
        var essence = type.prefix { $0 != ";" }
        while essence.last == " " || essence.last == "\t" { essence.removeLast() }
        return essence.lowercased()
    }
}

extension HTTPRefusal {
    fileprivate static let unknownPath = HTTPRefusal(.unknownPath, .notFound, "there is nothing at this path")
}

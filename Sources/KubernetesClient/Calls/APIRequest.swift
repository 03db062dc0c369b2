import HTTPCalls
import NIOCore
import NIOHTTP1

/// A request to the API server, but for the address and the credentials.
struct APIRequest: Sendable {
    let method: HTTPMethod
    /// From the root of the API, escaped.
    let path: String
    var query: [(name: String, value: String)] = []
    var body: Body?

    struct Body: Sendable {
        let contentType: String
        let bytes: ByteBuffer
    }

    init(_ method: HTTPMethod, _ path: String) {
        self.method = method
        self.path = path
    }

    mutating func ask(_ name: String, _ value: String?) {
        if let value { query.append((name, value)) }
    }

    /// What it is called in errors and logs: without its query.
    var title: String { "\(method.rawValue) \(path)" }

    var pathAndQuery: String {
        guard !query.isEmpty else { return path }
        return "\(path)?\(PercentEncoding.joined(query))"
    }

    /// Whether it changes nothing, so that it may be sent again whatever became of it.
    var isRead: Bool { method == .GET }
}

/// A whole answer of the API server.
struct APIAnswer: Sendable {
    let code: Int
    let retryAfter: Duration?
    let body: ByteBuffer
}

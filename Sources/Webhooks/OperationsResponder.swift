public import HTTPServer
import NIOCore
import NIOHTTP1

/// Answers probes on the operations listener: `/healthz` while the process lives, `/readyz` while every check passes.
public struct OperationsResponder: HTTPResponder {
    /// One condition of being ready.
    public struct Check: Sendable {
        public let name: String
        /// What is wrong; nil when nothing is.
        public let fault: @Sendable () -> String?

        public init(name: String, fault: @escaping @Sendable () -> String?) {
            self.name = name
            self.fault = fault
        }
    }

    private enum Path {
        static let health = "/healthz"
        static let readiness = "/readyz"
    }

    public static let routes = [Path.health, Path.readiness].map { HTTPRoute(path: $0, method: .GET) }

    private let checks: [Check]

    public init(checks: [Check]) {
        self.checks = checks
    }

    public func respond(to request: HTTPRequest) -> HTTPResponse {
        guard request.path == Path.readiness else { return Self.text("ok", .ok) }
        let results = checks.map { (name: $0.name, fault: $0.fault()) }
        let isReady = results.allSatisfy { $0.fault == nil }
        let verdict = isReady ? "readyz check passed" : "readyz check failed"
        guard !isReady || Self.isVerbose(request.query) else { return Self.text("ok", .ok) }
        let lines = results.map { result in
            result.fault.map { "[-]\(result.name) failed: \($0)" } ?? "[+]\(result.name) ok"
        }
        return Self.text((lines + [verdict]).joined(separator: "\n"), isReady ? .ok : .serviceUnavailable)
    }

    /// `?verbose`, as the API server's own probes have it.
    private static func isVerbose(_ query: String?) -> Bool {
        query?.split(separator: "&").contains { $0 == "verbose" || $0.hasPrefix("verbose=") } ?? false
    }

    private static func text(_ text: String, _ status: HTTPResponseStatus) -> HTTPResponse {
        HTTPResponse(status: status, headers: ["Content-Type": "text/plain; charset=utf-8"], body: ByteBuffer(string: text + "\n"))
    }
}

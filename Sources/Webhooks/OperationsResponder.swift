public import HTTPServer
import NIOCore
import NIOHTTP1
public import PrometheusMetrics

/// Answers on the operations listener: `/healthz` while the process lives, `/readyz` while every check passes, `/metrics` with what
/// was counted.
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
        static let metrics = "/metrics"
    }

    public static let routes = [Path.health, Path.readiness, Path.metrics].map { HTTPRoute(path: $0, method: .GET) }

    private let checks: [Check]
    private let metrics: PrometheusRegistry

    public init(checks: [Check], metrics: PrometheusRegistry = PrometheusRegistry()) {
        self.checks = checks
        self.metrics = metrics
    }

    public func respond(to request: HTTPRequest) -> HTTPResponse {
        switch request.path {
        case Path.metrics: HTTPResponse(status: .ok, headers: ["Content-Type": PrometheusRegistry.contentType], body: metrics.page())
        case Path.readiness: readiness(request)
        default: Self.text("ok", .ok)
        }
    }

    private func readiness(_ request: HTTPRequest) -> HTTPResponse {
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

import ArgumentParser
import HTTPServer
import Webhooks

/// What one client may take of the webhook listener.
struct Limits {
    var server = HTTPServerLimits()
    var bodies = WebhookResponder.BodyLimits()
    var jsonDepth = WebhookResponder.defaultMaximumJSONDepth
}

/// The options for ``Limits``. `docs/limits.md` says what a client sees of each.
struct LimitOptions: ParsableArguments {
    @Option(help: "Largest body of an admission review. [DBMMO_MAX_ADMISSION_BODY_SIZE] (default: 8Mi)")
    var maxAdmissionBodySize: ByteSize?

    @Option(help: "Largest body of a conversion review. [DBMMO_MAX_CONVERSION_BODY_SIZE] (default: 64Mi)")
    var maxConversionBodySize: ByteSize?

    @Option(help: "Memory that large bodies and unsent answers of all connections share. [DBMMO_MAX_BODY_MEMORY] (default: 512Mi)")
    var maxBodyMemory: ByteSize?

    @Option(help: "Deepest nesting of JSON, in levels. [DBMMO_MAX_JSON_DEPTH] (default: 512)")
    var maxJsonDepth: Int?

    @Option(help: "Largest request line and header fields together. [DBMMO_MAX_HEADER_SIZE] (default: 16Ki)")
    var maxHeaderSize: ByteSize?

    @Option(help: "Most fields in a header. [DBMMO_MAX_HEADER_FIELDS] (default: 100)")
    var maxHeaderFields: Int?

    @Option(help: "Open connections; for one more, one that can be spared is closed. [DBMMO_MAX_CONNECTIONS] (default: 1024)")
    var maxConnections: Int?

    @Option(
        help: "Open connections from one address. [DBMMO_MAX_CONNECTIONS_PER_ADDRESS] (default: half of all)")
    var maxConnectionsPerAddress: Int?

    @Option(help: "Time for a TLS handshake. [DBMMO_HANDSHAKE_TIMEOUT] (default: 10s)")
    var handshakeTimeout: Interval?

    @Option(help: "Time until a request's header is complete. [DBMMO_HEADER_TIMEOUT] (default: 10s)")
    var headerTimeout: Interval?

    @Option(help: "Time from there until the body is complete. [DBMMO_BODY_TIMEOUT] (default: 30s)")
    var bodyTimeout: Interval?

    @Option(help: "Least bytes of a body in a second, after five seconds; 0 for none. [DBMMO_MIN_BODY_RATE] (default: 1Ki)")
    var minBodyRate: ByteSize?

    @Option(help: "Time without a request, or with an unread answer, until a connection is closed. [DBMMO_IDLE_TIMEOUT] (default: 90s)")
    var idleTimeout: Interval?

    @Option(help: "HTTP/2: requests under way on a connection. [DBMMO_HTTP2_MAX_STREAMS] (default: 128)")
    var http2MaxStreams: Int?

    @Option(help: "HTTP/2: streams reset in a second on a connection. [DBMMO_HTTP2_MAX_RESETS] (default: 200)")
    var http2MaxResets: Int?

    @Option(help: "HTTP/2: frames without content in a second. [DBMMO_HTTP2_MAX_EMPTY_FRAMES] (default: 200)")
    var http2MaxEmptyFrames: Int?

    @Option(help: "HTTP/2: PING frames in a second. [DBMMO_HTTP2_MAX_PINGS] (default: 50)")
    var http2MaxPings: Int?

    @Option(help: "HTTP/2: SETTINGS frames in a second. [DBMMO_HTTP2_MAX_SETTINGS] (default: 20)")
    var http2MaxSettings: Int?

    @Option(
        help: "HTTP/2: frames in a second that carry no part of a request. [DBMMO_HTTP2_MAX_CONTROL_FRAMES] (default: 20000)")
    var http2MaxControlFrames: Int?

    /// The limits that options and environment give, with defaults for the others.
    ///
    /// - Throws: a usage error for a value that makes no sense.
    func resolve() throws -> Limits {
        var limits = Limits()
        try resolveSizes(&limits)
        try resolveTimes(&limits.server)
        try resolveHTTP2(&limits.server)
        return limits
    }

    private func resolveSizes(_ limits: inout Limits) throws {
        let bodySize = ByteSize.kibibytes(1)...ByteSize.gibibytes(1)
        try set(&limits.bodies.admission, maxAdmissionBodySize, "max-admission-body-size", bodySize)
        try set(&limits.bodies.conversion, maxConversionBodySize, "max-conversion-body-size", bodySize)
        let largestBody = max(limits.bodies.admission, limits.bodies.conversion)
        try set(&limits.server.bodyMemory, maxBodyMemory, "max-body-memory", .kibibytes(1)...(.gibibytes(1024)))
        guard limits.server.bodyMemory >= largestBody else {
            throw Failure.usage("--max-body-memory must have room for the largest body, \(ByteSize(bytes: largestBody))")
        }
        // Deeper texts than the default would make the functions that walk them use more stack than was tried.
        try set(&limits.jsonDepth, maxJsonDepth, "max-json-depth", 16...WebhookResponder.defaultMaximumJSONDepth)
        try set(&limits.server.headerSize, maxHeaderSize, "max-header-size", .kibibytes(1)...(.mebibytes(1)))
        try set(&limits.server.headerFields, maxHeaderFields, "max-header-fields", 10...10_000)
        try set(&limits.server.connections, maxConnections, "max-connections", 1...1_000_000)
        limits.server.connectionsPerAddress = try Setting.resolve(
            maxConnectionsPerAddress, "--max-connections-per-address", in: 1...1_000_000)
    }

    private func resolveTimes(_ limits: inout HTTPServerLimits) throws {
        let times = Interval.milliseconds(100)...Interval.seconds(3600)
        try set(&limits.handshakeTimeout, handshakeTimeout, "handshake-timeout", times)
        try set(&limits.headerTimeout, headerTimeout, "header-timeout", times)
        try set(&limits.bodyTimeout, bodyTimeout, "body-timeout", times)
        try set(&limits.idleTimeout, idleTimeout, "idle-timeout", times)
        try set(&limits.minimumBodyRate, minBodyRate, "min-body-rate", ByteSize(bytes: 0)...(.gibibytes(1)))
    }

    private func resolveHTTP2(_ limits: inout HTTPServerLimits) throws {
        try set(&limits.concurrentStreams, http2MaxStreams, "http2-max-streams", 1...10_000)
        let rate = 1...1_000_000
        try set(&limits.streamResetsPerSecond, http2MaxResets, "http2-max-resets", rate)
        try set(&limits.emptyFramesPerSecond, http2MaxEmptyFrames, "http2-max-empty-frames", rate)
        try set(&limits.pingsPerSecond, http2MaxPings, "http2-max-pings", rate)
        try set(&limits.settingsPerSecond, http2MaxSettings, "http2-max-settings", rate)
        try set(&limits.controlFramesPerSecond, http2MaxControlFrames, "http2-max-control-frames", rate)
    }

    private func set(_ limit: inout Int, _ option: Int?, _ name: String, _ range: ClosedRange<Int>) throws {
        limit = try Setting.resolve(option, "--\(name)", in: range) ?? limit
    }

    private func set(_ limit: inout Int, _ option: ByteSize?, _ name: String, _ range: ClosedRange<ByteSize>) throws {
        limit = try Setting.resolve(option, "--\(name)", in: range)?.bytes ?? limit
    }

    private func set(_ limit: inout Duration, _ option: Interval?, _ name: String, _ range: ClosedRange<Interval>) throws {
        limit = try Setting.resolve(option, "--\(name)", in: range)?.duration ?? limit
    }
}

import AsyncHTTPClient
import Glibc
import HTTPCalls
import Logging
import NIOCore
import NIOHTTP1

/// Carries requests to the API server over connections that are kept.
///
/// There are two clients, since a watch holds its connection for minutes. Both speak HTTP/1.1: each call that hangs or is cut then costs
/// its own connection only.
struct HTTPTransport: Sendable {
    /// More is not read of one answer, in bytes.
    private static let answerLimit = 256 << 20

    private let callClient: HTTPClient
    private let watchClient: HTTPClient
    private let root: String
    private let userAgent: String
    private let access: AccessProvider

    init(_ configuration: ClusterConfiguration, userAgent: String, eventLoopGroup: any EventLoopGroup) {
        let settings = Self.settings(configuration)
        callClient = HTTPClient(eventLoopGroupProvider: .shared(eventLoopGroup), configuration: settings)
        watchClient = HTTPClient(eventLoopGroupProvider: .shared(eventLoopGroup), configuration: settings)
        root = configuration.server.url(host: configuration.tlsServerName)
        self.userAgent = userAgent
        access = AccessProvider(configuration)
    }

    private static func settings(_ configuration: ClusterConfiguration) -> HTTPClient.Configuration {
        var settings = HTTPClient.Configuration()
        settings.redirectConfiguration = .disallow
        settings.decompression = .disabled
        settings.httpVersion = .http1Only
        // Each call and each watch has a deadline of its own.
        settings.timeout = HTTPClient.Configuration.Timeout(connect: .seconds(10))
        // Whether to try again is decided in one place, by RetryPolicy.
        settings.connectionPool.retryConnectionEstablishment = false
        // One for each kind that is watched; calls wait for each other beyond this.
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        if let name = configuration.tlsServerName { settings.dnsOverride = [name: configuration.server.host] }
        settings.proxy = configuration.proxy.map { proxy in
            switch proxy.kind {
            case .http: .server(host: proxy.host, port: proxy.port)
            case .socks5: .socksServer(host: proxy.host, port: proxy.port)
            }
        }
        settings.http1_1ConnectionDebugInitializer = keepAlive
        return settings
    }

    /// Has the kernel ask the other side after 15 s of silence whether it is there, so that a peer that vanished is known after 30 s, also
    /// while a watch has nothing to tell.
    private static let keepAlive: @Sendable (any Channel) -> EventLoopFuture<Void> = { channel in
        let options: [(NIOBSDSocket.OptionLevel, NIOBSDSocket.Option, ChannelOptions.Types.SocketOption.Value)] = [
            (.socket, .so_keepalive, 1),
            (.tcp, NIOBSDSocket.Option(rawValue: TCP_KEEPIDLE), 15),
            (.tcp, NIOBSDSocket.Option(rawValue: TCP_KEEPINTVL), 5),
            (.tcp, NIOBSDSocket.Option(rawValue: TCP_KEEPCNT), 3),
            // The same for what we sent and nobody acknowledged, in milliseconds.
            (.tcp, NIOBSDSocket.Option(rawValue: TCP_USER_TIMEOUT), 30_000)
        ]
        let changes = options.map { level, name, value in
            channel.setOption(ChannelOptions.Types.SocketOption(level: level, name: name), value: value)
        }
        return .andAllSucceed(changes, on: channel.eventLoop)
    }

    func shutdown() async {
        // The only failure is that it was shut down before.
        try? await callClient.shutdown()
        try? await watchClient.shutdown()
    }

    // MARK: Calls

    /// Sends a request once, or twice when the credentials were refused and there are others.
    func send(_ request: APIRequest, until deadline: ContinuousClock.Instant) async throws(KubernetesError) -> APIAnswer {
        let first = try await grant(request, deadline)
        let answer = try await exchange(request, first, deadline)
        guard answer.code == 401 else { return answer }
        await access.refuse(first)
        let second = try await grant(request, deadline)
        return second.generation == first.generation ? answer : try await exchange(request, second, deadline)
    }

    private func exchange(_ request: APIRequest, _ access: Access, _ deadline: ContinuousClock.Instant) async throws(KubernetesError)
        -> APIAnswer
    {
        let outbound = outbound(request, access)
        return try await translating(request) {
            try await withDeadline(deadline) {
                let response = try await callClient.execute(outbound, deadline: .distantFuture)
                return APIAnswer(
                    code: Int(response.status.code), retryAfter: Self.retryAfter(response.headers),
                    body: try await response.body.collect(upTo: Self.answerLimit))
            }
        }
    }

    // MARK: Streams

    /// Sends a request whose answer goes on for long, and hands over its parts as they come.
    ///
    /// - Parameters:
    ///   - deadline: For all of it.
    ///   - receive: Called with each part, in order.
    /// - Returns: An answer with an empty body after the end of a successful answer; the whole answer when it tells of a failure.
    func stream(
        _ request: APIRequest, until deadline: ContinuousClock.Instant, _ receive: @escaping @Sendable (ByteBuffer) throws -> Void
    ) async throws(KubernetesError) -> APIAnswer {
        let access = try await grant(request, deadline)
        let outbound = outbound(request, access)
        let answer = try await translating(request) {
            try await withDeadline(deadline) {
                let response = try await watchClient.execute(outbound, deadline: .distantFuture)
                let (code, retryAfter) = (Int(response.status.code), Self.retryAfter(response.headers))
                guard response.status == .ok else {
                    return APIAnswer(code: code, retryAfter: retryAfter, body: try await response.body.collect(upTo: Self.answerLimit))
                }
                for try await part in response.body { try receive(part) }
                return APIAnswer(code: code, retryAfter: retryAfter, body: ByteBuffer())
            }
        }
        if answer.code == 401 { await self.access.refuse(access) }
        return answer
    }

    // MARK: Parts of both

    private func grant(_ request: APIRequest, _ deadline: ContinuousClock.Instant) async throws(KubernetesError) -> Access {
        do {
            return try await withDeadline(deadline) { try await access.current() }
        } catch let error as ConfigurationError {
            throw KubernetesError(.credentials(error), call: request.title)
        } catch {
            throw KubernetesError(error is DeadlineExceeded ? .timeout : .cancelled, call: request.title)
        }
    }

    private func outbound(_ request: APIRequest, _ access: Access) -> HTTPClientRequest {
        var outbound = HTTPClientRequest(url: root + request.pathAndQuery)
        outbound.method = request.method
        outbound.tlsConfiguration = access.tls
        outbound.headers = ["User-Agent": userAgent, "Accept": "application/json"]
        if let authorization = access.authorization { outbound.headers.add(name: "Authorization", value: authorization.value) }
        if let body = request.body {
            outbound.headers.add(name: "Content-Type", value: body.contentType)
            outbound.body = .bytes(body.bytes)
        }
        return outbound
    }

    /// Does something for a request, and makes our error of whatever it throws.
    private func translating<Result: Sendable>(
        _ request: APIRequest, _ operation: () async throws -> Result
    ) async throws(KubernetesError) -> Result {
        do {
            return try await operation()
        } catch {
            // What is thrown when a task ends says little of it.
            if Task.isCancelled { throw KubernetesError(.cancelled, call: request.title) }
            switch error {
            case let error as KubernetesError: throw error
            case is DeadlineExceeded: throw KubernetesError(.timeout, call: request.title)
            // In full it would show header fields.
            case let error as HTTPClientError: throw KubernetesError(.transport(error.shortDescription), call: request.title)
            default: throw KubernetesError(.transport("\(error)"), call: request.title)
            }
        }
    }

    /// RFC 9110, section 10.2.3, as a number of seconds: the API server never sends a date.
    private static func retryAfter(_ headers: HTTPHeaders) -> Duration? {
        guard let seconds = headers.first(name: "Retry-After").flatMap({ Int64($0) }), seconds >= 0 else { return nil }
        return .seconds(seconds)
    }
}

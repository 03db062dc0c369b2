import AsyncHTTPClient
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
        var settings = HTTPClient.Configuration.calls
        // One for each kind that is watched; calls wait for each other beyond this.
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        if let name = configuration.tlsServerName { settings.dnsOverride = [name: configuration.server.host] }
        settings.proxy = configuration.proxy.map { proxy in
            switch proxy.kind {
            case .http: .server(host: proxy.host, port: proxy.port)
            case .socks5: .socksServer(host: proxy.host, port: proxy.port)
            }
        }
        return settings
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
        do throws(HTTPCallFailure) {
            let answer = try await callClient.answer(to: outbound, until: deadline, limit: Self.answerLimit)
            return APIAnswer(code: answer.status, retryAfter: answer.retryAfter, body: answer.body)
        } catch {
            throw Self.error(error, request)
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
        let answer: APIAnswer
        do {
            answer = try await withDeadline(deadline) {
                let response = try await watchClient.execute(outbound, deadline: .distantFuture)
                let (code, retryAfter) = (Int(response.status.code), response.headers.retryAfter)
                guard response.status == .ok else {
                    return APIAnswer(code: code, retryAfter: retryAfter, body: try await response.body.collect(upTo: Self.answerLimit))
                }
                for try await part in response.body { try receive(part) }
                return APIAnswer(code: code, retryAfter: retryAfter, body: ByteBuffer())
            }
        } catch let error as KubernetesError where !Task.isCancelled {
            throw error
        } catch {
            throw Self.error(HTTPCallFailure(error), request)
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

    private static func error(_ failure: HTTPCallFailure, _ request: APIRequest) -> KubernetesError {
        switch failure {
        case .timeout: KubernetesError(.timeout, call: request.title)
        case .cancelled: KubernetesError(.cancelled, call: request.title)
        case .transport(let text): KubernetesError(.transport(text), call: request.title)
        }
    }
}

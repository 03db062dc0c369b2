public import Logging
public import NIOCore
public import NIOPosix
public import ServiceLifecycle
import JSON
import KubernetesAPI

/// A client of one API server.
///
/// Every call has a deadline for all of it, its retries included. What the API server is too busy for (429, 503) is sent again when it says
/// so, reads also after a broken connection; everything else is the caller's to decide.
///
/// Shut it down when it is no longer needed, after everything that uses it: run it as the first service of a group, or call ``shutdown()``.
public final class KubernetesClient: Service {
    /// How long a call may take unless it says otherwise.
    public static let defaultDeadline = Duration.seconds(30)

    /// The namespace of the configuration.
    public let namespace: String?

    private let transport: HTTPTransport
    private let policy: RetryPolicy
    private let logger: Logger

    /// - Parameters:
    ///   - userAgent: What the API server's logs call us.
    ///   - eventLoopGroup: Where its connections live.
    public convenience init(
        _ configuration: ClusterConfiguration, userAgent: String = "dbmmo",
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton, logger: Logger
    ) {
        self.init(configuration, userAgent: userAgent, eventLoopGroup: eventLoopGroup, policy: RetryPolicy(), logger: logger)
    }

    init(
        _ configuration: ClusterConfiguration, userAgent: String = "dbmmo",
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton, policy: RetryPolicy, logger: Logger
    ) {
        namespace = configuration.namespace
        transport = HTTPTransport(configuration, userAgent: userAgent, eventLoopGroup: eventLoopGroup)
        self.policy = policy
        self.logger = logger
    }

    /// Waits for graceful shutdown or cancellation, and shuts the client down.
    public func run() async {
        try? await gracefulShutdown()
        await shutdown()
    }

    /// Closes all connections. What is under way fails.
    public func shutdown() async {
        await transport.shutdown()
    }

    // MARK: What calls are made of

    /// Sends a request until there is a successful answer, or a failure that lasts.
    func answer(to request: APIRequest, within limit: Duration) async throws(KubernetesError) -> APIAnswer {
        let deadline = ContinuousClock.now + limit
        var attempt = 1
        while true {
            let failure: RetryPolicy.Failure
            let error: KubernetesError
            do throws(KubernetesError) {
                let answer = try await transport.send(request, until: deadline)
                guard !(200...299).contains(answer.code) else { return answer }
                failure = .status(answer.code, retryAfter: answer.retryAfter)
                error = Self.failure(answer, of: request)
            } catch let caught {
                guard case .transport = caught.cause else { throw caught }
                failure = .transport
                error = caught
            }
            guard let pause = policy.pause(after: attempt, failure, isRead: request.isRead, jitter: .random(in: 0...1)),
                ContinuousClock.now + pause < deadline
            else { throw error }
            logger.debug("asked again after a failure", metadata: ["error": "\(error)", "pause": "\(pause)", "attempt": "\(attempt)"])
            guard (try? await Task.sleep(for: pause)) != nil else { throw KubernetesError(.cancelled, call: request.title) }
            attempt += 1
        }
    }

    /// Sends a request whose answer goes on for long.
    func stream(
        _ request: APIRequest, until deadline: ContinuousClock.Instant, _ receive: @escaping @Sendable (ByteBuffer) throws -> Void
    ) async throws(KubernetesError) {
        let answer = try await transport.stream(request, until: deadline, receive)
        guard answer.code == 200 else { throw Self.failure(answer, of: request) }
    }

    /// The error that an answer tells of. Proxies and the API server's filters also answer with other texts than a Status.
    private static func failure(_ answer: APIAnswer, of request: APIRequest) -> KubernetesError {
        let root = try? JSONDocument(parsing: answer.body).root
        let status = root.flatMap { Status($0, code: answer.code) } ?? .failure(code: answer.code, "HTTP \(answer.code)")
        return KubernetesError(.status(status), call: request.title, retryAfter: answer.retryAfter)
    }

    /// Sends a request whose answer is an object.
    func object(_ request: APIRequest, within limit: Duration) async throws(KubernetesError) -> KubernetesObject {
        let root = try Self.json(try await answer(to: request, within: limit), of: request)
        guard let object = KubernetesObject(copying: root) else {
            throw KubernetesError(.malformedAnswer("an object without a name"), call: request.title)
        }
        return object
    }

    static func json(_ answer: APIAnswer, of request: APIRequest) throws(KubernetesError) -> JSONValue {
        do throws(JSONParseError) {
            return try JSONDocument(parsing: answer.body).root
        } catch {
            throw KubernetesError(.malformedAnswer("\(error)"), call: request.title)
        }
    }
}

import AsyncHTTPClient
import FoundationEssentials
import HTTPCalls
import JSON
public import Logging
import NIOConcurrencyHelpers
public import NIOCore
import NIOHTTP1

/// A client of Resource Manager and of the authorities that give tokens for it.
///
/// A request is sent once, or twice when a token was refused and there is another; everything else is the caller's to decide. Shut it down
/// when it is no longer needed, after everything that uses it.
public final class AzureClient: FlexibleServers {
    /// More is not read of one answer, in bytes.
    private static let answerLimit = 16 << 20
    /// Where Azure does not say for how long it wants to be left alone.
    private static let usualThrottle = Duration.seconds(10)

    let options: Options
    private let client: HTTPClient
    private let tokens: TokenProvider
    private let gate = NIOLockedValueBox(ThrottleGate())
    private let logger: Logger

    /// - Parameter eventLoopGroup: Where the connections live; nil for the one that the process has.
    public init(options: Options = Options(), eventLoopGroup: (any EventLoopGroup)? = nil, logger: Logger) {
        self.options = options
        self.logger = logger
        var settings = HTTPClient.Configuration.calls
        // Before those in front of Azure close a connection, possibly just when we write into it.
        settings.connectionPool.idleTimeout = .seconds(30)
        client = HTTPClient(eventLoopGroupProvider: .shared(eventLoopGroup ?? HTTPClient.defaultEventLoopGroup), configuration: settings)
        tokens = TokenProvider(
            Authority(
                client: client, userAgent: UserAgent.text([options.userAgent]), timeLimit: options.timeLimit,
                federatedTokenFile: options.federatedTokenFile, leastInterval: options.leastPause, logger: logger))
    }

    /// Closes all connections. What is under way fails.
    public func shutdown() async {
        // The only failure is that it was shut down before.
        try? await client.shutdown()
    }

    // MARK: What calls are made of

    var pause: OperationPause { OperationPause(least: options.leastPause) }

    /// An answer, whatever it says.
    struct Reply {
        let answer: HTTPAnswer
        /// For the texts of the answer.
        let redaction: Redaction

        var isSuccess: Bool { (200...299).contains(answer.status) }
    }

    /// Sends a request, with a token.
    ///
    /// - Parameter deadline: Nil for the usual one.
    func reply(
        to request: AzureRequest, _ account: AzureAccount, until deadline: ContinuousClock.Instant? = nil
    ) async throws(AzureError) -> Reply {
        let deadline = deadline ?? .now + options.timeLimit
        let scope = ThrottleGate.Scope(account, subscription: request.subscription)
        try checkGate(scope, request)
        var token = try await tokens.token(account, until: deadline, call: request.title)
        // Somebody may have been told to wait while we waited for the token.
        try checkGate(scope, request)
        var answer = try await exchange(request, account, token, deadline)
        if answer.status == 401, await tokens.refuse(token, of: account) {
            token = try await tokens.token(account, until: deadline, call: request.title)
            answer = try await exchange(request, account, token, deadline)
            if answer.status != 401 { await tokens.accept(account) }
        }
        if answer.status == 429 || (answer.status == 503 && answer.retryAfter != nil) {
            let pause = answer.retryAfter ?? Self.usualThrottle
            gate.withLockedValue { $0.close(scope, for: pause, at: .now) }
            throw AzureError(.throttled, call: request.title, retryAfter: pause)
        }
        return Reply(answer: answer, redaction: Redaction(request.secrets + account.secrets + [token]))
    }

    /// Sends a request that has to succeed.
    func success(
        _ request: AzureRequest, _ account: AzureAccount, until deadline: ContinuousClock.Instant? = nil
    ) async throws(AzureError) -> HTTPAnswer {
        let reply = try await reply(to: request, account, until: deadline)
        guard reply.isSuccess else { throw failure(ErrorDocument(reply.answer, reply.redaction), reply, request) }
        return reply.answer
    }

    func failure(_ document: ErrorDocument, _ reply: Reply, _ request: AzureRequest) -> AzureError {
        AzureError(
            .status(reply.answer.status, code: document.cause.code, message: document.cause.message), call: request.title,
            retryAfter: reply.answer.retryAfter)
    }

    /// Makes a value of an answer.
    func read<Value>(
        _ answer: HTTPAnswer, _ request: AzureRequest, _ body: (JSONValue) throws(MalformedDocument) -> Value
    ) throws(AzureError) -> Value {
        do throws(MalformedDocument) {
            return try body(try answer.json())
        } catch {
            throw AzureError(.malformedAnswer(error.text), call: request.title)
        }
    }

    private func checkGate(_ scope: ThrottleGate.Scope, _ request: AzureRequest) throws(AzureError) {
        guard let remaining = gate.withLockedValue({ $0.remaining(scope, at: .now) }) else { return }
        throw AzureError(.throttled, call: request.title, retryAfter: remaining)
    }

    private func exchange(
        _ request: AzureRequest, _ account: AzureAccount, _ token: Secret, _ deadline: ContinuousClock.Instant
    ) async throws(AzureError) -> HTTPAnswer {
        let id = UUID().uuidString.lowercased()
        var outbound = HTTPClientRequest(url: account.endpoints.resourceManager.withoutSlashes + request.target)
        outbound.method = request.method
        outbound.headers = [
            "User-Agent": UserAgent.text([options.userAgent, account.userAgent]), "Accept": "application/json",
            "Authorization": "Bearer \(token.value)", "x-ms-client-request-id": id
        ]
        if let body = request.body {
            outbound.headers.add(name: "Content-Type", value: "application/json")
            outbound.body = .bytes(body)
        }
        let answer: HTTPAnswer
        do throws(HTTPCallFailure) {
            answer = try await client.answer(to: outbound, until: deadline, limit: Self.answerLimit)
        } catch {
            logger.debug("no answer of Azure", metadata: ["call": "\(request.title)", "request.id": "\(id)", "error": "\(error)"])
            throw AzureError(error, call: request.title)
        }
        logger.debug(
            "asked Azure",
            metadata: [
                "call": "\(request.title)", "request.id": "\(id)", "status": "\(answer.status)",
                "azure.request.id": "\(Redaction([token]).code(answer.headers.first(name: "x-ms-request-id") ?? ""))"
            ])
        return answer
    }
}

extension AzureAccount {
    /// What must not be seen of it.
    fileprivate var secrets: [Secret] {
        guard case .clientSecret(let secret) = signIn else { return [] }
        return [secret]
    }
}

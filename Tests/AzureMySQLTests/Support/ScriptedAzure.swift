import AzureMySQL
import HTTPCalls
import Logging
import NIOConcurrencyHelpers
import TestSupport

/// A client, and a server that is both its authority and its Resource Manager.
struct ScriptedAzure: Sendable {
    static let id = ServerID(subscription: "s-1", resourceGroup: "shop", name: "orders")
    static let path = "/subscriptions/s-1/resourceGroups/shop/providers/Microsoft.DBforMySQL/flexibleServers/orders"
    static let version = "?api-version=2023-12-30"

    let client: AzureClient
    let server: ScriptedServer
    let log: LogLines

    func account(_ signIn: SignIn = .clientSecret(Secret("cl!ent secret")), userAgent: String? = nil) -> AzureAccount {
        let endpoints = AzureEndpoints(resourceManager: server.url, authority: server.url, audience: "https://manage.test")
        return AzureAccount(endpoints: endpoints, tenant: "t/1", client: "c-1", signIn: signIn, userAgent: userAgent)
    }

    /// What was sent to Resource Manager, or to the authority.
    var calls: [ScriptedServer.Request] { server.requests.filter { !$0.isSignIn } }
    var signIns: [ScriptedServer.Request] { server.requests.filter(\.isSignIn) }

    /// - Parameters:
    ///   - signIn: What the authority answers; by default the tokens `token-1`, `token-2`, …
    ///   - handler: What Resource Manager answers. It is given its own URL in place of `URL`.
    static func with<Result: Sendable>(
        options: AzureClient.Options = AzureClient.Options(), signIn: ScriptedServer.Handler? = nil,
        _ handler: @escaping ScriptedServer.Handler = { _ in [.answer(500, "")] },
        _ body: @escaping @Sendable (ScriptedAzure) async throws -> Result
    ) async throws -> Result {
        let tokens = NIOLockedValueBox(0)
        let authority: ScriptedServer.Handler =
            signIn ?? { _ in
                let number = tokens.withLockedValue { number in
                    number += 1
                    return number
                }
                return [.answer(200, tokenText("token-\(number)"))]
            }
        return try await ScriptedServer.with({ request in
            await request.isSignIn ? authority(request) : handler(request)
        }) { server in
            let log = LogLines()
            let client = AzureClient(options: options, logger: log.logger)
            return try await withCleanup({ await client.shutdown() }) {
                try await body(ScriptedAzure(client: client, server: server, log: log))
            }
        }
    }
}

extension ScriptedServer.Request {
    var isSignIn: Bool { target.contains("/oauth2/") }
}

func tokenText(_ token: String, life: Int = 3600, refreshToken: String? = nil) -> String {
    let refresh = refreshToken.map { #", "refresh_token": "\#($0)""# } ?? ""
    return #"{"token_type": "Bearer", "expires_in": \#(life), "access_token": "\#(token)"\#(refresh)}"#
}

func errorText(_ code: String, _ message: String = "a message") -> String {
    #"{"error": {"code": "\#(code)", "message": "\#(message)"}}"#
}

/// Everything that was logged.
final class LogLines: Sendable {
    private let lines = NIOLockedValueBox<[String]>([])

    var text: String { lines.withLockedValue { $0.joined(separator: "\n") } }

    var logger: Logger {
        var logger = Logger(label: "test") { _ in Handler(lines: self.lines) }
        logger.logLevel = .trace
        return logger
    }

    private struct Handler: LogHandler {
        let lines: NIOLockedValueBox<[String]>
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            lines.withLockedValue { $0.append("\(event.message) \(event.metadata ?? [:])") }
        }
    }
}

/// The error of a call.
func failure<Result>(_ body: () async throws(AzureError) -> Result) async -> AzureError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error
    }
}

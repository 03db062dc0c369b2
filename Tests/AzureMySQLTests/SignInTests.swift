import AzureMySQL
import HTTPCalls
import NIOConcurrencyHelpers
import TestSupport
import Testing

@Suite("signing in", .timeLimit(.minutes(1)))
struct SignInTests {
    private static let serverText = #"{"id": "i", "name": "orders"}"#
    private let found: ScriptedServer.Handler = { _ in [.answer(200, serverText)] }

    /// What the form says, by its names.
    private func fields(_ request: ScriptedServer.Request?) -> [String] {
        request?.body.split(separator: "&").map(String.init).sorted() ?? []
    }

    @Test("with a secret: one request for all who ask, and only the token goes to Resource Manager")
    func clientSecret() async throws {
        try await ScriptedAzure.with(found) { azure in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 { group.addTask { _ = try await azure.client.server(ScriptedAzure.id, azure.account()) } }
                try await group.waitForAll()
            }
            #expect(azure.signIns.count == 1)
            #expect(azure.signIns.first?.target == "/t%2F1/oauth2/v2.0/token")
            #expect(
                fields(azure.signIns.first) == [
                    "client_id=c-1", "client_secret=cl%21ent%20secret", "grant_type=client_credentials",
                    "scope=https%3A%2F%2Fmanage.test%2F.default"
                ])
            #expect(azure.signIns.first?.headers["authorization"] == nil)
            #expect(
                azure.calls.count == 20 && azure.calls.allSatisfy { $0.headers["authorization"] == "Bearer token-1" && $0.body.isEmpty })
            #expect(!azure.log.text.contains("token-1") && !azure.log.text.contains("cl!ent") && azure.log.text.contains("status"))
        }
    }

    @Test("another account, or the same with another secret, has another token; another user agent makes no difference")
    func accounts() async throws {
        try await ScriptedAzure.with(found) { azure in
            for account in [azure.account(), azure.account(.clientSecret(Secret("other"))), azure.account(userAgent: "x")] {
                _ = try await azure.client.server(ScriptedAzure.id, account)
            }
            #expect(azure.calls.map { $0.headers["authorization"] } == ["Bearer token-1", "Bearer token-2", "Bearer token-1"])
        }
    }

    @Test("a token that ends soon is replaced while it is still used")
    func renewal() async throws {
        let number = NIOLockedValueBox(0)
        let short: ScriptedServer.Handler = { _ in
            let number = number.withLockedValue { number in
                number += 1
                return number
            }
            return [.answer(200, tokenText("token-\(number)", life: number == 1 ? 2 : 3600))]
        }
        try await ScriptedAzure.with(signIn: short, found) { azure in
            _ = try await azure.client.server(ScriptedAzure.id, azure.account())
            try await Task.sleep(for: .milliseconds(1650))
            _ = try await azure.client.server(ScriptedAzure.id, azure.account())
            try await poll("there is another token") {
                _ = try await azure.client.server(ScriptedAzure.id, azure.account())
                return azure.calls.last?.headers["authorization"] == "Bearer token-2"
            }
            #expect(azure.signIns.count == 2)
        }
    }

    @Test("a token that Resource Manager refuses is replaced once, and not again by the next call")
    func refusedTokens() async throws {
        let accepted = NIOLockedValueBox("token-2")
        let handler: ScriptedServer.Handler = { request in
            let isAccepted = request.headers["authorization"] == "Bearer \(accepted.withLockedValue { $0 })"
            return isAccepted ? [.answer(200, Self.serverText)] : [.answer(401, errorText("ExpiredAuthenticationToken"))]
        }
        try await ScriptedAzure.with(handler) { azure in
            let server = try await azure.client.server(ScriptedAzure.id, azure.account())
            #expect(server?.name == "orders")
            accepted.withLockedValue { $0 = "none" }
            for _ in 0..<3 {
                let error = await failure { () throws(AzureError) in try await azure.client.server(ScriptedAzure.id, azure.account()) }
                #expect(error?.cause == .status(401, code: "ExpiredAuthenticationToken", message: "a message"))
            }
            #expect(azure.signIns.count == 3)
        }
    }

    @Test("a wrong secret is told in one line without trace ids, and not tried again at once")
    func wrongSecret() async throws {
        let refusal =
            #"{"error": "invalid_client", "error_description": "AADSTS7000215: Wrong secret cl!ent secret. Trace ID: 1\r\nTimestamp: 2"}"#
        try await ScriptedAzure.with(signIn: { _ in [.answer(401, refusal)] }, found) { azure in
            for _ in 0..<3 {
                let error = await failure { () throws(AzureError) in try await azure.client.server(ScriptedAzure.id, azure.account()) }
                #expect(error?.cause == .signIn(code: "invalid_client", message: "AADSTS7000215: Wrong secret [secret]."))
                #expect(error?.call == "POST /t%2F1/oauth2/v2.0/token")
            }
            #expect(azure.signIns.count == 1 && azure.calls.isEmpty)
            _ = await failure { () throws(AzureError) in
                try await azure.client.server(ScriptedAzure.id, azure.account(.clientSecret(Secret("other"))))
            }
            #expect(azure.signIns.count == 2)
        }
    }

    @Test(
        "tokens that nobody can use are no tokens",
        arguments: [
            "", "{}", #"{"access_token": 1}"#, #"{"access_token": "a\r\nb"}"#, #"{"access_token": "a", "expires_in": 0}"#,
            #"{"access_token": "a", "token_type": "mac"}"#, #"{"access_token": "a", "expires_in": "soon"}"#
        ])
    func malformedTokens(text: String) async throws {
        try await ScriptedAzure.with(signIn: { _ in [.answer(200, text)] }, found) { azure in
            let error = await failure { () throws(AzureError) in try await azure.client.server(ScriptedAzure.id, azure.account()) }
            guard case .malformedAnswer = error?.cause else { return #expect(Bool(false), "\(String(describing: error))") }
        }
    }

    @Test("with the token of the service account, which is read anew each time")
    func workloadIdentity() async throws {
        try await TemporaryDirectory.with { directory in
            var options = AzureClient.Options()
            options.federatedTokenFile = try directory.write("jwt-1\n", to: "token")
            let path = options.federatedTokenFile
            let used = NIOLockedValueBox(0)
            // The first token is refused, so that there is a second.
            try await ScriptedAzure.with(
                options: options,
                { _ in
                    let count = used.withLockedValue { count in
                        count += 1
                        return count
                    }
                    return count == 2 ? [.answer(401, errorText("Expired"))] : [.answer(200, Self.serverText)]
                }
            ) { azure in
                _ = try await azure.client.server(ScriptedAzure.id, azure.account(.workloadIdentity))
                #expect(
                    fields(azure.signIns.first) == [
                        "client_assertion=jwt-1", "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer",
                        "client_id=c-1", "grant_type=client_credentials", "scope=https%3A%2F%2Fmanage.test%2F.default"
                    ])
                if path != nil { _ = try directory.write("jwt-2", to: "token") }
                _ = try await azure.client.server(ScriptedAzure.id, azure.account(.workloadIdentity))
                #expect(fields(azure.signIns.last).first == "client_assertion=jwt-2")
            }
        }
    }

    @Test("without the token of the service account nobody is asked")
    func noFederatedToken() async throws {
        var options = AzureClient.Options()
        options.federatedTokenFile = nil
        try await ScriptedAzure.with(options: options, found) { azure in
            let error = await failure { () throws(AzureError) in
                try await azure.client.server(ScriptedAzure.id, azure.account(.workloadIdentity))
            }
            #expect(error?.cause == .signIn(code: "no_federated_token", message: "AZURE_FEDERATED_TOKEN_FILE is not set"))
            #expect(azure.server.requests.isEmpty)
        }
    }
}

@Suite("signing in at another device, through HTTP", .timeLimit(.minutes(1)))
struct DeviceCodeTests {
    private let code =
        #"{"device_code": "dev-secret", "user_code": "ABCD", "verification_uri": "https://login.test/device", "expires_in": 900, "interval": 0}"#
    private let pending = AzureError.Cause.signInPending(url: "https://login.test/device", code: "ABCD")

    private var options: AzureClient.Options {
        var options = AzureClient.Options()
        options.leastPause = .milliseconds(20)
        return options
    }

    /// Answers polls one after the other, the last one again and again.
    private func authority(_ polls: [ScriptedServer.Step]) -> ScriptedServer.Handler {
        let left = NIOLockedValueBox(polls)
        return { [code] request in
            guard request.target.hasSuffix("/token") else { return [.answer(200, code)] }
            let step = left.withLockedValue { left in left.count > 1 ? left.removeFirst() : left.first }
            return step.map { [$0] } ?? []
        }
    }

    private func call(_ azure: ScriptedAzure) async -> AzureError? {
        await failure { () throws(AzureError) in try await azure.client.server(ScriptedAzure.id, azure.account(.deviceCode)) }
    }

    @Test("nobody is kept waiting, and the token comes once the human is done")
    func signIn() async throws {
        let wait = ScriptedServer.Step.answer(400, #"{"error": "authorization_pending"}"#)
        let handler = authority([wait, wait, .answer(200, tokenText("token-1", refreshToken: "refresh-secret"))])
        try await ScriptedAzure.with(options: options, signIn: handler, { _ in [.answer(200, #"{"id": "i", "name": "orders"}"#)] }) {
            azure in
            let first = await call(azure)
            #expect(first?.cause == pending && (first?.retryAfter ?? .zero) > .zero)
            try await poll("somebody has signed in") {
                let error = await call(azure)
                #expect(error == nil || error?.cause == pending)
                try await Task.sleep(for: .milliseconds(10))
                return error == nil
            }
            #expect(azure.signIns.count == 4)
            #expect(azure.signIns.first?.target == "/t%2F1/oauth2/v2.0/devicecode")
            #expect(azure.signIns.first?.body == "client_id=c-1&scope=https%3A%2F%2Fmanage.test%2F.default%20offline_access")
            #expect(azure.signIns.last?.body.contains("device_code=dev-secret") == true)
            #expect(!azure.log.text.contains("secret"))
        }
    }

    @Test("the refresh token is used when the token is refused")
    func refresh() async throws {
        let handler = authority([
            .answer(200, tokenText("token-1", refreshToken: "refresh-1")), .answer(200, tokenText("token-2", refreshToken: "refresh-2"))
        ])
        try await ScriptedAzure.with(
            options: options, signIn: handler,
            { request in
                request.headers["authorization"] == "Bearer token-2"
                    ? [.answer(200, #"{"id": "i", "name": "orders"}"#)] : [.answer(401, errorText("Expired"))]
            }
        ) { azure in
            _ = await call(azure)
            try await Task.sleep(for: .milliseconds(30))
            #expect(await call(azure) == nil)
            #expect(azure.signIns.last?.body.contains("refresh_token=refresh-1") == true)
        }
    }

    @Test("a code that has run out is replaced")
    func expired() async throws {
        try await ScriptedAzure.with(options: options, signIn: authority([.answer(400, #"{"error": "expired_token"}"#)])) { azure in
            _ = await call(azure)
            try await Task.sleep(for: .milliseconds(30))
            #expect(await call(azure)?.cause == pending)
            #expect(azure.signIns.map { $0.target.hasSuffix("devicecode") } == [true, false, true])
        }
    }

    @Test("a human who says no is believed", arguments: ["access_denied", "authorization_declined"])
    func denied(code: String) async throws {
        try await ScriptedAzure.with(options: options, signIn: authority([.answer(400, #"{"error": "\#(code)"}"#)])) { azure in
            _ = await call(azure)
            try await Task.sleep(for: .milliseconds(30))
            for _ in 0..<2 { #expect(await call(azure)?.cause == .signIn(code: code, message: "")) }
            #expect(azure.signIns.count == 2)
        }
    }
}

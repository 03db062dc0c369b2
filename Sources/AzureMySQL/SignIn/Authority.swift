import AsyncHTTPClient
import HTTPCalls
import Logging
import NIOCore
import NIOHTTP1

/// Asks authorities for tokens, once for each call.
struct Authority: Sendable {
    /// More is not read of one answer, in bytes.
    private static let answerLimit = 1 << 20

    struct Grant {
        let token: AccessToken
        let refreshToken: Secret?
    }

    let client: HTTPClient
    let userAgent: String
    let timeLimit: Duration
    /// Where the token of our service account is; nil when nobody has told.
    let federatedTokenFile: String?
    /// Between two questions whether a human has signed in.
    let leastInterval: Duration
    let logger: Logger

    /// What a call for a token is called in errors.
    func title(_ account: AzureAccount) -> String { TokenRequest.deviceCode(account).title }

    func token(_ account: AzureAccount, _ request: TokenRequest) async throws(AzureError) -> Grant {
        let answer = try await send(request, to: account.endpoints)
        let document: TokenDocument
        do throws(MalformedDocument) {
            document = try TokenDocument(answer, Redaction(request.secrets))
        } catch {
            throw AzureError(.malformedAnswer(error.text), call: request.title)
        }
        switch document {
        case .token(let token, let refreshToken): return Grant(token: token, refreshToken: refreshToken)
        case .failure(let failure): throw AzureError(failure, request, answer)
        }
    }

    func deviceCode(_ account: AzureAccount) async throws(AzureError) -> DeviceCode {
        let request = TokenRequest.deviceCode(account)
        let redaction = Redaction(request.secrets)
        let answer = try await send(request, to: account.endpoints)
        guard answer.status == 200 else { throw AzureError(OAuthFailure(answer, redaction), request, answer) }
        do throws(MalformedDocument) {
            return try DeviceCode(answer, leastInterval: leastInterval, redaction)
        } catch {
            throw AzureError(.malformedAnswer(error.text), call: request.title)
        }
    }

    /// The token of our service account, read anew each time: it is replaced now and then.
    func assertion() throws(AzureError) -> Secret {
        let call = "read the federated token"
        guard let federatedTokenFile else {
            throw AzureError(.signIn(code: "no_federated_token", message: "AZURE_FEDERATED_TOKEN_FILE is not set"), call: call)
        }
        let contents: [UInt8]
        do throws(UnreadableFile) {
            contents = try SmallFile.contents(federatedTokenFile)
        } catch {
            throw AzureError(.signIn(code: "no_federated_token", message: error.description), call: call)
        }
        let words = String(decoding: contents, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count == 1, let token = words.first else {
            throw AzureError(.signIn(code: "no_federated_token", message: "\(federatedTokenFile) holds no token"), call: call)
        }
        return Secret(String(token))
    }

    private func send(_ request: TokenRequest, to endpoints: AzureEndpoints) async throws(AzureError) -> HTTPAnswer {
        var outbound = HTTPClientRequest(url: endpoints.authority.withoutSlashes + request.path)
        outbound.method = .POST
        outbound.headers = [
            "User-Agent": userAgent, "Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"
        ]
        outbound.body = .bytes(ByteBuffer(string: PercentEncoding.joined(request.fields)))
        let answer: HTTPAnswer
        do throws(HTTPCallFailure) {
            answer = try await client.answer(to: outbound, until: .now + timeLimit, limit: Self.answerLimit)
        } catch {
            logger.debug("no answer of the authority", metadata: ["call": "\(request.title)", "error": "\(error)"])
            throw AzureError(error, call: request.title)
        }
        logger.debug("asked for a token", metadata: ["call": "\(request.title)", "status": "\(answer.status)"])
        if answer.status == 429 { throw AzureError(.throttled, call: request.title, retryAfter: answer.retryAfter) }
        return answer
    }
}

extension AzureError {
    fileprivate init(_ failure: OAuthFailure, _ request: TokenRequest, _ answer: HTTPAnswer) {
        self.init(.signIn(code: failure.code, message: failure.message), call: request.title, retryAfter: answer.retryAfter)
    }
}

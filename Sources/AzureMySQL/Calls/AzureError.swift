/// Why a call of Azure did not succeed. Its text never holds a credential.
public struct AzureError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Cause: Sendable, Equatable {
        /// Azure answered with a failure: its status code, `error.code` and `error.message`.
        case status(Int, code: String, message: String)
        /// It wants to be left alone for a while (429, or 503 with `Retry-After`).
        case throttled
        /// Nobody could sign in: the OAuth `error`, and what was said of it.
        case signIn(code: String, message: String)
        /// A human has to sign in first: where, and with which code.
        case signInPending(url: String, code: String)
        /// There was no whole answer. A write may or may not have been done.
        case transport(String)
        /// There was no answer in time. A write may or may not have been done.
        case timeout
        /// The answer is not what the API promises.
        case malformedAnswer(String)
        case cancelled
    }

    public let cause: Cause
    /// Method and path of the call, without its query.
    public let call: String
    /// When Azure wants to be asked again.
    public let retryAfter: Duration?

    public init(_ cause: Cause, call: String, retryAfter: Duration? = nil) {
        self.cause = cause
        self.call = call
        self.retryAfter = retryAfter
    }

    public var description: String { "\(call): \(reason)" }

    /// What happened, without the call.
    public var reason: String {
        switch cause {
        case .status(let status, let code, let message): "\(status) \(code): \(message)"
        case .throttled: "too many requests"
        case .signIn(let code, let message): "cannot sign in: \(code): \(message)"
        case .signInPending(let url, let code): "somebody has to sign in at \(url) with the code \(code)"
        case .transport(let text): text
        case .timeout: "no answer in time"
        case .malformedAnswer(let text): "unusable answer: \(text)"
        case .cancelled: "cancelled"
        }
    }
}

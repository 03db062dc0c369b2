public import KubernetesAPI

/// Why a call of the API server did not succeed. Its text holds the method and the path of the call and what the API server said, and never a
/// credential.
public struct KubernetesError: Error, Sendable, CustomStringConvertible {
    public enum Cause: Sendable {
        /// The API server answered with a failure.
        case status(Status)
        /// There was no whole answer: no connection, or one that broke. A write may or may not have been done.
        case transport(String)
        /// The deadline of the call passed. A write may or may not have been done.
        case timeout
        /// There are no credentials to ask with.
        case credentials(ConfigurationError)
        /// The answer is not what the API promises.
        case malformedAnswer(String)
        /// The task of the caller was cancelled.
        case cancelled
    }

    public let cause: Cause

    /// The method and the path of the call; the query is left out.
    public let call: String

    /// When the API server wants to be asked again.
    public let retryAfter: Duration?

    init(_ cause: Cause, call: String, retryAfter: Duration? = nil) {
        self.cause = cause
        self.call = call
        self.retryAfter = retryAfter
    }

    public var description: String { "\(call): \(reason)" }

    private var reason: String {
        switch cause {
        case .status(let status): "\(status.code) \(status.reason?.rawValue ?? ""): \(status.message)"
        case .transport(let text): text
        case .timeout: "no answer in time"
        case .credentials(let error): "no credentials: \(error)"
        case .malformedAnswer(let text): "unusable answer: \(text)"
        case .cancelled: "cancelled"
        }
    }
}

extension KubernetesError {
    /// The failure that the API server told.
    public var status: Status? {
        guard case .status(let status) = cause else { return nil }
        return status
    }

    public var isNotFound: Bool { status?.code == 404 }

    /// Something of that name is there already.
    public var isAlreadyExists: Bool { status?.reason == .alreadyExists }

    /// The object changed meanwhile, a precondition does not hold, or with server-side apply another manager owns a field.
    public var isConflict: Bool { status?.reason == .conflict }

    /// The resourceVersion or the continue token is too old.
    public var isExpired: Bool { status?.code == 410 }

    public var isForbidden: Bool { status?.code == 403 }

    /// A write may have been done although there was no answer to it.
    public var isAmbiguous: Bool {
        switch cause {
        case .transport, .timeout, .cancelled, .malformedAnswer: true
        case .status(let status): status.code >= 500 && status.code != 503
        case .credentials: false
        }
    }
}

/// How a handshake of a server ended.
public struct TLSHandshakeReport: Hashable, Sendable {
    /// The outcome of a handshake.
    public struct Result: Hashable, Sendable, CustomStringConvertible {
        /// The outcome as one stable word in snake case, fit for the label of a metric.
        public let description: String

        public static let success = Result(description: "success")
        /// The two sides did not agree, or one of them sent something that is not TLS.
        public static let failed = Result(description: "failed")
        /// The deadline passed.
        public static let timedOut = Result(description: "timed_out")
        /// The client left.
        public static let interrupted = Result(description: "interrupted")
        /// This side closed the connection, for one because the server stops.
        public static let abandoned = Result(description: "abandoned")
        /// The client spoke plain HTTP.
        public static let plainHTTP = Result(description: "plain_http")
        /// The client's certificate is missing or refused.
        public static let clientCertificate = Result(description: "client_certificate")
    }

    public let result: Result
    /// The version agreed on; nil without success.
    public let version: TLSVersion?
    /// The protocol chosen by ALPN, always one that the server offers; nil without.
    public let alpn: String?
    /// Whether an earlier session was resumed.
    public let isResumed: Bool

    /// The report of a handshake that did not succeed.
    init(_ result: Result) {
        self.result = result
        version = nil
        alpn = nil
        isResumed = false
    }

    /// The report of a handshake that is complete.
    init(_ connection: TLSConnection, alpn: String?) {
        result = .success
        version = connection.version
        self.alpn = alpn
        isResumed = connection.isResumed
    }
}

extension TLSHandshakeReport.Result {
    /// What an error within the handshake comes to.
    init(_ error: TLSError) {
        self =
            switch error.code {
            case .handshakeTimedOut: .timedOut
            case .handshakeInterrupted: .interrupted
            case .plainHTTP: .plainHTTP
            case .clientCertificateRefused: .clientCertificate
            default: .failed
            }
    }
}

/// Why a TLS connection failed or a TLS context could not be made.
public struct TLSError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public struct Code: Hashable, Sendable {
        private enum Kind {
            case invalidConfiguration
            case handshakeFailed
            case handshakeTimedOut
            case handshakeInterrupted
            case clientCertificateRefused
            case plainHTTP
            case truncated
            case protocolViolation
        }

        private let kind: Kind

        /// The context or the connection could not be set up.
        public static let invalidConfiguration = Code(kind: .invalidConfiguration)
        /// The two sides did not agree, or one of them sent something that is not TLS.
        public static let handshakeFailed = Code(kind: .handshakeFailed)
        /// The handshake was not complete within its deadline.
        public static let handshakeTimedOut = Code(kind: .handshakeTimedOut)
        /// The peer closed the connection within the handshake.
        public static let handshakeInterrupted = Code(kind: .handshakeInterrupted)
        /// The client presented no certificate, or one that the client authorities do not vouch for.
        public static let clientCertificateRefused = Code(kind: .clientCertificateRefused)
        /// The peer spoke plain HTTP.
        public static let plainHTTP = Code(kind: .plainHTTP)
        /// The peer closed the connection without a `close_notify`, so what it sent may be cut short (RFC 8446, section 6.1).
        public static let truncated = Code(kind: .truncated)
        /// An established connection broke: a bad record, a fatal alert.
        public static let protocolViolation = Code(kind: .protocolViolation)
    }

    public let code: Code
    /// One line, without any secret.
    public let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    static func handshakeFailed(_ reasons: [OpenSSLReason]) -> TLSError {
        TLSError(.handshakeFailed, "the TLS handshake failed: \(reasons.summary)")
    }

    static func clientCertificateRefused(_ reason: String) -> TLSError {
        TLSError(.clientCertificateRefused, "the client's certificate is refused: \(reason)")
    }

    static let clientHelloTooLong = TLSError(
        .handshakeFailed,
        "the TLS handshake failed: the ClientHello is longer than \(ClientHelloLimit.longest) bytes, or in pieces too small")
    static let handshakeTimedOut = TLSError(.handshakeTimedOut, "the TLS handshake was not complete in time")
    static let handshakeInterrupted = TLSError(.handshakeInterrupted, "the peer closed the connection within the TLS handshake")
    static let plainHTTP = TLSError(.plainHTTP, "the peer spoke plain HTTP on the TLS port")
    static let truncated = TLSError(.truncated, "the peer closed the connection without a TLS close_notify")

    static let tooMuchHousekeeping = TLSError(.protocolViolation, "the peer sent too many key updates, renegotiations or alerts")

    static func protocolViolation(_ reasons: [OpenSSLReason]) -> TLSError {
        TLSError(.protocolViolation, "the TLS connection broke: \(reasons.summary)")
    }
}

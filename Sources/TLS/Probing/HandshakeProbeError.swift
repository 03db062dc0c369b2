import NIOCore

/// Why a handshake with ourselves did not succeed.
public struct HandshakeProbeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public struct Code: Hashable, Sendable {
        private enum Kind {
            case cannotConnect, timedOut, interrupted, handshakeFailed, otherCertificate
        }

        private let kind: Kind

        /// Nobody listens there, or nobody accepts.
        public static let cannotConnect = Code(kind: .cannotConnect)
        /// The server did not answer in time.
        public static let timedOut = Code(kind: .timedOut)
        /// The server closed the connection, for one because it has too many; or the probe was cancelled.
        public static let interrupted = Code(kind: .interrupted)
        /// The two sides did not agree.
        public static let handshakeFailed = Code(kind: .handshakeFailed)
        /// The server presents another certificate than the one in service.
        public static let otherCertificate = Code(kind: .otherCertificate)
    }

    public let code: Code
    /// One line.
    public let description: String

    private init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    static func cannotConnect(_ address: SocketAddress, _ reason: any Error) -> HandshakeProbeError {
        let place = "\(address.ipAddress ?? "?"):\(address.port ?? 0)"
        return HandshakeProbeError(.cannotConnect, "cannot connect to \(place): \(reason)")
    }

    static let timedOut = HandshakeProbeError(.timedOut, "the TLS handshake was not complete in time")
    static let interrupted = HandshakeProbeError(.interrupted, "the connection was closed within the TLS handshake")

    static func handshakeFailed(_ reason: String) -> HandshakeProbeError {
        HandshakeProbeError(.handshakeFailed, reason)
    }

    static func otherCertificate(_ presented: Certificate) -> HandshakeProbeError {
        HandshakeProbeError(
            .otherCertificate,
            "the certificate presented is not the one in service but that of \(presented.subject), SHA-256 \(presented.sha256Fingerprint)")
    }
}

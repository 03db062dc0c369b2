import NIOCore
import NIOPosix

/// A TLS handshake with a server of our own, as a client would do it: the proof that the listener accepts, that its event loops turn
/// and that it presents the certificate it should.
///
/// It speaks TLS 1.3, where the client's end of the handshake is complete before the server judges the client's certificate. So it
/// needs none of its own; a server with client authorities counts it as a client without a certificate.
public struct HandshakeProbe: Sendable {
    /// Called one after the other until one answers.
    private let addresses: [SocketAddress]
    private let timeout: TimeAmount
    private let context: SSLContextHandle
    private let expected: @Sendable () -> Certificate

    /// - Parameters:
    ///   - address: The IP address that the server listens on. For an unspecified one, `0.0.0.0` or `::`, the loopback address is called,
    ///     for `::` also that of IPv4, since a pod may have no other.
    ///   - port: The port that it listens on.
    ///   - alpn: The application protocol to offer (RFC 7301).
    ///   - timeout: How long one probe may take.
    ///   - expected: The server's own certificate in service now.
    /// - Throws: `TLSError.Code.invalidConfiguration`.
    public init(
        address: String, port: Int, alpn: String = "http/1.1", timeout: Duration = .seconds(3),
        expected: @escaping @Sendable () -> Certificate
    ) throws(TLSError) {
        do {
            addresses = try (Self.loopback[address] ?? [address]).map { try SocketAddress(ipAddress: $0, port: port) }
        } catch {
            throw TLSError(.invalidConfiguration, "\"\(address)\" is not an IP address to probe")
        }
        self.timeout = TimeAmount(timeout)
        self.expected = expected
        context = try SSLContextHandle.client(alpn: ALPNProtocolList([alpn]), minimumVersion: .tls13)
    }

    /// Connects, does the handshake, looks at the certificate and takes leave.
    public func run() async throws(HandshakeProbeError) {
        for address in addresses.dropLast() {
            do throws(HandshakeProbeError) {
                return try await run(address)
            } catch {
                guard error.code == .cannotConnect else { throw error }
            }
        }
        if let address = addresses.last { try await run(address) }
    }

    private func run(_ address: SocketAddress) async throws(HandshakeProbeError) {
        // The certificate may be replaced in the middle of it.
        let before = expected().sha256Fingerprint
        let presented: Certificate
        do {
            presented = try await presentedCertificate(by: address, until: .now() + timeout)
        } catch let error as HandshakeProbeError {
            throw error
        } catch ChannelError.connectTimeout {
            throw .timedOut
        } catch {
            throw .cannotConnect(address, error)
        }
        guard [before, expected().sha256Fingerprint].contains(presented.sha256Fingerprint) else { throw .otherCertificate(presented) }
    }

    private func presentedCertificate(by address: SocketAddress, until deadline: NIODeadline) async throws -> Certificate {
        // Not on the server's event loops: a probe that hangs with them could not tell of it.
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        let presented = eventLoop.makePromise(of: Certificate.self)
        let channel: any Channel
        do {
            channel = try await ClientBootstrap(group: eventLoop)
                .connectTimeout(timeout)
                .channelInitializer { [context] channel in
                    channel.eventLoop.makeCompletedFuture {
                        let connection = try TLSConnection(context: context, role: .client)
                        try channel.pipeline.syncOperations.addHandler(
                            HandshakeProbeHandler(connection, deadline: deadline, presented: presented))
                    }
                }
                .connect(to: address).get()
        } catch {
            presented.fail(error)
            throw error
        }
        return try await withTaskCancellationHandler {
            try await presented.futureResult.get()
        } onCancel: {
            channel.close(promise: nil)
        }
    }

    private static let loopback = ["0.0.0.0": ["127.0.0.1"], "::": ["::1", "127.0.0.1"]]
}

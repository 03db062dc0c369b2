import COpenSSL
import NIOCore

/// One end of a TLS connection, between ciphertext and plaintext in memory. It does no I/O and knows no channel.
final class TLSConnection {
    enum Role {
        case server, client
    }

    enum HandshakeResult {
        case complete
        case needsInput
        case failed(TLSError)
    }

    enum ReadResult {
        /// All that was received has been read.
        case needsInput
        /// The peer sent its `close_notify`.
        case closed
        case failed(TLSError)
    }

    // The BIO is freed with `ssl` and refers to `buffers`; `ssl` refers to the ALPN list of `context`.
    private let ssl: OpaquePointer
    private let buffers = ByteBufferBIO()
    private let context: SSLContextHandle
    private var isEstablished = false
    /// What the peer made TLS do by itself since the handshake: messages of the handshake protocol, answers to them, alerts.
    private var housekeeping = 0

    init(context: SSLContextHandle, role: Role) throws(TLSError) {
        OpenSSLErrorQueue.clear()
        guard let ssl = context.withPointer({ SSL_new($0) }) else {
            throw TLSError(.invalidConfiguration, "OpenSSL could not make a connection: \(OpenSSLErrorQueue.drainText())")
        }
        guard let bio = buffers.makeBIO() else {
            SSL_free(ssl)
            throw TLSError(.invalidConfiguration, "OpenSSL could not make a BIO: \(OpenSSLErrorQueue.drainText())")
        }
        // Given the same BIO for both directions, the SSL object takes one reference.
        SSL_set_bio(ssl, bio, bio)
        switch role {
        case .server: SSL_set_accept_state(ssl)
        case .client: SSL_set_connect_state(ssl)
        }
        self.ssl = ssl
        self.context = context
        countHousekeeping()
    }

    deinit {
        SSL_free(ssl)
    }

    /// Ciphertext that waits to be sent, in bytes.
    var outboundBytes: Int { buffers.outboundBytes }

    /// The protocol chosen by ALPN, nil without one.
    var negotiatedProtocol: String? {
        var name: UnsafePointer<UInt8>?
        var length: CUnsignedInt = 0
        SSL_get0_alpn_selected(ssl, &name, &length)
        guard let name, length > 0 else { return nil }
        return String(decoding: UnsafeBufferPointer(start: name, count: Int(length)), as: UTF8.self)
    }

    /// The version that was agreed on, once the handshake is complete.
    var version: TLSVersion? {
        TLSVersion(wireValue: SSL_version(ssl))
    }

    /// Whether the handshake resumed an earlier session.
    var isResumed: Bool { SSL_session_reused(ssl) == 1 }

    /// The certificate that the peer presented, nil without one or when it is malformed.
    var peerCertificate: Certificate? {
        SSL_get1_peer_certificate(ssl).flatMap { Certificate(X509Handle(owning: $0)) }
    }

    /// Hands over received ciphertext, for the next `handshake` or `read`.
    func receive(_ ciphertext: consuming ByteBuffer) {
        buffers.receive(ciphertext)
    }

    /// Takes the ciphertext to send.
    func takeOutbound() -> ByteBuffer {
        buffers.takeOutbound()
    }

    /// Goes on with the handshake as far as the received ciphertext allows.
    func handshake() -> HandshakeResult {
        OpenSSLErrorQueue.clear()
        let result = SSL_do_handshake(ssl)
        if result == 1 {
            isEstablished = true
            return .complete
        }
        if SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ { return .needsInput }
        let reasons = OpenSSLErrorQueue.drain()
        if reasons.contains(where: { $0.isSSL(SSL_R_HTTP_REQUEST) || $0.isSSL(SSL_R_HTTPS_PROXY_REQUEST) }) {
            // An alert would only be noise in front of an answer in plain text.
            buffers.discard()
            return .failed(.plainHTTP)
        }
        return .failed(clientCertificateError(reasons) ?? .handshakeFailed(reasons))
    }

    /// The error when the reason is the client's certificate, nil otherwise.
    private func clientCertificateError(_ reasons: [OpenSSLReason]) -> TLSError? {
        if reasons.contains(where: { $0.isSSL(SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE) }) {
            return .clientCertificateRefused("it presented none")
        }
        guard reasons.contains(where: { $0.isSSL(SSL_R_CERTIFICATE_VERIFY_FAILED) }) else { return nil }
        let verdict = X509_verify_cert_error_string(SSL_get_verify_result(ssl)).map { String(cString: $0) }
        return .clientCertificateRefused(verdict ?? reasons.summary)
    }

    /// Decrypts all received ciphertext and appends the plaintext to `plaintext`.
    func read(into plaintext: inout ByteBuffer) -> ReadResult {
        while true {
            var count = 0
            var result: CInt = 0
            OpenSSLErrorQueue.clear()
            let expected = max(buffers.inboundBytes, Int(SSL_pending(ssl)), Self.smallestRead)
            plaintext.writeWithUnsafeMutableBytes(minimumWritableBytes: expected) { destination in
                result = SSL_read_ex(ssl, destination.baseAddress, destination.count, &count)
                return count
            }
            if housekeeping > Self.housekeepingLimit { return .failed(.tooMuchHousekeeping) }
            if result == 1 { continue }
            switch SSL_get_error(ssl, result) {
            case SSL_ERROR_WANT_READ:
                return .needsInput
            case SSL_ERROR_ZERO_RETURN:
                return .closed
            default:
                return .failed(.protocolViolation(OpenSSLErrorQueue.drain()))
            }
        }
    }

    /// Encrypts plaintext from the front of `plaintext` until it is empty or `limit` bytes of ciphertext wait to be sent.
    func write(_ plaintext: inout ByteBuffer, limit: Int) throws(TLSError) {
        while plaintext.readableBytes > 0, buffers.outboundBytes < limit {
            var result: CInt = 0
            OpenSSLErrorQueue.clear()
            plaintext.readWithUnsafeReadableBytes { source in
                var count = 0
                result = SSL_write_ex(ssl, source.baseAddress, source.count, &count)
                return count
            }
            // The BIO takes everything, so there is no "try again later" here.
            guard result == 1 else { throw .protocolViolation(OpenSSLErrorQueue.drain()) }
        }
    }

    /// Puts a `close_notify` alert behind everything written so far.
    func sendCloseNotify() {
        OpenSSLErrorQueue.clear()
        // The answer tells only whether the peer's close_notify was seen, which `read` reports.
        SSL_shutdown(ssl)
        OpenSSLErrorQueue.clear()
    }

    /// Key updates, and in TLS 1.2 attempts to renegotiate, cost this side far more than the peer, and OpenSSL takes any number of them.
    /// An honest peer updates its keys once in some 2^24 records (RFC 8446, section 5.5).
    private static let housekeepingLimit = 100

    private func countHousekeeping() {
        // The first slot is the one that OpenSSL leaves to the application (SSL_set_app_data).
        SSL_set_ex_data(ssl, 0, Unmanaged.passUnretained(self).toOpaque())
        // It is not called for records of data.
        SSL_set_info_callback(ssl) { ssl, event, _ in
            guard let data = SSL_get_ex_data(ssl, 0) else { return }
            let connection = Unmanaged<TLSConnection>.fromOpaque(data).takeUnretainedValue()
            guard connection.isEstablished, event & (SSL_CB_LOOP | SSL_CB_ALERT) != 0 else { return }
            connection.housekeeping += 1
        }
    }

    /// The least room offered to OpenSSL for plaintext, in bytes.
    private static let smallestRead = 1024
}

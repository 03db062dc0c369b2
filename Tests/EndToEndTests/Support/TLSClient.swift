import COpenSSL
import Glibc
import TestSupport

/// The client's end of a TLS connection to 127.0.0.1 over a blocking socket, for what no well-behaved client does. Certificates are not
/// verified: `openssl` and `curl` do that elsewhere.
///
/// A connection belongs to one thread. All share one `SSL_CTX`, so that thousands can be open at once.
final class TLSClient {
    enum Failure: Error, Equatable {
        case timedOut(String)
        /// The server closed or reset the connection.
        case closed(String)
        case tls(String)
    }

    enum ReceiveResult: Equatable {
        case bytes([UInt8])
        /// The server ended TLS in order (RFC 8446, section 6.1).
        case closeNotify
        /// The connection ended without a word of TLS.
        case cut
    }

    private let descriptor: Int32
    private let ssl: OpaquePointer

    /// Connects the socket; ``handshake()`` is next.
    ///
    /// - Parameters:
    ///   - version: the only version of TLS to offer, such as `TLS1_2_VERSION`.
    ///   - source: the address to come from, one of this host's.
    init(
        port: UInt16, alpn: [String] = [], version: Int32? = nil, timeout: Duration = .seconds(5),
        from source: LoopbackAddress.Source? = nil
    ) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemCallFailure("socket") }
        ERR_clear_error()
        guard let context = SharedContext.only.pointer, let ssl = SSL_new(context) else {
            close(descriptor)
            throw Failure.tls(TLSClient.drainErrors("SSL_new"))
        }
        // From here on `deinit` gives both back.
        self.descriptor = descriptor
        self.ssl = ssl
        var limit = timeval(tv_sec: Int(timeout.components.seconds), tv_usec: Int(timeout.components.attoseconds / 1_000_000_000_000))
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        if let source { try source.bind(descriptor) }
        guard LoopbackAddress.with(port: port, { connect(descriptor, $0, $1) }) == 0 else { throw SystemCallFailure("connect") }

        guard SSL_set_fd(ssl, descriptor) == 1 else { throw Failure.tls(TLSClient.drainErrors("SSL_set_fd")) }
        SSL_set_connect_state(ssl)
        if let version {
            guard SSL_ctrl(ssl, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(version), nil) == 1,
                SSL_ctrl(ssl, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(version), nil) == 1
            else { throw Failure.tls(TLSClient.drainErrors("SSL_set_min_proto_version")) }
        }
        let protocols = alpn.flatMap { [UInt8(truncatingIfNeeded: $0.utf8.count)] + Array($0.utf8) }
        // Unlike the other functions this one answers 0 for success.
        guard protocols.isEmpty || SSL_set_alpn_protos(ssl, protocols, CUnsignedInt(protocols.count)) == 0 else {
            throw Failure.tls(TLSClient.drainErrors("SSL_set_alpn_protos"))
        }
    }

    /// A connection whose handshake is complete.
    static func connected(
        port: UInt16, alpn: [String] = [], version: Int32? = nil, timeout: Duration = .seconds(5),
        from source: LoopbackAddress.Source? = nil
    ) throws -> TLSClient {
        let client = try TLSClient(port: port, alpn: alpn, version: version, timeout: timeout, from: source)
        try client.handshake()
        return client
    }

    deinit {
        SSL_free(ssl)
        close(descriptor)
    }

    // MARK: Handshake

    func handshake() throws {
        ERR_clear_error()
        let result = SSL_do_handshake(ssl)
        guard result == 1 else { throw failure("SSL_do_handshake", result) }
    }

    /// Sends the ClientHello and leaves the server waiting for the rest, which never comes: what the server sends is not read any more.
    func beginHandshake() throws {
        ERR_clear_error()
        guard let nothing = BIO_new(BIO_s_mem()) else { throw Failure.tls(TLSClient.drainErrors("BIO_new")) }
        BIO_ctrl(nothing, BIO_C_SET_BUF_MEM_EOF_RETURN, -1, nil)
        SSL_set0_rbio(ssl, nothing)
        let result = SSL_do_handshake(ssl)
        guard SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ else { throw failure("SSL_do_handshake", result) }
    }

    /// Asks for a new handshake on the connection, which TLS 1.2 knows.
    func renegotiate() throws {
        ERR_clear_error()
        guard SSL_renegotiate(ssl) == 1 else { throw Failure.tls(TLSClient.drainErrors("SSL_renegotiate")) }
        try handshake()
    }

    /// Announces new keys and asks for the server's, which TLS 1.3 knows (RFC 8446, section 4.6.3).
    func updateKeys() throws {
        ERR_clear_error()
        guard SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED) == 1 else { throw Failure.tls(TLSClient.drainErrors("SSL_key_update")) }
        try handshake()
    }

    var version: String { String(cString: SSL_get_version(ssl)) }

    /// The SHA-256 of the certificate that the server presented.
    func serverFingerprint() throws -> [UInt8] {
        guard let certificate = SSL_get1_peer_certificate(ssl) else { throw Failure.tls("the server presented no certificate") }
        defer { X509_free(certificate) }
        return try TLSClient.fingerprint(certificate)
    }

    // MARK: Bytes

    func send(_ bytes: some Collection<UInt8>) throws {
        let bytes = Array(bytes)
        guard !bytes.isEmpty else { return }
        ERR_clear_error()
        var count = 0
        // Without partial writes it is all or nothing.
        let result = SSL_write_ex(ssl, bytes, bytes.count, &count)
        guard result == 1 else { throw failure("SSL_write", result) }
    }

    func send(_ text: String) throws {
        try send(text.utf8)
    }

    /// Sends bytes on the socket beside TLS.
    func sendRaw(_ bytes: [UInt8]) throws {
        guard Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { throw SystemCallFailure("send") }
    }

    /// Waits for bytes, or the end.
    func receive() throws -> ReceiveResult {
        var chunk = [UInt8](repeating: 0, count: 16 * 1024)
        var count = 0
        ERR_clear_error()
        let result = SSL_read_ex(ssl, &chunk, chunk.count, &count)
        if result == 1 { return .bytes(Array(chunk.prefix(count))) }
        if SSL_get_error(ssl, result) == SSL_ERROR_ZERO_RETURN { return .closeNotify }
        switch failure("SSL_read", result) {
        case .closed: return .cut
        case let other: throw other
        }
    }

    /// What arrives until the server closes, in whatever way.
    func receiveAll() throws -> [UInt8] {
        var bytes: [UInt8] = []
        while case .bytes(let more) = try receive() { bytes += more }
        return bytes
    }

    /// Whether there are bytes, or the end, to be received without waiting.
    var hasInput: Bool {
        withoutWaiting {
            var byte: UInt8 = 0
            var count = 0
            ERR_clear_error()
            let result = SSL_peek_ex(ssl, &byte, 1, &count)
            return result == 1 || SSL_get_error(ssl, result) != SSL_ERROR_WANT_READ
        }
    }

    private func withoutWaiting<Result>(_ body: () throws -> Result) rethrows -> Result {
        let flags = fcntl(descriptor, F_GETFL)
        _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
        defer { _ = fcntl(descriptor, F_SETFL, flags) }
        return try body()
    }

    /// Whether the server has closed the connection. What it sent is thrown away, past TLS: afterwards only the end remains.
    var hasEnded: Bool {
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, Int32(MSG_DONTWAIT))
            guard count > 0 else { return count == 0 || errno != EAGAIN }
        }
    }

    // MARK: End

    /// Says `close_notify`; the socket stays open until the value ends.
    func closeInOrder() {
        ERR_clear_error()
        SSL_shutdown(ssl)
    }

    /// Makes the end a reset of the connection.
    func resetAtEnd() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    // MARK: Errors

    private func failure(_ function: String, _ result: Int32) -> Failure {
        let cause = errno
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .timedOut(function)
        case SSL_ERROR_ZERO_RETURN: return .closed("\(function): close_notify")
        case SSL_ERROR_SYSCALL: return .closed("\(function): \(String(cString: strerror(cause)))")
        default:
            let isEnd = ERR_peek_error() & 0x7F_FFFF == UInt(SSL_R_UNEXPECTED_EOF_WHILE_READING)
            let text = TLSClient.drainErrors(function)
            return isEnd ? .closed(text) : .tls(text)
        }
    }

    /// Empties the error queue of this thread.
    private static func drainErrors(_ function: String) -> String {
        var reasons: [String] = []
        while case let code = ERR_get_error(), code != 0 {
            reasons.append(ERR_reason_error_string(code).map { String(cString: $0) } ?? "error \(code)")
        }
        return "\(function): \(reasons.isEmpty ? "failed" : reasons.joined(separator: ", "))"
    }

    // MARK: Certificates

    /// The SHA-256 of the first certificate in a PEM file.
    static func fingerprint(ofFile path: String) throws -> [UInt8] {
        ERR_clear_error()
        guard let file = BIO_new_file(path, "r") else { throw Failure.tls(drainErrors("BIO_new_file \(path)")) }
        defer { BIO_free(file) }
        guard let certificate = PEM_read_bio_X509(file, nil, nil, nil) else { throw Failure.tls(drainErrors("PEM_read_bio_X509")) }
        defer { X509_free(certificate) }
        return try fingerprint(certificate)
    }

    private static func fingerprint(_ certificate: OpaquePointer) throws -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        var count: CUnsignedInt = 0
        guard X509_digest(certificate, EVP_sha256(), &digest, &count) == 1 else { throw Failure.tls(drainErrors("X509_digest")) }
        return digest
    }
}

/// What all clients share.
///
/// `@unchecked Sendable`: configured in `init` and only read afterwards, from which OpenSSL makes connections on any thread.
private final class SharedContext: @unchecked Sendable {
    static let only = SharedContext()

    let pointer: OpaquePointer?

    private init() {
        // A write to a connection that the server has reset is an error, not the end of the tests.
        signal(SIGPIPE, SIG_IGN)
        pointer = SSL_CTX_new(TLS_client_method())
        if let pointer {
            // So that the client is willing to speak what the server has to refuse, and thousands of idle ones stay small.
            SSL_CTX_set_security_level(pointer, 0)
            COpenSSL_SSL_CTX_set_mode(pointer, Int(SSL_MODE_AUTO_RETRY | SSL_MODE_RELEASE_BUFFERS))
            COpenSSL_SSL_CTX_set_session_cache_mode(pointer, Int(SSL_SESS_CACHE_OFF))
        }
    }
}

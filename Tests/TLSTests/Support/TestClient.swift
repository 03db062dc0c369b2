import COpenSSL
@testable import TLS

/// The client's end of a TLS connection in memory.
final class TestClient {
    private let context: OpaquePointer
    private let ssl: OpaquePointer
    private let input: OpaquePointer
    private let output: OpaquePointer

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    enum ReadResult: Equatable {
        case bytes([UInt8])
        case wantsInput
        case closed
    }

    /// What a client keeps to resume.
    final class Session {
        fileprivate let pointer: OpaquePointer

        fileprivate init(owning pointer: OpaquePointer) {
            self.pointer = pointer
        }

        deinit {
            SSL_SESSION_free(pointer)
        }

        /// The ticket as the server sealed it.
        var ticket: [UInt8] {
            var start: UnsafePointer<UInt8>?
            var count = 0
            SSL_SESSION_get0_ticket(pointer, &start, &count)
            return Array(UnsafeBufferPointer(start: start, count: count))
        }

        /// How long the server says it is good for, in seconds.
        var lifetime: Int { Int(SSL_SESSION_get_ticket_lifetime_hint(pointer)) }
        /// How much early data the server would take, in bytes.
        var maximumEarlyData: UInt32 { SSL_SESSION_get_max_early_data(pointer) }
    }

    /// - Parameter certificate: What the client presents when asked.
    init(version: CInt? = nil, alpn: [String] = [], session: Session? = nil, certificate: ServerCertificate? = nil) throws {
        guard let context = SSL_CTX_new(TLS_client_method()) else { throw Failure(description: "SSL_CTX_new") }
        // Level 0, so that the client itself is willing to speak what the server has to refuse.
        SSL_CTX_set_security_level(context, 0)
        if let version {
            _ = COpenSSL_SSL_CTX_set_min_proto_version(context, version)
            _ = COpenSSL_SSL_CTX_set_max_proto_version(context, version)
        }
        guard let ssl = SSL_new(context), let input = BIO_new(BIO_s_mem()), let output = BIO_new(BIO_s_mem()) else {
            throw Failure(description: "SSL_new")
        }
        BIO_ctrl(input, BIO_C_SET_BUF_MEM_EOF_RETURN, -1, nil)
        BIO_ctrl(output, BIO_C_SET_BUF_MEM_EOF_RETURN, -1, nil)
        SSL_set_bio(ssl, input, output)
        SSL_set_connect_state(ssl)
        if let session {
            SSL_set_session(ssl, session.pointer)
        }
        if let certificate {
            _ = certificate.leaf.handle.withPointer { SSL_use_certificate(ssl, $0) }
            _ = certificate.privateKey.withPointer { SSL_use_PrivateKey(ssl, $0) }
        }
        let wire = alpn.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        if !wire.isEmpty {
            SSL_set_alpn_protos(ssl, wire, CUnsignedInt(wire.count))
        }
        self.context = context
        self.ssl = ssl
        self.input = input
        self.output = output
    }

    deinit {
        SSL_free(ssl)
        SSL_CTX_free(context)
    }

    /// Whether the handshake is complete.
    func handshake() throws -> Bool {
        ERR_clear_error()
        let result = SSL_do_handshake(ssl)
        if result == 1 { return true }
        guard SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ else { throw failure() }
        return false
    }

    func write(_ bytes: [UInt8]) throws {
        ERR_clear_error()
        var count = 0
        guard SSL_write_ex(ssl, bytes, bytes.count, &count) == 1 else { throw failure() }
    }

    /// Everything that can be read now.
    func read() throws -> ReadResult {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            var count = 0
            ERR_clear_error()
            let result = SSL_read_ex(ssl, &chunk, chunk.count, &count)
            if result == 1 {
                bytes.append(contentsOf: chunk.prefix(count))
                continue
            }
            switch SSL_get_error(ssl, result) {
            case SSL_ERROR_WANT_READ: return bytes.isEmpty ? .wantsInput : .bytes(bytes)
            case SSL_ERROR_ZERO_RETURN: return bytes.isEmpty ? .closed : .bytes(bytes)
            default: throw failure()
            }
        }
    }

    func sendCloseNotify() {
        ERR_clear_error()
        SSL_shutdown(ssl)
    }

    func receive(_ ciphertext: [UInt8]) {
        BIO_write(input, ciphertext, CInt(ciphertext.count))
    }

    /// Takes the ciphertext to send.
    func takeOutput() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: BIO_ctrl_pending(output))
        BIO_read(output, &bytes, CInt(bytes.count))
        return bytes
    }

    var negotiatedVersion: String {
        String(cString: SSL_get_version(ssl))
    }

    /// The session to resume, as far as its ticket was read. A copy: the original ends with a connection that is not closed in order.
    var session: Session? {
        SSL_SESSION_dup(SSL_get_session(ssl)).map { Session(owning: $0) }
    }

    var isResumed: Bool { SSL_session_reused(ssl) == 1 }

    /// The subject of the certificate that the server presented.
    var serverSubject: String? {
        SSL_get1_peer_certificate(ssl).map { X509Handle(owning: $0).subject }
    }

    /// Changes the keys of TLS 1.3, and asks the server to do so too.
    func updateKeys() throws {
        guard SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED) == 1, try handshake() else { throw failure() }
    }

    /// Begins another handshake on a connection of TLS 1.2.
    func renegotiate() throws {
        ERR_clear_error()
        guard SSL_renegotiate(ssl) == 1 else { throw failure() }
        _ = try handshake()
    }

    private func failure() -> Failure {
        var buffer = [CChar](repeating: 0, count: 256)
        ERR_error_string_n(ERR_peek_error(), &buffer, buffer.count)
        ERR_clear_error()
        return Failure(description: String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
    }
}

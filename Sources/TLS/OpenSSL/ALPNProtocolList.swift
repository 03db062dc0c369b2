import COpenSSL

/// The protocols one side offers by ALPN, most preferred first, in the form of the wire (RFC 7301, section 3.1).
///
/// `@unchecked Sendable`: the bytes are written in `init` only.
final class ALPNProtocolList: @unchecked Sendable {
    private let wire: UnsafeMutableBufferPointer<UInt8>

    /// - Throws: `TLSError` when a name is empty or longer than 255 octets.
    init(_ names: [String]) throws(TLSError) {
        var bytes: [UInt8] = []
        for name in names {
            guard let length = UInt8(exactly: name.utf8.count), length > 0 else {
                throw TLSError(.invalidConfiguration, "an ALPN protocol name has 1 to 255 octets, not \(name.utf8.count)")
            }
            bytes.append(length)
            bytes.append(contentsOf: name.utf8)
        }
        wire = .allocate(capacity: bytes.count)
        _ = wire.initialize(from: bytes)
    }

    deinit {
        wire.deallocate()
    }

    /// Makes connections of `context` choose from this list. The context holds no reference: its owner keeps `self` alive.
    ///
    /// A client that offers nothing in common gets the alert `no_application_protocol` (RFC 7301, section 3.2); one
    /// that does not offer ALPN at all is served.
    func install(in context: OpaquePointer) {
        guard !wire.isEmpty else { return }
        let select: SSL_CTX_alpn_select_cb_func = { _, selected, selectedLength, offered, offeredLength, list in
            guard let selected, let selectedLength, let offered, let list else { return SSL_TLSEXT_ERR_ALERT_FATAL }
            let wire = Unmanaged<ALPNProtocolList>.fromOpaque(list).takeUnretainedValue().wire
            var match: UnsafeMutablePointer<UInt8>?
            let outcome = SSL_select_next_proto(
                &match, selectedLength, wire.baseAddress, CUnsignedInt(wire.count), offered, offeredLength)
            guard outcome == OPENSSL_NPN_NEGOTIATED, let match else { return SSL_TLSEXT_ERR_ALERT_FATAL }
            selected.pointee = UnsafePointer(match)
            return SSL_TLSEXT_ERR_OK
        }
        SSL_CTX_set_alpn_select_cb(context, select, Unmanaged.passUnretained(self).toOpaque())
    }
    /// Makes connections of a client's `context`, which copies the list, offer it.
    /// - Returns: False when memory is short.
    func offer(in context: OpaquePointer) -> Bool {
        // This function answers 0 for success.
        wire.isEmpty || SSL_CTX_set_alpn_protos(context, wire.baseAddress, CUnsignedInt(wire.count)) == 0
    }
}

import COpenSSL
import NIOConcurrencyHelpers

/// The keys that session tickets are sealed with (RFC 5077 for TLS 1.2; RFC 8446, section 4.6.1).
///
/// One object serves all contexts of a process, so that sessions outlive a change of the certificate. New tickets get a new key each
/// `rotation`; who comes with a ticket of an older key gets a new ticket. A key is wiped when no ticket of it can be good any more:
/// from then on nobody who gets hold of the process's memory can decrypt what was recorded before.
public final class SessionTicketKeys: Sendable {
    private let ring: NIOLockedValueBox<TicketKeyRing>
    private let lifetime: Duration
    private let now: @Sendable () -> ContinuousClock.Instant

    /// - Parameters:
    ///   - rotation: How long new tickets are sealed with one key.
    ///   - lifetime: How long a session can be resumed; whole seconds, at most 7 days (RFC 8446, section 4.6.1).
    ///   - now: The time; one that does not jump with the calendar.
    /// - Throws: `TLSError` when there are no random octets to be had.
    public init(
        rotation: Duration = .seconds(3600), lifetime: Duration = .seconds(2 * 3600),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) throws(TLSError) {
        OpenSSLLibrary.initialize()
        guard let key = TicketKey() else {
            throw TLSError(.invalidConfiguration, "OpenSSL could not make a key for session tickets: \(OpenSSLErrorQueue.drainText())")
        }
        self.lifetime = lifetime
        self.now = now
        ring = NIOLockedValueBox(TicketKeyRing(rotation: rotation, lifetime: lifetime, key: key, now: now()))
    }

    /// Makes connections of `context` seal and open their tickets with these keys. The context holds no reference: its owner keeps
    /// `self` alive.
    func install(in context: OpaquePointer) throws(TLSError) {
        // The return value is the timeout before; it is given as seconds.
        _ = SSL_CTX_set_timeout(context, Int(clamping: lifetime.components.seconds))
        // The first slot is the one that OpenSSL leaves to the application (SSL_CTX_set_app_data).
        guard SSL_CTX_set_ex_data(context, Self.slot, Unmanaged.passUnretained(self).toOpaque()) == 1,
            SSL_CTX_set_tlsext_ticket_key_evp_cb(context, Self.callback) == 1
        else { throw SSLContextHandle.configurationError() }
    }

    private static let slot: CInt = 0

    /// SSL_CTX_set_tlsext_ticket_key_evp_cb(3)
    private static let callback:
        @convention(c) (
            OpaquePointer?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<UInt8>?, OpaquePointer?, OpaquePointer?, CInt
        ) -> CInt = { ssl, name, iv, cipher, mac, isSealing in
            guard let ssl, let name, let iv, let cipher, let mac, let context = SSL_get_SSL_CTX(ssl),
                let data = SSL_CTX_get_ex_data(context, slot)
            else { return Answer.failed }
            let keys = Unmanaged<SessionTicketKeys>.fromOpaque(data).takeUnretainedValue()
            return isSealing == 1 ? keys.seal(name, iv, cipher, mac) : keys.open(name, iv, cipher, mac)
        }

    private enum Answer {
        static let failed: CInt = -1
        /// A full handshake follows.
        static let unknownKey: CInt = 0
        static let done: CInt = 1
        /// Done, and the client is to have a new ticket.
        static let doneAndRenew: CInt = 2
    }

    private func seal(
        _ name: UnsafeMutablePointer<UInt8>, _ iv: UnsafeMutablePointer<UInt8>, _ cipher: OpaquePointer, _ mac: OpaquePointer
    ) -> CInt {
        guard let key = sealingKey(), key.seal(name: name, iv: iv, cipher, mac) else { return Answer.failed }
        return Answer.done
    }

    private func open(
        _ name: UnsafeMutablePointer<UInt8>, _ iv: UnsafeMutablePointer<UInt8>, _ cipher: OpaquePointer, _ mac: OpaquePointer
    ) -> CInt {
        let now = now()
        let (key, current) = ring.withLockedValue { ($0.key(named: name, at: now), $0.current(at: now)) }
        guard let key else { return Answer.unknownKey }
        guard key.open(iv: iv, cipher, mac) else { return Answer.failed }
        return key === current ? Answer.done : Answer.doneAndRenew
    }

    private func sealingKey() -> TicketKey? {
        let now = now()
        return ring.withLockedValue { ring in
            if let key = ring.current(at: now) { return key }
            guard let key = TicketKey() else { return nil }
            ring.rotate(to: key, now: now)
            return key
        }
    }
}

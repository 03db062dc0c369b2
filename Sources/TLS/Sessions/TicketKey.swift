import COpenSSL

/// What one generation of session tickets is sealed with, in the construction of RFC 5077, section 4: AES-256-CBC, then HMAC-SHA-256.
///
/// `@unchecked Sendable`: the octets are written in `init` only.
final class TicketKey: @unchecked Sendable {
    private static let nameSize = 16
    private static let keySize = 32

    /// The name, the encryption key and the MAC key, in memory of their own that is wiped at the end.
    private let octets: UnsafeMutableRawBufferPointer

    private var name: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: octets[..<Self.nameSize]) }
    private var encryptionKey: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: octets[Self.nameSize...].prefix(Self.keySize)) }
    private var macKey: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(rebasing: octets.suffix(Self.keySize)) }

    /// A random key. Nil when there are no random octets to be had.
    init?() {
        octets = .allocate(byteCount: Self.nameSize + 2 * Self.keySize, alignment: 16)
        guard RAND_priv_bytes(octets.baseAddress, CInt(octets.count)) == 1 else { return nil }
    }

    deinit {
        OPENSSL_cleanse(octets.baseAddress, octets.count)
        octets.deallocate()
    }

    /// Whether this key sealed the ticket that begins with `name`, 16 octets.
    func isNamed(_ name: UnsafePointer<UInt8>) -> Bool {
        self.name.elementsEqual(UnsafeBufferPointer(start: name, count: Self.nameSize))
    }

    /// Prepares the sealing of a ticket.
    /// - Parameters:
    ///   - name: Gets the key's name, 16 octets.
    ///   - iv: Gets a random initialization vector, 16 octets.
    func seal(name: UnsafeMutablePointer<UInt8>, iv: UnsafeMutablePointer<UInt8>, _ cipher: OpaquePointer, _ mac: OpaquePointer) -> Bool {
        UnsafeMutableRawBufferPointer(start: name, count: Self.nameSize).copyMemory(from: self.name)
        return RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) == 1
            && EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), nil, encryptionKey.bindMemory(to: UInt8.self).baseAddress, iv) == 1
            && start(mac)
    }

    /// Prepares the opening of a ticket that this key sealed.
    func open(iv: UnsafePointer<UInt8>, _ cipher: OpaquePointer, _ mac: OpaquePointer) -> Bool {
        start(mac) && EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), nil, encryptionKey.bindMemory(to: UInt8.self).baseAddress, iv) == 1
    }

    private func start(_ mac: OpaquePointer) -> Bool {
        COpenSSL_EVP_MAC_CTX_set_HMAC_SHA256_key(mac, macKey.baseAddress, macKey.count) == 1
    }
}

import COpenSSL

/// A SHA-256 digest (FIPS 180-4).
struct SHA256Digest: Hashable, Sendable {
    /// 32 of them.
    let octets: [UInt8]

    /// Nil when memory is short.
    init?(of bytes: [UInt8]) {
        OpenSSLLibrary.initialize()
        var octets = Self.empty
        guard EVP_Digest(bytes, bytes.count, &octets, nil, EVP_sha256(), nil) == 1 else { return nil }
        self.octets = octets
    }

    /// The digest of the digests, so that octets cannot move from one part to the next unnoticed. Nil when memory is short.
    init?(ofParts parts: [[UInt8]]) {
        var digests: [UInt8] = []
        for part in parts {
            guard let digest = SHA256Digest(of: part) else { return nil }
            digests.append(contentsOf: digest.octets)
        }
        self.init(of: digests)
    }

    /// The digest of a certificate's DER form. Nil when memory is short.
    init?(of certificate: X509Handle) {
        var octets = Self.empty
        guard certificate.withPointer({ X509_digest($0, EVP_sha256(), &octets, nil) }) == 1 else { return nil }
        self.octets = octets
    }

    /// Lower-case hexadecimal.
    var text: String {
        octets.map { octet in
            let digits = String(octet, radix: 16)
            return octet < 0x10 ? "0" + digits : digits
        }.joined()
    }

    private static let empty = [UInt8](repeating: 0, count: 32)
}

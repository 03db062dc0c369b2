import COpenSSL

/// Certificates and keys in PEM (RFC 7468), both ways.
enum PEM {
    enum Failure: Error, Hashable {
        /// There is no PEM block at all.
        case notPEM
        /// There is a PEM block, but none of the kind looked for.
        case notFound
        case encrypted
        /// The block of the given number, from 1, is broken; with OpenSSL's reason.
        case unparsable(block: Int, reason: String)
    }

    /// All certificates of a file in order, at least one.
    static func certificates(_ bytes: [UInt8]) throws(Failure) -> [X509Handle] {
        OpenSSLLibrary.initialize()
        guard contains(bytes, "-----BEGIN ") else { throw .notPEM }
        let parsed = MemoryBIO.reading(bytes) { bio -> (certificates: [X509Handle], reasons: [OpenSSLReason]) in
            var certificates: [X509Handle] = []
            while true {
                OpenSSLErrorQueue.clear()
                guard let certificate = PEM_read_bio_X509(bio, nil, nil, nil) else {
                    return (certificates, OpenSSLErrorQueue.drain())
                }
                certificates.append(X509Handle(owning: certificate))
            }
        }
        let (certificates, reasons) = parsed ?? ([], [])
        guard reasons.last?.isPEM(PEM_R_NO_START_LINE) == true else {
            throw .unparsable(block: certificates.count + 1, reason: reasons.summary)
        }
        guard !certificates.isEmpty else { throw .notFound }
        return certificates
    }

    /// The first private key of a file.
    static func privateKey(_ bytes: [UInt8]) throws(Failure) -> PrivateKeyHandle {
        OpenSSLLibrary.initialize()
        guard contains(bytes, "-----BEGIN ") else { throw .notPEM }
        // The end of every label of a private key: PKCS #8, plain and encrypted, and the traditional ones.
        guard contains(bytes, "PRIVATE KEY-----") else { throw .notFound }
        OpenSSLErrorQueue.clear()
        var isEncrypted = false
        let key = MemoryBIO.reading(bytes) { bio in
            PEM_read_bio_PrivateKey(bio, nil, refusePassphrase, &isEncrypted)
        }
        if let key, let key { return PrivateKeyHandle(owning: key) }
        let reasons = OpenSSLErrorQueue.drain()
        if isEncrypted { throw .encrypted }
        throw .unparsable(block: 1, reason: reasons.summary)
    }

    /// Nil when memory is short.
    static func encode(_ certificate: X509Handle) -> [UInt8]? {
        guard let output = MemoryBIO() else { return nil }
        let result = output.withPointer { bio in certificate.withPointer { PEM_write_bio_X509(bio, $0) } }
        return result == 1 ? output.contents : nil
    }

    /// PKCS #8, not encrypted. Nil when memory is short.
    static func encode(_ key: PrivateKeyHandle) -> [UInt8]? {
        guard let output = MemoryBIO() else { return nil }
        let result = output.withPointer { bio in
            key.withPointer { PEM_write_bio_PKCS8PrivateKey(bio, $0, nil, nil, 0, nil, nil) }
        }
        return result == 1 ? output.contents : nil
    }

    /// - Throws: `CertificateError.Code.issuingFailed` when there is no text.
    static func written(_ text: [UInt8]?) throws(CertificateError) -> [UInt8] {
        guard let text else { throw CertificateError(.issuingFailed, "OpenSSL could not write PEM: \(OpenSSLErrorQueue.drainText())") }
        return text
    }

    private static func contains(_ bytes: [UInt8], _ text: StaticString) -> Bool {
        let text = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        return bytes.indices.contains { bytes[$0...].starts(with: text) }
    }
}

/// Answers OpenSSL's question for a passphrase, which it would otherwise ask on the terminal, by noting that it was asked.
private func refusePassphrase(_: UnsafeMutablePointer<CChar>?, _: CInt, _: CInt, wasAsked: UnsafeMutableRawPointer?) -> CInt {
    wasAsked?.storeBytes(of: true, as: Bool.self)
    return -1
}

import COpenSSL

/// An X.509 version 3 certificate in the making.
final class CertificateBuilder {
    enum Extension {
        case basicConstraints, keyUsage, extendedKeyUsage, subjectKeyIdentifier, authorityKeyIdentifier

        fileprivate var nid: CInt {
            switch self {
            case .basicConstraints: NID_basic_constraints
            case .keyUsage: NID_key_usage
            case .extendedKeyUsage: NID_ext_key_usage
            case .subjectKeyIdentifier: NID_subject_key_identifier
            case .authorityKeyIdentifier: NID_authority_key_identifier
            }
        }
    }

    /// In characters (RFC 5280, appendix A.1, ub-common-name).
    static let longestCommonName = 64

    private let handle: X509Handle
    private var issuer: X509Handle?

    /// A fresh ECDSA key on the curve P-256.
    static func makePrivateKey() throws(CertificateError) -> PrivateKeyHandle {
        OpenSSLLibrary.initialize()
        OpenSSLErrorQueue.clear()
        guard let key = COpenSSL_EVP_EC_gen_P256() else { throw failure("make a key") }
        return PrivateKeyHandle(owning: key)
    }

    /// A certificate for the public half of `publicKey`, with a random serial number.
    init(publicKey: PrivateKeyHandle, validity: CertificateValidity) throws(CertificateError) {
        OpenSSLErrorQueue.clear()
        guard let certificate = X509_new() else { throw Self.failure("make a certificate") }
        handle = X509Handle(owning: certificate)
        guard X509_set_version(certificate, Int(X509_VERSION_3)) == 1,
            ASN1_TIME_set(X509_getm_notBefore(certificate), Int(validity.notBefore)) != nil,
            ASN1_TIME_set(X509_getm_notAfter(certificate), Int(validity.notAfter)) != nil,
            publicKey.withPointer({ X509_set_pubkey(certificate, $0) }) == 1,
            Self.setRandomSerialNumber(certificate)
        else { throw Self.failure("fill in a certificate") }
    }

    func setSubject(commonName: String) throws(CertificateError) {
        let result = handle.withPointer { certificate in
            X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate), NID_commonName, MBSTRING_UTF8, commonName, -1, -1, 0)
        }
        guard result == 1 else { throw Self.failure("set the subject") }
    }

    /// Sets the issuer's name and remembers it for extensions; nil means the certificate itself.
    /// To be called after the subject is set and before extensions are added.
    func setIssuer(_ issuer: X509Handle?) throws(CertificateError) {
        self.issuer = issuer
        let result = handle.withPointer { certificate in
            (issuer ?? handle).withPointer { X509_set_issuer_name(certificate, X509_get_subject_name($0)) }
        }
        guard result == 1 else { throw Self.failure("set the issuer") }
    }

    /// Adds an extension from OpenSSL's text form of its value (x509v3_config(5)).
    func add(_ extension: Extension, _ value: String) throws(CertificateError) {
        let isAdded = handle.withPointer { certificate in
            (issuer ?? handle).withPointer { issuer in
                var context = X509V3_CTX()
                COpenSSL_X509V3_set_ctx_nodb(&context)
                X509V3_set_ctx(&context, issuer, certificate, nil, nil, 0)
                guard let made = X509V3_EXT_conf_nid(nil, &context, `extension`.nid, value) else { return false }
                defer { X509_EXTENSION_free(made) }
                return X509_add_ext(certificate, made, -1) == 1
            }
        }
        guard isAdded else { throw Self.failure("add an extension") }
    }

    /// Adds the subject alternative names. They do not pass through OpenSSL's text form, in which a name could hide another.
    func add(_ names: [SubjectAlternativeName], isCritical: Bool) throws(CertificateError) {
        guard let list = COpenSSL_GENERAL_NAMES_new() else { throw Self.failure("add the names") }
        defer { GENERAL_NAMES_free(list) }
        for name in names {
            guard let entry = Self.generalName(name) else { throw Self.failure("add the names") }
            guard COpenSSL_sk_GENERAL_NAME_push(list, entry) > 0 else {
                GENERAL_NAME_free(entry)
                throw Self.failure("add the names")
            }
        }
        let result = handle.withPointer { certificate in
            X509_add1_ext_i2d(certificate, NID_subject_alt_name, UnsafeMutableRawPointer(list), isCritical ? 1 : 0, 0)
        }
        guard result == 1 else { throw Self.failure("add the names") }
    }

    func sign(with key: PrivateKeyHandle) throws(CertificateError) -> Certificate {
        let size = handle.withPointer { certificate in
            key.withPointer { X509_sign(certificate, $0, EVP_sha256()) }
        }
        guard size > 0, let certificate = Certificate(handle) else { throw Self.failure("sign a certificate") }
        return certificate
    }

    /// 20 octets, positive, with 158 random bits (RFC 5280, section 4.1.2.2).
    private static func setRandomSerialNumber(_ certificate: OpaquePointer) -> Bool {
        var octets = [UInt8](repeating: 0, count: 20)
        guard RAND_bytes(&octets, CInt(octets.count)) == 1 else { return false }
        // The top bit would make it negative, or 21 octets; the next one keeps it at 20.
        octets[0] = octets[0] & 0x7f | 0x40
        guard let number = BN_bin2bn(octets, CInt(octets.count), nil) else { return false }
        defer { BN_free(number) }
        return BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nil
    }

    private static func generalName(_ name: SubjectAlternativeName) -> UnsafeMutablePointer<GENERAL_NAME>? {
        let (type, stringType, octets) =
            switch name {
            case .dnsName(let text): (GEN_DNS, V_ASN1_IA5STRING, Array(text.utf8))
            case .ipAddress(let address): (GEN_IPADD, V_ASN1_OCTET_STRING, address.octets)
            }
        guard let string = ASN1_STRING_type_new(stringType) else { return nil }
        guard ASN1_STRING_set(string, octets, CInt(octets.count)) == 1, let entry = GENERAL_NAME_new() else {
            ASN1_STRING_free(string)
            return nil
        }
        GENERAL_NAME_set0_value(entry, type, string)
        return entry
    }

    private static func failure(_ attempt: String) -> CertificateError {
        CertificateError(.issuingFailed, "OpenSSL could not \(attempt): \(OpenSSLErrorQueue.drainText())")
    }
}

import COpenSSL

extension X509Handle {
    /// The validity in seconds since 1970-01-01T00:00:00Z, nil when malformed.
    var validity: (notBefore: Int64, notAfter: Int64)? {
        withPointer { certificate in
            guard let notBefore = Timestamp.seconds(X509_get0_notBefore(certificate)),
                let notAfter = Timestamp.seconds(X509_get0_notAfter(certificate))
            else { return nil }
            return (notBefore, notAfter)
        }
    }

    /// The subject as RFC 2253 text on one line, empty when there is none.
    var subject: String {
        withPointer { certificate in
            guard let name = X509_get_subject_name(certificate), let output = MemoryBIO() else { return "" }
            // Control characters and bytes beyond ASCII come out escaped, so the text is safe in a log.
            guard output.withPointer({ X509_NAME_print_ex($0, name, 0, COpenSSL_XN_FLAG_RFC2253()) }) >= 0 else { return "" }
            return String(decoding: output.contents, as: UTF8.self)
        }
    }

    var subjectAlternativeNames: [SubjectAlternativeName] {
        withPointer { certificate in
            guard let extensionData = X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else { return [] }
            let names = OpaquePointer(extensionData)
            defer { GENERAL_NAMES_free(names) }
            return (0..<max(0, COpenSSL_sk_GENERAL_NAME_num(names))).compactMap { index in
                COpenSSL_sk_GENERAL_NAME_value(names, index).flatMap(Self.name)
            }
        }
    }

    private static func name(_ name: UnsafeMutablePointer<GENERAL_NAME>) -> SubjectAlternativeName? {
        var type: CInt = 0
        guard let value = GENERAL_NAME_get0_value(name, &type) else { return nil }
        guard type == GEN_DNS || type == GEN_IPADD else { return nil }
        let string = value.assumingMemoryBound(to: ASN1_STRING.self)
        let octets = UnsafeBufferPointer(start: ASN1_STRING_get0_data(string), count: Int(ASN1_STRING_length(string)))
        if type == GEN_DNS {
            return .dnsName(String(decoding: octets, as: UTF8.self))
        }
        return IPAddress(octets: octets).map(SubjectAlternativeName.ipAddress)
    }

    /// Whether the certificate may sign others (RFC 5280, section 4.2.1.9; version 1 certificates, which cannot say, included).
    var isAuthority: Bool {
        withPointer { X509_check_ca($0) != 0 }
    }

    /// Whether the names and key identifiers fit and the signature is that of `issuer`.
    func isSigned(by issuer: X509Handle) -> Bool {
        OpenSSLErrorQueue.clear()
        defer { OpenSSLErrorQueue.clear() }
        return withPointer { certificate in
            issuer.withPointer { issuer in
                X509_check_issued(issuer, certificate) == X509_V_OK && X509_verify(certificate, X509_get0_pubkey(issuer)) == 1
            }
        }
    }

    /// Whether `key` is the private key of this certificate.
    func matches(_ key: PrivateKeyHandle) -> Bool {
        OpenSSLErrorQueue.clear()
        defer { OpenSSLErrorQueue.clear() }
        return withPointer { certificate in
            key.withPointer { X509_check_private_key(certificate, $0) == 1 }
        }
    }
}

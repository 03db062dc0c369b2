/// An X.509 certificate, as far as a server and its operator look into it.
public struct Certificate: Sendable {
    /// The distinguished name of the subject (RFC 2253 text); its alternative names when that is empty.
    public let subject: String
    /// The first second of its validity, since 1970-01-01T00:00:00Z.
    public let notBefore: Int64
    /// The last second of its validity, since 1970-01-01T00:00:00Z.
    public let notAfter: Int64
    /// The DNS names and IP addresses it is valid for; names of other kinds are left out.
    public let subjectAlternativeNames: [SubjectAlternativeName]
    /// The SHA-256 digest of the certificate's DER form in lower-case hexadecimal, 64 digits.
    public let sha256Fingerprint: String

    let handle: X509Handle

    /// Nil when a field of the certificate is malformed.
    init?(_ handle: X509Handle) {
        guard let validity = handle.validity, let digest = SHA256Digest(of: handle) else { return nil }
        self.handle = handle
        sha256Fingerprint = digest.text
        notBefore = validity.notBefore
        notAfter = validity.notAfter
        subjectAlternativeNames = handle.subjectAlternativeNames
        let name = handle.subject
        subject = name.isEmpty ? subjectAlternativeNames.map(\.description).joined(separator: ", ") : name
    }

    /// Whether it may sign other certificates.
    public var isAuthority: Bool { handle.isAuthority }

    /// Whether an authority has signed it. Times are not looked at.
    public func isIssued(by authority: Certificate) -> Bool {
        handle.isSigned(by: authority.handle)
    }

    /// Checks that the certificate is valid at a time.
    /// - Parameter now: Seconds since 1970-01-01T00:00:00Z.
    /// - Throws: `CertificateError.Code.expired` or `.notYetValid`.
    public func checkValidity(at now: Int64) throws(CertificateError) {
        guard now <= notAfter else {
            throw CertificateError(.expired, "the certificate of \(subject) expired at \(Timestamp.text(notAfter))")
        }
        guard now >= notBefore else {
            throw CertificateError(.notYetValid, "the certificate of \(subject) is not valid until \(Timestamp.text(notBefore))")
        }
    }
}

import KubernetesAPI
import TLS

/// How long certificates of the cluster live.
public struct CertificateLifetimes: Sendable, Equatable {
    /// Of an authority, in seconds. At least three times that of a certificate: an authority is replaced after two thirds of its life, and what it
    /// issued until then ends before it does.
    public let authority: Int64
    /// Of a serving certificate, in seconds.
    public let certificate: Int64
    /// From the moment all registrations hold a new authority to the first certificate of it that is served. API servers learn of a change of a
    /// registration by watching, each for itself.
    public let settling: Duration

    /// A year is what cert-manager gives the authority of its own webhook (`CADuration`); ninety days, renewed after sixty, is what it gives a
    /// Certificate that does not say. So an operator has thirty days to notice that renewals fail.
    public static let standard = CertificateLifetimes(authority: 365 * 86_400, certificate: 90 * 86_400, settling: .seconds(30))

    /// - Parameters:
    ///   - authority: Raised to three times the lifetime of a certificate.
    ///   - certificate: At least one second.
    public init(authority: Int64, certificate: Int64, settling: Duration) {
        let certificate = min(max(certificate, 1), Int64.max / 4)
        self.certificate = certificate
        self.authority = max(authority, 3 * certificate)
        self.settling = max(settling, .zero)
    }

    /// How much longer an authority stays trusted than what it issued is valid, for clocks that differ.
    var margin: Int64 { min(300, certificate / 10) }
}

extension SharedCertificates {
    /// No more authorities are kept from what registrations hold, or from Secrets that vanish again and again.
    static let retiredLimit = 16

    /// Makes a first authority.
    ///
    /// - Parameters:
    ///   - known: Authorities that registrations hold already. Somebody may serve a certificate of one of them, so they stay for the life of a
    ///     certificate, and nothing is served of the new one until it has been made known.
    static func first(
        for names: [SubjectAlternativeName], trusting known: [Certificate], _ lifetimes: CertificateLifetimes, at now: Int64
    ) throws(CertificateError) -> SharedCertificates {
        let authority = try CertificateAuthority.forWebhooks(lifetimes, at: now)
        let retired = known.prefix(retiredLimit).map { Retired(certificate: $0, until: min($0.notAfter, now + lifetimes.certificate)) }
        let leaf = known.isEmpty ? try authority.issue(for: names, lifetimes, at: now) : nil
        return try SharedCertificates(authority: authority, retired: retired, leaf: leaf)
    }

    /// Issues a certificate of the authority that signs.
    func renewed(for names: [SubjectAlternativeName], _ lifetimes: CertificateLifetimes, at now: Int64) throws(CertificateError)
        -> SharedCertificates
    {
        try SharedCertificates(authority: authority, retired: retired, leaf: authority.issue(for: names, lifetimes, at: now))
    }

    /// Makes a new authority, from which nothing is issued yet.
    ///
    /// - Parameter end: Until when certificates of the one before may be in use.
    func rotated(trustingUntil end: Int64, _ lifetimes: CertificateLifetimes, at now: Int64) throws(CertificateError) -> SharedCertificates
    {
        let old = Retired(certificate: authority.certificate, until: end)
        return try SharedCertificates(authority: .forWebhooks(lifetimes, at: now), retired: [old] + retired, leaf: leaf)
    }

    /// Makes a new authority, where it is not certain what became of the one before.
    ///
    /// - Parameter known: Authorities that registrations hold.
    func recreated(trusting known: [Certificate], _ lifetimes: CertificateLifetimes, at now: Int64) throws(CertificateError)
        -> SharedCertificates
    {
        let end = now + lifetimes.certificate
        // A Secret that vanishes again and again does not make the bundle grow without end.
        var changed = retired.count < Self.retiredLimit ? try rotated(trustingUntil: end, lifetimes, at: now) : self
        for authority in known.prefix(Self.retiredLimit) where changed.trust(in: authority) == nil {
            changed = try changed.trusting(authority, until: min(authority.notAfter, end))
        }
        return changed
    }

    /// Trusts an authority until a time at least.
    func trusting(_ authority: Certificate, until end: Int64) throws(CertificateError) -> SharedCertificates {
        let others = retired.filter { $0.certificate.sha256Fingerprint != authority.sha256Fingerprint }
        let until = max(end, trust(in: authority) ?? end)
        return try SharedCertificates(
            authority: self.authority, retired: [Retired(certificate: authority, until: until)] + others, leaf: leaf)
    }

    /// Without what need not be trusted any more.
    func pruned(_ lifetimes: CertificateLifetimes, at now: Int64) throws(CertificateError) -> SharedCertificates {
        try SharedCertificates(authority: authority, retired: retired.filter { !isOver($0, lifetimes, at: now) }, leaf: leaf)
    }

    /// Whether nothing that an authority issued can be in use any more.
    func isOver(_ retired: Retired, _ lifetimes: CertificateLifetimes, at now: Int64) -> Bool {
        guard retired.until + lifetimes.margin <= now else { return false }
        return leaf.map { !$0.leaf.isIssued(by: retired.certificate) } ?? true
    }
}

extension CertificateAuthority {
    fileprivate static func forWebhooks(_ lifetimes: CertificateLifetimes, at now: Int64) throws(CertificateError) -> CertificateAuthority {
        try CertificateAuthority(
            commonName: "dbmmo webhook CA \(Timestamp(seconds: now).text)",
            validity: CertificateValidity(seconds: lifetimes.authority, from: now))
    }

    /// Issues a certificate that ends with the authority at the latest.
    fileprivate func issue(
        for names: [SubjectAlternativeName], _ lifetimes: CertificateLifetimes, at now: Int64
    ) throws(CertificateError) -> ServerCertificate {
        let seconds = min(lifetimes.certificate, certificate.notAfter - now)
        return try issue(for: names, validity: CertificateValidity(seconds: seconds, from: now))
    }
}

import TLS

/// What all replicas share: the authority that signs, the certificate they serve, and the authorities that are still to be trusted.
///
/// The certificate is of the authority that signs, or, while a new authority is made known, of the one before it.
struct SharedCertificates: Sendable, Equatable {
    /// An authority that signs nothing any more; its private key is gone.
    struct Retired: Sendable, Equatable {
        let certificate: Certificate
        /// When the last certificate that it issued ends, in seconds since 1970.
        let until: Int64

        static func == (a: Retired, b: Retired) -> Bool {
            a.certificate.sha256Fingerprint == b.certificate.sha256Fingerprint && a.until == b.until
        }
    }

    let authority: CertificateAuthority
    /// Newest first.
    let retired: [Retired]
    /// Nil when nothing may be served yet.
    let leaf: ServerCertificate?
    /// The certificates of all authorities, in PEM: what clients have to trust.
    let bundle: [UInt8]

    /// - Throws: `CertificateError` when memory is short, or when the leaf is of none of the authorities.
    init(authority: CertificateAuthority, retired: [Retired], leaf: ServerCertificate?) throws(CertificateError) {
        self.authority = authority
        self.retired = retired
        self.leaf = leaf
        var bundle = try authority.certificate.pem()
        for authority in retired { bundle += try authority.certificate.pem() }
        self.bundle = bundle
        if let leaf, issuer(of: leaf) == nil {
            throw CertificateError(.refused, "the certificate of \(leaf.leaf.subject) is of no authority that is trusted")
        }
    }

    static func == (a: SharedCertificates, b: SharedCertificates) -> Bool {
        a.authority.certificate.sha256Fingerprint == b.authority.certificate.sha256Fingerprint && a.retired == b.retired
            && a.leaf?.leaf.sha256Fingerprint == b.leaf?.leaf.sha256Fingerprint
    }

    /// The authority that has signed a certificate, if it is one of these.
    func issuer(of certificate: ServerCertificate) -> Certificate? {
        trusted.first { certificate.leaf.isIssued(by: $0) }
    }

    /// The certificates of all authorities.
    var trusted: [Certificate] { [authority.certificate] + retired.map(\.certificate) }

    /// Until when an authority stays trusted; nil for one that is not, and `Int64.max` for the one that signs.
    func trust(in authority: Certificate) -> Int64? {
        if authority.sha256Fingerprint == self.authority.certificate.sha256Fingerprint { return .max }
        return retired.first { $0.certificate.sha256Fingerprint == authority.sha256Fingerprint }?.until
    }

    /// Whether the leaf is of the authority that signs now.
    var isLeafCurrent: Bool { leaf?.leaf.isIssued(by: authority.certificate) ?? false }
}

extension Certificate {
    /// When a certificate of ours was made: its validity begins earlier, for clocks that are behind.
    var issued: Int64 { notBefore + CertificateValidity.backdating }

    /// When a part of its life is over, in seconds since 1970.
    func time(after part: Double) -> Int64 { issued + Int64(Double(max(0, notAfter - issued)) * part) }
}

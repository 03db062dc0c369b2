import NIOConcurrencyHelpers

/// A server's certificate that comes from elsewhere than files. It is replaced as a whole, and a ``CertificateReloader`` takes it from here.
public final class HeldCertificate: Sendable {
    /// What messages call the place it comes from.
    public let name: String

    private let box: NIOLockedValueBox<(certificate: [UInt8], privateKey: [UInt8])>

    /// - Throws: `CertificateError.Code.issuingFailed` when memory is short.
    public init(_ certificate: ServerCertificate, name: String) throws(CertificateError) {
        self.name = name
        box = NIOLockedValueBox((try certificate.chainPEM(), try certificate.privateKeyPEM()))
    }

    /// - Throws: `CertificateError.Code.issuingFailed` when memory is short.
    public func replace(with certificate: ServerCertificate) throws(CertificateError) {
        let pem = (certificate: try certificate.chainPEM(), privateKey: try certificate.privateKeyPEM())
        box.withLockedValue { $0 = pem }
    }

    /// The chain, and the key of its leaf.
    var pem: (certificate: [UInt8], privateKey: [UInt8]) { box.withLockedValue { $0 } }
}

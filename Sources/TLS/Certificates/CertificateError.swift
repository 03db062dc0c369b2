/// Why certificates could not be loaded, used, issued or written.
public struct CertificateError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public struct Code: Hashable, Sendable {
        private enum Kind {
            case missingFile, unreadableFile
            case notPEM, noCertificate, unparsableCertificate
            case noPrivateKey, unparsablePrivateKey, encryptedPrivateKey, keyMismatch
            case expired, notYetValid, refused
            case invalidName, invalidValidity, issuingFailed
            case filesExist, unwritableFile
        }

        private let kind: Kind

        /// A file, or the directory it belongs to, does not exist.
        public static let missingFile = Code(kind: .missingFile)
        /// A file cannot be read, for one for lack of permission.
        public static let unreadableFile = Code(kind: .unreadableFile)
        /// A file has no PEM block (RFC 7468) at all.
        public static let notPEM = Code(kind: .notPEM)
        /// A file has PEM blocks, but none is a certificate.
        public static let noCertificate = Code(kind: .noCertificate)
        /// A certificate's PEM or DER is broken.
        public static let unparsableCertificate = Code(kind: .unparsableCertificate)
        /// A file has PEM blocks, but none is a private key.
        public static let noPrivateKey = Code(kind: .noPrivateKey)
        /// A private key's PEM or DER is broken or of an unknown kind.
        public static let unparsablePrivateKey = Code(kind: .unparsablePrivateKey)
        /// A private key is encrypted; a server has nobody to ask for the passphrase.
        public static let encryptedPrivateKey = Code(kind: .encryptedPrivateKey)
        /// The private key is not the one of the first certificate.
        public static let keyMismatch = Code(kind: .keyMismatch)
        /// A certificate of the chain is no longer valid.
        public static let expired = Code(kind: .expired)
        /// A certificate of the chain is not valid yet.
        public static let notYetValid = Code(kind: .notYetValid)
        /// OpenSSL refuses the certificate or its key for a server, for one as too weak.
        public static let refused = Code(kind: .refused)
        /// A name to certify is neither a DNS name nor an IP address.
        public static let invalidName = Code(kind: .invalidName)
        /// The validity asked for is empty or out of range.
        public static let invalidValidity = Code(kind: .invalidValidity)
        /// OpenSSL could not make a key or a certificate.
        public static let issuingFailed = Code(kind: .issuingFailed)
        /// Files exist already and may not be overwritten.
        public static let filesExist = Code(kind: .filesExist)
        /// A file or its directory cannot be written.
        public static let unwritableFile = Code(kind: .unwritableFile)
    }

    public let code: Code
    /// One line that names the file or the certificate, never a part of a key.
    public let description: String

    /// - Parameter description: One line without secrets.
    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    static func refused(_ certificate: Certificate, _ reason: String) -> CertificateError {
        CertificateError(.refused, "OpenSSL refuses the certificate of \(certificate.subject): \(reason)")
    }
}

import FoundationEssentials
import JSON
import KubernetesAPI
import NIOCore
import TLS

/// How the certificates lie in the Secret.
///
/// `tls.crt` and `tls.key` are what is served, `ca.crt` is the whole bundle, the authority that signs first, and `ca.key` is the key of that.
/// An annotation tells until when the other authorities of the bundle are trusted.
extension SharedCertificates {
    private enum Name {
        static let certificate = "tls.crt"
        static let privateKey = "tls.key"
        static let bundle = "ca.crt"
        static let authorityKey = "ca.key"
        static let retired = "cache.my.domain/trusted-until"
    }

    /// Reads the Secret.
    ///
    /// - Parameter name: What messages call it.
    /// - Throws: `CertificateError` when it does not hold certificates that belong together. Its text tells no key.
    init(reading secret: JSONValue, name: String) throws(CertificateError) {
        func bytes(_ member: String) throws(CertificateError) -> [UInt8]? {
            guard let text = secret["data"]?[member]?.string, !text.isEmpty else { return nil }
            guard let data = Data(base64Encoded: text) else {
                throw CertificateError(.notPEM, "\(member) of \(name) is not base 64")
            }
            return [UInt8](data)
        }
        func demanded(_ member: String) throws(CertificateError) -> [UInt8] {
            guard let bytes = try bytes(member) else { throw CertificateError(.missingFile, "\(name) has no \(member)") }
            return bytes
        }
        let bundle = try demanded(Name.bundle)
        let authority = try CertificateAuthority(certificatePEM: bundle, privateKeyPEM: demanded(Name.authorityKey), name: name)
        let ends = Self.ends(secret["metadata"]?["annotations"]?[Name.retired]?.string)
        var retired: [Retired] = []
        for certificate in try Certificate.all(inPEM: bundle, name: "\(Name.bundle) of \(name)").dropFirst() {
            // Without an end that we know of, it is trusted as long as it can be.
            retired.append(Retired(certificate: certificate, until: ends[certificate.sha256Fingerprint] ?? certificate.notAfter))
        }
        var leaf: ServerCertificate?
        if let chain = try bytes(Name.certificate) {
            leaf = try ServerCertificate(
                certificatePEM: chain, privateKeyPEM: demanded(Name.privateKey), certificateName: "\(Name.certificate) of \(name)",
                privateKeyName: "\(Name.privateKey) of \(name)")
        }
        try self.init(authority: authority, retired: retired, leaf: leaf)
    }

    private static func ends(_ annotation: String?) -> [String: Int64] {
        guard let annotation, let root = try? JSONDocument(parsing: ByteBuffer(string: annotation)).root else { return [:] }
        var ends: [String: Int64] = [:]
        for (fingerprint, time) in root.members {
            ends[fingerprint] = time.string.flatMap { Timestamp($0) }?.seconds
        }
        return ends
    }

    /// The whole Secret, or the changes that make it this one, as a merge patch: labels and what else others put there stay.
    ///
    /// - Parameter resourceVersion: What the Secret must be at; nil for one that is created.
    func secret(namespace: String, name: String, resourceVersion: String?) throws(CertificateError) -> ByteBuffer {
        let members: [(String, [UInt8]?)] = [
            (Name.bundle, bundle), (Name.authorityKey, try authority.privateKeyPEM()), (Name.certificate, try leaf?.chainPEM()),
            (Name.privateKey, try leaf?.privateKeyPEM())
        ]
        var writer = JSONWriter(capacity: 8192)
        writer.beginObject()
        writer.member("apiVersion", "v1")
        writer.member("kind", "Secret")
        writer.name("metadata")
        writer.beginObject()
        writer.member("namespace", namespace)
        writer.member("name", name)
        writer.member("resourceVersion", resourceVersion)
        writer.name("annotations")
        writer.beginObject()
        writer.member(Name.retired, endsText)
        writer.endObject()
        writer.endObject()
        writer.name("data")
        writer.beginObject()
        for (name, bytes) in members {
            if let bytes {
                writer.member(name, Data(bytes).base64EncodedString())
            } else if resourceVersion != nil {
                // A merge patch removes what it sets to null.
                writer.name(name)
                writer.null()
            }
        }
        writer.endObject()
        writer.endObject()
        return writer.buffer
    }

    private var endsText: String {
        var writer = JSONWriter()
        writer.beginObject()
        for authority in retired {
            writer.member(authority.certificate.sha256Fingerprint, Timestamp(seconds: authority.until).text)
        }
        writer.endObject()
        return writer.text
    }
}

import FoundationEssentials
import JSON
import NIOCore
import TLS

/// Whom API servers trust when they call our webhooks, as a registration says it: the `caBundle` of each of its clients that is ours.
struct TrustedBundles: Sendable, Equatable {
    /// One client of a registration.
    struct Entry: Sendable, Equatable {
        /// Where its bundle is in the object (RFC 6901).
        let path: String
        /// In PEM; empty when there is none.
        let bundle: [UInt8]
        /// The SHA-256 fingerprints of the certificates in the bundle; none when it cannot be read.
        let fingerprints: Set<String>
    }

    let entries: [Entry]
    let resourceVersion: String

    /// Whether something else writes the bundles: cert-manager's injector says so by an annotation.
    let isManagedElsewhere: Bool

    private static let injectors = [
        "cert-manager.io/inject-ca-from", "cert-manager.io/inject-ca-from-secret", "cert-manager.io/inject-apiserver-ca"
    ]

    /// - Parameter service: Only clients that are reached by this Service count, and in a definition any; nil for all clients.
    init(reading object: JSONValue, service: ServiceReference?) {
        let metadata = object["metadata"]
        resourceVersion = metadata?["resourceVersion"]?.string ?? ""
        isManagedElsewhere = Self.injectors.contains { metadata?["annotations"]?[$0] != nil }
        var entries: [Entry] = []
        for (index, webhook) in (object["webhooks"]?.elements ?? []).enumerated() {
            guard let client = webhook["clientConfig"], service?.isMeant(by: client) ?? true else { continue }
            entries.append(Entry("/webhooks/\(index)/clientConfig/caBundle", client))
        }
        if let client = object["spec"]?["conversion"]?["webhook"]?["clientConfig"] {
            entries.append(Entry("/spec/conversion/webhook/clientConfig/caBundle", client))
        }
        self.entries = entries
    }

    /// Whether each client has just this bundle.
    func are(_ bundle: [UInt8]) -> Bool { entries.allSatisfy { $0.bundle == bundle } }

    /// Whether each client trusts an authority.
    func trust(_ authority: Certificate) -> Bool { entries.allSatisfy { $0.fingerprints.contains(authority.sha256Fingerprint) } }

    /// The authorities that clients trust.
    var authorities: [Certificate] {
        var seen: Set<String> = []
        return entries.flatMap { Self.certificates($0.bundle) }.filter { $0.isAuthority && seen.insert($0.sha256Fingerprint).inserted }
    }

    /// The change that gives all clients a bundle (RFC 6902). It fails with a conflict unless the object is as it was when it was read.
    func patch(to bundle: [UInt8]) -> ByteBuffer {
        let text = Data(bundle).base64EncodedString()
        var writer = JSONWriter(capacity: 4096)
        writer.beginArray()
        // The version that a patched object carries must be that of the stored one (optimistic concurrency of Kubernetes' API conventions).
        for (operation, path, value) in [("replace", "/metadata/resourceVersion", resourceVersion)]
            + entries.map({ ("add", $0.path, text) })
        {
            writer.beginObject()
            writer.member("op", operation)
            writer.member("path", path)
            writer.member("value", value)
            writer.endObject()
        }
        writer.endArray()
        return writer.buffer
    }

    fileprivate static func certificates(_ bundle: [UInt8]) -> [Certificate] {
        (try? Certificate.all(inPEM: bundle, name: "caBundle")) ?? []
    }
}

extension TrustedBundles.Entry {
    fileprivate init(_ path: String, _ client: JSONValue) {
        let bundle = client["caBundle"]?.string.flatMap { Data(base64Encoded: $0) }.map { [UInt8]($0) } ?? []
        self.init(path: path, bundle: bundle, fingerprints: Set(TrustedBundles.certificates(bundle).map(\.sha256Fingerprint)))
    }
}

/// The Service by which API servers reach the webhooks.
struct ServiceReference: Sendable, Hashable {
    let namespace: String
    let name: String

    fileprivate func isMeant(by client: JSONValue) -> Bool {
        guard let service = client["service"] else { return false }
        return service["namespace"]?.isString(namespace) == true && service["name"]?.isString(name) == true
    }
}

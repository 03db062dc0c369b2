import DBMMOMySQLAPI
import JSON
import KubernetesAPI
import KubernetesClient

/// How a database is to run on the cluster, with everything decided that the spec leaves open.
///
/// What the spec does not say stays as it is where something runs already, and gets its default where nothing does. The number of pods is its
/// default in any case: what runs may be a stop that nobody wished.
struct Settings: Sendable {
    static let defaultVersion = "8.4"
    static let defaultCapacity = "20Gi"
    static let passwordKey = "MYSQL_ROOT_PASSWORD"

    /// Where the password comes from.
    enum Password: Sendable, Equatable {
        /// Made up once, and kept in our Secret.
        case generated
        /// Plain text of the spec, which goes into our Secret once, so that no pod spec shows it.
        case given(String)
        /// In a Secret of the user's.
        case reference(secret: String, key: String)
    }

    let owner: Owner
    var version: String?
    var image: String
    let replicas: Int64
    /// `spec.deletionProtection`
    let isProtected: Bool
    let password: Password
    let capacity: String
    let storageClassName: String?
    let accessModes: [String]
    let volumeMode: String?
    /// `spec.onCluster.envFrom`, as it is written.
    let environmentSources: JSONValue?
    let resources: JSONTree?
    /// In MiB, what the pod may take; nil where there is no limit.
    let memoryLimit: UInt64?
    let serviceType: String
    let serviceAnnotations: [(name: String, value: String)]
    let isIngressEnabled: Bool
    let ingressHost: String?
    let ingressClassName: String?

    /// The Secret and the key in it that hold the password.
    var secret: (name: String, key: String) {
        switch password {
        case .reference(let secret, let key): (secret, key)
        case .generated, .given: (Part.credentials.name(for: owner.key.name), Self.passwordKey)
        }
    }

    /// A hash of what the user decides of a pod. A release of dbmmo that knows of more leaves out what a spec does not have: the same spec has the same
    /// hash, and no pod is restarted.
    var podHash: String {
        ContentHash.text(of: [
            "image": .string(image), "version": version.map { .string($0) }, "secret": [.string(secret.name), .string(secret.key)],
            "envFrom": environmentSources.map { .verbatim($0) }, "resources": resources
        ])
    }

    init(_ database: DBMMOMySQL, owner: Owner, observed: Observed) {
        self.owner = owner
        let spec = database.spec
        let onCluster = database.json[path: ["spec", "onCluster"]]
        let running = observed[.statefulSet].map(StatefulSetState.init)
        let claim = observed[.claim].map(ClaimState.init)
        version = spec.version ?? running?.version
        image =
            spec.onCluster?.image ?? (spec.version == nil ? running?.image : nil)
            ?? "mysql:\(spec.version ?? Self.defaultVersion)"
        replicas = spec.replicas ?? 1
        isProtected = spec.deletionProtection
        if let reference = spec.credentials?.passwordSecretRef, let name = reference.name {
            password = .reference(secret: name, key: reference.key ?? Self.passwordKey)
        } else if let text = spec.credentials?.password, !text.isEmpty {
            password = .given(text)
        } else {
            password = .generated
        }
        capacity = spec.onCluster?.capacity ?? claim?.request?.description ?? Self.defaultCapacity
        storageClassName = spec.onCluster?.storageClassName
        accessModes = spec.onCluster?.accessModes ?? ["ReadWriteOnce"]
        volumeMode = spec.onCluster?.volumeMode
        environmentSources = onCluster?["envFrom"]
        resources = onCluster?["resources"].map { Self.resources(spec.onCluster?.resources, claims: $0["claims"]) }
        memoryLimit = onCluster?[path: ["resources", "limits", "memory"]]?.quantity?.mebibytes
        let service = onCluster?["service"]
        serviceType = service?["type"]?.string ?? "ClusterIP"
        serviceAnnotations = service?["annotations"]?.members.compactMap { name, value in value.string.map { (name, $0) } } ?? []
        isIngressEnabled = spec.onCluster?.isIngressEnabled ?? false
        ingressHost = spec.onCluster?.ingressHost
        ingressClassName = onCluster?["ingress"]?["className"]?.string
    }

    /// core/v1 ResourceRequirements. The API lets quantities be numbers, which server-side apply does not.
    private static func resources(_ resources: DBMMOMySQL.OnCluster.Resources?, claims: JSONValue?) -> JSONTree {
        func quantities(_ list: [(name: String, quantity: String)]?) -> JSONTree? {
            guard let list, !list.isEmpty else { return nil }
            return .object(list.map { .init(name: $0.name, value: .string($0.quantity)) })
        }
        return [
            "limits": quantities(resources?.limits), "requests": quantities(resources?.requests), "claims": claims.map { .verbatim($0) }
        ]
    }
}

import DBMMOMySQLAPI
import JSON
import KubernetesClient
import Logging
import NIOConcurrencyHelpers

/// What is known of the cluster: the databases, and what carries our label.
final class ClusterView: Sendable {
    private let objects: [ResourceType: KnownObjects]
    private let pods: PodIndex

    private static let types: [ResourceType] = [
        .databases, .secrets, .configMaps, .persistentVolumeClaims, .services, .endpoints, .pods, .statefulSets, .ingresses
    ]

    /// - Parameters:
    ///   - namespace: Nil for all.
    ///   - counts: Told of the databases.
    ///   - wake: Called with each database that something changed about.
    init(
        namespace: String?, client: KubernetesClient, counts: DatabaseCounts, logger: Logger, wake: @escaping @Sendable (ObjectKey) -> Void
    ) {
        let pods = PodIndex()
        self.pods = pods
        objects = Dictionary(
            uniqueKeysWithValues: Self.types.map { type in
                let selector = type == .databases ? nil : Owner.labelSelector
                let selection = ObjectSelection(namespace: namespace, labelSelector: selector)
                let known = KnownObjects(type, selection, client: client, logger: logger) { change in
                    if type == .databases {
                        counts.note(change)
                        return wake(change.object.key)
                    }
                    if type == .pods { pods.note(change) }
                    for key in Self.owners(in: change) { wake(key) }
                }
                return (type, known)
            })
    }

    /// Whom a change is about: who has the object now, and who had it.
    private static func owners(in change: ObjectChange) -> Set<ObjectKey> {
        let versions =
            switch change {
            case .added(let object), .deleted(let object): [object]
            case .updated(let old, let new): [old, new]
            }
        return versions.reduce(into: []) { $0.formUnion(owners(of: $1)) }
    }

    fileprivate static func owners(of object: KubernetesObject) -> Set<ObjectKey> {
        guard let json = try? object.json() else { return [] }
        return Set(Owner.names(of: json).map { ObjectKey(namespace: object.key.namespace, name: $0) })
    }

    var caches: [ObjectCache] { objects.values.map(\.cache) }

    var databases: [ObjectKey] { objects[.databases]?.cache.objects.map(\.key) ?? [] }

    subscript(type: ResourceType, key: ObjectKey) -> KubernetesObject? { objects[type]?[key] }

    func wrote(_ type: ResourceType, _ object: KubernetesObject) {
        objects[type]?.wrote(object)
    }

    /// What there is of a database.
    func observed(for key: ObjectKey) throws(JSONParseError) -> Observed {
        var observed = Observed()
        for part in Part.allCases {
            if let object = self[part.type, part.key(for: key)] { observed.objects[part] = try object.json() }
        }
        observed.endpoints = try self[.endpoints, Part.clientService.key(for: key)]?.json()
        for pod in pods.pods(of: key) {
            if let object = self[.pods, pod] { observed.pods.append(try object.json()) }
        }
        return observed
    }

    /// Whether the watches have still to tell of writes about a database.
    func isAhead(of key: ObjectKey) -> Bool {
        objects[.databases]?.isAhead(of: key) == true
            || Part.allCases.contains { objects[$0.type]?.isAhead(of: $0.key(for: key)) == true }
    }
}

/// Which pods belong to which database.
private final class PodIndex: Sendable {
    private let names = NIOLockedValueBox<[ObjectKey: Set<ObjectKey>]>([:])

    func pods(of database: ObjectKey) -> [ObjectKey] { names.withLockedValue { $0[database] ?? [] }.sorted() }

    func note(_ change: ObjectChange) {
        switch change {
        case .added(let pod): add(pod)
        case .deleted(let pod): remove(pod)
        case .updated(let old, let new):
            remove(old)
            add(new)
        }
    }

    private func add(_ pod: KubernetesObject) {
        let owners = ClusterView.owners(of: pod)
        names.withLockedValue { names in
            for owner in owners { names[owner, default: []].insert(pod.key) }
        }
    }

    private func remove(_ pod: KubernetesObject) {
        let owners = ClusterView.owners(of: pod)
        names.withLockedValue { names in
            for owner in owners {
                names[owner]?.remove(pod.key)
                if names[owner]?.isEmpty == true { names[owner] = nil }
            }
        }
    }
}

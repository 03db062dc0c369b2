/// A DBMMOMySQL called `orders` in a namespace of its own, looked after by the server under test of ``Cluster``.
struct Database: OrdersDatabase {
    static let uidAnnotation = "cache.my.domain/owner-uid"

    let cluster: Cluster
    let space: Namespace

    var controlPlane: ControlPlane { cluster.controlPlane }
    var namespace: String { space.name }

    /// - Parameter spec: Members of the spec.
    static func create(_ spec: String = "") async throws -> Database {
        let cluster = try Cluster.current
        let database = Database(cluster: cluster, space: try await cluster.namespace())
        try await database.apply(spec)
        return database
    }

    /// A database that serves clients.
    static func running(_ spec: String = "") async throws -> Database {
        let database = try await create(spec)
        try await database.isReady()
        return database
    }
}

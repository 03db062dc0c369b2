/// A DBMMOMySQL called `orders` in a namespace of its own, looked after by dbmmo in the cluster.
struct InClusterDatabase: OrdersDatabase {
    let controlPlane: ControlPlane
    let namespace: String

    /// A database that serves clients.
    static func running() async throws -> InClusterDatabase {
        let controlPlane = try ControlPlane.current
        let database = InClusterDatabase(controlPlane: controlPlane, namespace: try await controlPlane.namespace())
        try await database.apply("")
        try await database.isReady()
        return database
    }
}

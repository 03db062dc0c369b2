import Testing

/// What the worker makes of a DBMMOMySQL, on a real API server with its controllers, and a node on which MySQL runs in real pods.
@Suite(
    .controlPlaneAvailable, .controllersAvailable, .mariaDBAvailable, .nodeAvailable, .clusterOnNode, .namespacesRemoved,
    .timeLimit(.minutes(10)))
enum DatabaseTests {}

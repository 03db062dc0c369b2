import Testing

/// What the worker makes of a DBMMOMySQL, on a real API server with its controllers. Volumes and pods are made ready by hand, since there is no kubelet.
@Suite(.serialized, .controlPlaneAvailable, .controllersAvailable, .clusterWithWorker, .timeLimit(.minutes(5)))
enum DatabaseTests {}

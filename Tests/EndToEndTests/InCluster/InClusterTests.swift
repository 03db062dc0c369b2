import Testing

/// dbmmo in the cluster, as the manifests install it: in pods, called through its Service, watched by the kubelet, with the token of its account.
@Suite(
    .serialized, .controlPlaneAvailable, .controllersAvailable, .mariaDBAvailable, .nodeAvailable, .installedInCluster, .namespacesRemoved,
    .timeLimit(.minutes(10)))
enum InClusterTests {}

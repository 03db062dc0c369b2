import Testing

/// What users and operators meet: kubectl and an API server that calls the built program.
@Suite(.serialized, .controlPlaneAvailable, .cluster, .timeLimit(.minutes(3)))
enum ClusterTests {}

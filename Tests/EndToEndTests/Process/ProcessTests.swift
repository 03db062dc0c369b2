import Testing

/// The built program as a process among others, without a control plane.
@Suite(.serialized, .timeLimit(.minutes(1)))
enum ProcessTests {}

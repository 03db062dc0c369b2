import Testing

/// The commands for people, as they are typed.
@Suite(.serialized, .timeLimit(.minutes(5)))
enum CommandTests {}

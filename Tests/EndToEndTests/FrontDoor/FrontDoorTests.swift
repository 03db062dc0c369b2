import Testing

/// The TLS and HTTP/2 listener of the built program, in fair weather and in hostile.
@Suite(.serialized, .siegeTable, .timeLimit(.minutes(1)))
enum FrontDoorTests {}

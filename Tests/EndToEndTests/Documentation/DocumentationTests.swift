import Testing

/// What the pages for people show, held against the program.
@Suite(.timeLimit(.minutes(5)))
enum DocumentationTests {}

import Testing

extension DocumentationTests {
    @Suite("the page on the commands")
    struct CommandPageTests {
        @Test("its terminal sessions are what the commands print")
        func sessions() async throws {
            let sessions = try TerminalSession.all(in: "docs/commands.md")
            #expect(sessions.count >= 7)
            for session in sessions {
                // As a user types it, in the folder of the project, with the program in the path.
                let outcome = try await Tool.run(
                    "sh",
                    [
                        "-c", #"cd "$1" && PATH="$2:$PATH" && eval "$3""#, "sh", Project.root, Project.binaryFolder,
                        "exec 2>&1; \(session.command)"
                    ])
                #expect(outcome.output == session.output.map { "\($0)\n" }.joined(), "$ \(session.command)")
            }
        }
    }
}

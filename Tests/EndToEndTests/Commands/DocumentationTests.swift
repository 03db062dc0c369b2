import TestSupport
import Testing

extension CommandTests {
    @Suite("docs/commands.md")
    struct DocumentationTests {
        @Test("its terminal sessions are what the commands print")
        func sessions() async throws {
            let page = String(decoding: try FixtureFolder("../../../docs").bytes(of: "commands.md"), as: UTF8.self)
            let sessions = Self.sessions(of: page)
            #expect(sessions.count >= 6)
            for session in sessions {
                // As a user types it, in the folder of the project, with the program in the path.
                let outcome = try await Tool.run(
                    "sh",
                    [
                        "-c", #"cd "$1" && PATH="$2:$PATH" && eval "$3""#, "sh", Project.root, Project.binaryFolder,
                        "exec 2>&1; \(session.command)"
                    ])
                #expect(outcome.output == session.output, "$ \(session.command)")
            }
        }

        /// What stands in fences marked `console`: commands behind `$`, each with what it prints.
        private static func sessions(of page: String) -> [(command: String, output: String)] {
            var sessions: [(command: String, output: String)] = []
            var isInside = false
            for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
                if line.hasPrefix("```") {
                    isInside = line == "```console"
                } else if isInside, line.hasPrefix("$ ") {
                    sessions.append((String(line.dropFirst(2)), ""))
                } else if isInside, let last = sessions.indices.last {
                    sessions[last].output += line + "\n"
                }
            }
            return sessions
        }
    }
}

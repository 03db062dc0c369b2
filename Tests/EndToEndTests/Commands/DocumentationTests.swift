import TestSupport
import Testing

extension CommandTests {
    @Suite("documentation of the commands")
    struct DocumentationTests {
        @Test("terminal sessions are what the commands print", arguments: [("docs", "commands.md", 7), (".", "README.md", 1)])
        func sessions(folder: String, page: String, count: Int) async throws {
            let text = String(decoding: try FixtureFolder("../../../\(folder)").bytes(of: page), as: UTF8.self)
            let sessions = Self.sessions(of: text).filter { $0.command.contains("dbmmo ") && !$0.command.contains("kubectl") }
            #expect(sessions.count >= count)
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

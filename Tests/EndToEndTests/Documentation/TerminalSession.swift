import TestSupport

/// A command in a page and what the page says that it prints.
struct TerminalSession: Sendable {
    let command: String
    let output: [String]

    /// What stands in fences marked `console`: commands behind `$`, each with what it prints.
    ///
    /// - Parameter page: The path from the folder of the project.
    static func all(in page: String) throws -> [TerminalSession] {
        let text = String(decoding: try FixtureFolder("../../..").bytes(of: page), as: UTF8.self)
        var sessions: [TerminalSession] = []
        var isInside = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("```") {
                isInside = line == "```console"
            } else if isInside, line.hasPrefix("$ ") {
                sessions.append(TerminalSession(command: String(line.dropFirst(2)), output: []))
            } else if isInside, let last = sessions.popLast() {
                sessions.append(TerminalSession(command: last.command, output: last.output + [line]))
            }
        }
        return sessions
    }

    /// Whether lines are what the page shows. There a line `...` stands for any number of lines.
    func shows(_ lines: [String]) -> Bool { Self.matches(output[...], lines[...]) }

    private static func matches(_ shown: ArraySlice<String>, _ lines: ArraySlice<String>) -> Bool {
        guard let first = shown.first else { return lines.isEmpty }
        guard first.trimmed == "..." else { return first == lines.first && matches(shown.dropFirst(), lines.dropFirst()) }
        return (lines.startIndex...lines.endIndex).contains { matches(shown.dropFirst(), lines[$0...]) }
    }
}

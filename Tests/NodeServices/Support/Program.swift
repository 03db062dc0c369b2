import Subprocess

/// A program of the system did not do its part.
struct ProgramFailure: Error, CustomStringConvertible {
    let description: String
}

/// The programs of util-linux and of the file systems.
enum Program {
    private static let outputLimit = 1 << 20

    /// Runs a program of PATH to its end. Cancelling the task kills it.
    ///
    /// - Returns: Its standard output.
    /// - Throws: `ProgramFailure` with what it wrote to standard error, unless it ends with exit code 0.
    @discardableResult
    static func run(_ name: String, _ arguments: [String], environment: [String: String] = [:]) async throws -> String {
        let title = ([name] + arguments).joined(separator: " ")
        let added = Environment.inherit.updating(
            Dictionary(uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0.key), String?.some($0.value)) }))
        let configuration = Configuration(executable: .name(name), arguments: Arguments(arguments), environment: added)
        let (status, output, words) = try await outcome(of: configuration, title)
        guard status.isSuccess else {
            // What follows is how to use the program.
            let words = words.split(whereSeparator: \.isNewline).prefix(2).joined(separator: "; ")
            throw ProgramFailure(description: "\(title): \(status): \(words)")
        }
        return output
    }

    private static func outcome(
        of configuration: Configuration, _ title: String
    ) async throws(ProgramFailure) -> (TerminationStatus, output: String, errorOutput: String) {
        do {
            let result = try await Subprocess.run(
                configuration, input: .none, output: .string(limit: outputLimit), error: .string(limit: outputLimit))
            return (result.terminationStatus, result.standardOutput, result.standardError)
        } catch {
            throw ProgramFailure(description: "\(title): \(error)")
        }
    }
}

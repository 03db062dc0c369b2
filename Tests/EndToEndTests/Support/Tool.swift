import Glibc
import Subprocess
import SystemPackage
import TestSupport

/// What a program that has ended leaves behind.
struct Outcome: Sendable, CustomStringConvertible {
    /// Nil when a signal ended the program.
    let exitCode: Int32?
    let output: String
    let errorOutput: String

    /// The lines of standard error, without the spaces that some versions of kubectl put at their ends.
    var errorLines: [String] { Outcome.lines(of: errorOutput) }

    /// The lines of standard error that report what went wrong, which leaves out warnings.
    var faultLines: [String] { errorLines.filter { !$0.hasPrefix("Warning: ") } }

    var warningLines: [String] { errorLines.filter { $0.hasPrefix("Warning: ") } }

    /// The lines of standard output, without spaces at their ends.
    var lines: [String] { Outcome.lines(of: output) }

    var description: String { "exit \(exitCode.map(String.init) ?? "by signal")\n\(output)\(errorOutput)" }

    private static func lines(of text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).map { line in
            String(line.prefix((line.lastIndex { !$0.isWhitespace }).map { line.distance(from: line.startIndex, to: $0) + 1 } ?? 0))
        }
    }
}

/// A program that a test needs did not do its part.
struct ToolFailure: Error, CustomStringConvertible {
    let description: String

    init(_ program: String, _ arguments: [String], _ outcome: Outcome) {
        description = "\(program) \(arguments.joined(separator: " ")): \(outcome)"
    }
}

/// The programs of the machine: independent witnesses of what dbmmo does.
enum Tool {
    private static let outputLimit = 64 << 20

    /// Runs a program, found in PATH unless it is a path, to its end.
    static func run(
        _ program: String, _ arguments: [String], environment: [Environment.Key: String?] = [:], input: String? = nil
    ) async throws -> Outcome {
        let executable: Executable = program.contains("/") ? .path(FilePath(program)) : .name(program)
        let configuration = Configuration(
            executable: executable, arguments: Arguments(arguments), environment: .inherit.updating(environment))
        guard let input else {
            let result = try await Subprocess.run(
                configuration, input: .none, output: .string(limit: outputLimit), error: .string(limit: outputLimit))
            return Outcome(result.terminationStatus, result.standardOutput, result.standardError)
        }
        let result = try await Subprocess.run(
            configuration, input: .fileDescriptor(try InputFile.holding(input), closeAfterSpawningProcess: true),
            output: .string(limit: outputLimit), error: .string(limit: outputLimit))
        return Outcome(result.terminationStatus, result.standardOutput, result.standardError)
    }

    /// Runs a program that has to succeed.
    ///
    /// - Returns: its standard output.
    /// - Throws: `ToolFailure` unless the exit code is 0.
    @discardableResult
    static func demand(_ program: String, _ arguments: [String], input: String? = nil) async throws -> String {
        let outcome = try await run(program, arguments, input: input)
        guard outcome.exitCode == 0 else { throw ToolFailure(program, arguments, outcome) }
        return outcome.output
    }
}

extension Outcome {
    init(_ status: TerminationStatus, _ output: String, _ errorOutput: String) {
        self.init(exitCode: status.exitCode, output: output, errorOutput: errorOutput)
    }
}

extension TerminationStatus {
    var exitCode: Int32? {
        switch self {
        case .exited(let code): code
        case .signaled: nil
        }
    }
}

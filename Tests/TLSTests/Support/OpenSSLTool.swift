import Subprocess
import TestSupport

/// The `openssl` command line, as an independent witness.
enum OpenSSLTool {
    struct Outcome {
        let succeeded: Bool
        /// Standard output and standard error.
        let text: String
    }

    static func run(_ arguments: [String], input: String = "") async throws -> Outcome {
        let result = try await Subprocess.run(
            .name("openssl"), arguments: Arguments(arguments),
            input: .fileDescriptor(try InputFile.holding(input), closeAfterSpawningProcess: true), output: .string(limit: 4 << 20),
            error: .string(limit: 1 << 20))
        return Outcome(succeeded: result.terminationStatus.isSuccess, text: result.standardOutput + result.standardError)
    }
}

import HTTPCalls
import NIOCore
import Subprocess
import SystemPackage

extension ExecPlugin {
    /// More is no credential, in bytes.
    private static let outputLimit = 1 << 20

    /// How long a plugin may take.
    private static let timeLimit = Duration.seconds(60)

    /// Runs the plugin. What it writes to its standard error goes to ours, so that people read what it has to say; it never gets into an
    /// error or a log of ours, since nobody knows what it holds.
    func run() async throws(ConfigurationError) -> ExecCredential {
        var variables: [Environment.Key: String?] = ["KUBERNETES_EXEC_INFO": executionInfo]
        for variable in environment { variables[Environment.Key(stringLiteral: variable.name)] = variable.value.value }
        let configuration = Configuration(
            executable: command.contains("/") ? .path(FilePath(command)) : .name(command), arguments: Arguments(arguments),
            environment: .inherit.updating(variables))
        let output: [UInt8]
        do {
            output = try await withDeadline(.now + Self.timeLimit) {
                let result = try await Subprocess.run(
                    configuration, input: .none, output: .bytes(limit: Self.outputLimit), error: .currentStandardError)
                guard result.terminationStatus.isSuccess else {
                    throw ConfigurationError(.unreadableFile, "\(command) failed: \(result.terminationStatus)")
                }
                return result.standardOutput
            }
        } catch let error as ConfigurationError {
            throw error
        } catch is DeadlineExceeded {
            throw ConfigurationError(.unreadableFile, "\(command) did not end within \(Self.timeLimit)")
        } catch {
            // The error of Subprocess tells of the command and the reason; its environment is not part of it.
            throw ConfigurationError(.unreadableFile, "\(command) cannot be run\(installHint.map { ": \($0)" } ?? "")")
        }
        return try ExecCredential(output: ByteBuffer(bytes: output), of: self)
    }
}

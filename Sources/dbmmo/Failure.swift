import ArgumentParser
import Glibc

/// Ends a command with one line on standard error and the exit code that scripts act on (sysexits.h).
enum Failure {
    /// The command cannot be understood: 64.
    static func usage(_ message: String) -> ExitCode { report(message, EX_USAGE) }

    /// What the user configured cannot be used: 78.
    static func configuration(_ message: String) -> ExitCode { report(message, EX_CONFIG) }

    /// Something failed while running: 1.
    static func runtime(_ message: String) -> ExitCode { report(message, EXIT_FAILURE) }

    private static func report(_ message: String, _ code: Int32) -> ExitCode {
        let line = Array("dbmmo: \(message)\n".utf8)
        _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
        return ExitCode(code)
    }
}

/// The time of day, in whole seconds since 1970-01-01T00:00:00Z.
enum Clock {
    static func now() -> Int64 { Int64(time(nil)) }
}

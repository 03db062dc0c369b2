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

    /// A file that was named cannot be read: 66.
    static func unreadable(_ message: String) -> ExitCode { report(message, EX_NOINPUT) }

    /// What was read is refused: 1. The lines say where and why.
    static func refusal(_ lines: [String]) -> ExitCode {
        for line in lines { say(line) }
        return .failure
    }

    private static func report(_ message: String, _ code: Int32) -> ExitCode {
        say("dbmmo: \(message)")
        return ExitCode(code)
    }

    private static func say(_ text: String) {
        let line = Array("\(text)\n".utf8)
        _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

/// The time of day, in whole seconds since 1970-01-01T00:00:00Z.
enum Clock {
    static func now() -> Int64 { Int64(time(nil)) }
}

import ArgumentParser
import Glibc
import Logs

/// Why a command ends before it has done what was asked: what it says to people, and the exit code that scripts act on (sysexits.h).
struct Failure: Error, CustomStringConvertible {
    let description: String
    let code: ExitCode

    /// The command cannot be understood: 64.
    static func usage(_ message: String) -> Failure { Failure(message, EX_USAGE) }

    /// What the user configured cannot be used: 78.
    static func configuration(_ message: String) -> Failure { Failure(message, EX_CONFIG) }

    /// Something failed while running: 1.
    static func runtime(_ message: String) -> Failure { Failure(message, EXIT_FAILURE) }

    /// A file that was named cannot be read: 66.
    static func unreadable(_ message: String) -> Failure { Failure(message, EX_NOINPUT) }

    private init(_ message: String, _ code: Int32) {
        description = message
        self.code = ExitCode(code)
    }

    /// Says it to people.
    func report() {
        StandardError.write(line: "dbmmo: \(self)")
    }
}

/// The time of day, in whole seconds since 1970-01-01T00:00:00Z.
enum Clock {
    static func now() -> Int64 { Int64(time(nil)) }
}

public import Glibc
public import Logging

/// How the log looks on standard error.
public enum LogFormat: String, Sendable, CaseIterable {
    /// For people: time, level, label, metadata, part of the program, message.
    case text
    /// For programs: see ``JSONLogHandler``.
    case json

    /// What is read by programs in a cluster is read by people elsewhere, and on a terminal.
    public static func suitable(isInPod: Bool, isOnTerminal: Bool = isatty(STDERR_FILENO) == 1) -> LogFormat {
        isInPod && !isOnTerminal ? .json : .text
    }

    public func makeLogger(label: String, level: Logger.Level) -> Logger {
        var logger = Logger(label: label) { label in
            switch self {
            case .text: EscapingLogHandler(StreamLogHandler.standardError(label: label))
            case .json: JSONLogHandler(write: StandardError.write(line:))
            }
        }
        logger.logLevel = level
        return logger
    }
}

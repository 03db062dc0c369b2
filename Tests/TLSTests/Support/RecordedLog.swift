import Logging
import NIOConcurrencyHelpers

/// What was logged.
final class RecordedLog: Sendable {
    struct Line: Sendable {
        let level: Logger.Level
        let message: String
        let metadata: [String: String]
    }

    private let box = NIOLockedValueBox<[Line]>([])

    var lines: [Line] { box.withLockedValue { $0 } }

    var logger: Logger {
        Logger(label: "test") { _ in Handler(box: self.box) }
    }

    private struct Handler: LogHandler {
        let box: NIOLockedValueBox<[Line]>
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        init(box: NIOLockedValueBox<[Line]>) {
            self.box = box
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let metadata = (event.metadata ?? [:]).mapValues(\.description)
            box.withLockedValue { $0.append(Line(level: event.level, message: "\(event.message)", metadata: metadata)) }
        }
    }
}

import Logging

/// Hands events on as text in which nothing that comes from elsewhere can end a line or steer a terminal.
///
/// Names of users and of objects that are refused come from outside, with whatever characters their senders chose.
struct EscapingLogHandler<Handler: LogHandler>: LogHandler {
    private var handler: Handler

    init(_ handler: Handler) {
        self.handler = handler
    }

    var logLevel: Logger.Level {
        get { handler.logLevel }
        set { handler.logLevel = newValue }
    }

    var metadata: Logger.Metadata {
        get { handler.metadata }
        set { handler.metadata = newValue.mapValues(\.escaped) }
    }

    var metadataProvider: Logger.MetadataProvider? {
        get { handler.metadataProvider }
        set { handler.metadataProvider = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { handler[metadataKey: key] }
        set { handler[metadataKey: key] = newValue?.escaped }
    }

    func log(event: LogEvent) {
        var event = event
        event.message = "\(event.message.description.withoutControls)"
        var metadata = event.metadata
        if let error = event.error {
            metadata = (metadata ?? [:]).merging(["error": "\(error)"]) { own, _ in own }
            event.error = nil
        }
        event.metadata = metadata?.mapValues(\.escaped)
        handler.log(event: event)
    }
}

extension Logger.MetadataValue {
    fileprivate var escaped: Logger.MetadataValue {
        switch self {
        case .string(let text): .string(text.withoutControls)
        case .stringConvertible(let value): .string("\(value)".withoutControls)
        case .dictionary(let members): .dictionary(members.mapValues(\.escaped))
        case .array(let elements): .array(elements.map(\.escaped))
        }
    }
}

extension String {
    /// The text with control characters, line separators and marks of direction written as `\u{1B}`.
    fileprivate var withoutControls: String {
        guard unicodeScalars.contains(where: Self.isControl) else { return self }
        return unicodeScalars.reduce(into: "") { text, scalar in
            if Self.isControl(scalar) { text += scalar.escaped(asASCII: true) } else { text.unicodeScalars.append(scalar) }
        }
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}

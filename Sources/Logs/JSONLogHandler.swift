import JSON
import KubernetesAPI
public import Logging

/// Logs one JSON object a line, as collectors of logs in a cluster read it.
///
/// `ts` (RFC 3339, UTC, microseconds), `level`, `logger` (the part of the program) and `msg` come first, then the metadata, each a member of its own
/// in the order of the names. Metadata that is called like one of the four is called `metadata.` and that.
public struct JSONLogHandler: LogHandler {
    public var logLevel: Logger.Level = .info
    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?

    private let write: @Sendable (String) -> Void

    private static let ownNames: Set<String> = ["ts", "level", "logger", "msg"]

    /// - Parameter write: Is given each line, without its end.
    public init(write: @escaping @Sendable (String) -> Void) {
        self.write = write
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("ts", Timestamp.now().microText)
        writer.member("level", event.level.rawValue)
        writer.member("logger", event.source)
        writer.member("msg", "\(event.message)")
        writer.members(told(by: event)) { Self.ownNames.contains($0) ? "metadata.\($0)" : $0 }
        writer.endObject()
        write(writer.text)
    }

    /// What is nearer to the event wins.
    private func told(by event: LogEvent) -> Logger.Metadata {
        var all = metadata
        if let provider = metadataProvider { all.merge(provider.get()) { $1 } }
        if let error = event.error { all["error"] = "\(error)" }
        if let own = event.metadata { all.merge(own) { $1 } }
        return all
    }
}

extension JSONWriter {
    fileprivate mutating func members(_ metadata: Logger.Metadata, named rename: (String) -> String = { $0 }) {
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            name(rename(key))
            write(value)
        }
    }

    private mutating func write(_ value: Logger.MetadataValue) {
        switch value {
        case .string(let text): string(text)
        case .stringConvertible(let value): string("\(value)")
        case .dictionary(let members):
            beginObject()
            self.members(members)
            endObject()
        case .array(let elements):
            beginArray()
            for element in elements { write(element) }
            endArray()
        }
    }
}

public import NIOCore

/// Reads a YAML text of any number of documents, one at a time.
///
/// Scalars mean what they mean to Kubernetes, which reads YAML 1.1 by the rules of go-yaml v2: `yes` and `on` are true, `017` and `0o17` are 15,
/// a date is a string. Unlike there, a key that is set twice is an error.
public final class YAMLDocuments {
    private let events: YAMLEventReader
    private let limits: YAMLLimits
    private var hasFailed = false

    /// - Parameters:
    ///   - text: in UTF-8, or in UTF-16 with a byte order mark.
    ///   - firstLine: The number of its first line, where it is part of a larger one.
    /// - Throws: `YAMLError` when the text is too large.
    public init(reading text: ByteBuffer, firstLine: Int = 1, limits: YAMLLimits = YAMLLimits()) throws(YAMLError) {
        events = try YAMLEventReader(text, maximumSize: limits.size, firstLine: firstLine)
        self.limits = limits
    }

    /// The next document, nil behind the last one. A document without content reads as null.
    ///
    /// - Throws: `YAMLError`; nothing can be read after that.
    public func next() throws(YAMLError) -> YAMLDocument? {
        guard !hasFailed else { return nil }
        do throws(YAMLError) {
            return try document()
        } catch {
            hasFailed = true
            throw error
        }
    }

    private func document() throws(YAMLError) -> YAMLDocument? {
        while true {
            switch try events.next().content {
            case .streamEnd: return nil
            case .documentStart:
                var composer = YAMLComposer(events, limits: limits)
                return YAMLDocument(try composer.value(try events.next()))
            default: continue
            }
        }
    }
}

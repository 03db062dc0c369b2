import CSimdJSON
public import NIOCore

/// A JSON text that was checked as a whole, with an index of its values.
///
/// The text itself is kept: a value is a place in it, so that reading one builds nothing, numbers keep their spelling, and a
/// part that passes through unchanged is copied as bytes.
public final class JSONDocument: Sendable {
    /// The nesting beyond which a text is refused, in levels of objects and arrays.
    public static let defaultMaximumDepth = 512

    let text: ByteBuffer

    // Written once in `init` and only read until `deinit` frees it: safe to share between threads.
    private nonisolated(unsafe) let nodes: UnsafeMutablePointer<csimdjson_node>
    private let nodeCount: Int

    /// Checks and indexes a whole text.
    ///
    /// - Parameter maximumDepth: levels of nesting that are accepted.
    /// - Throws: `JSONParseError` with the byte offset when the text is not one JSON value in UTF-8.
    public init(parsing text: ByteBuffer, maximumDepth: Int = JSONDocument.defaultMaximumDepth) throws(JSONParseError) {
        let result = text.withUnsafeReadableBytes { bytes in
            csimdjson_index(bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, max(0, maximumDepth))
        }
        guard let nodes = result.nodes, result.count > 0 else {
            throw JSONParseError(code: Int(result.error), byteOffset: result.error_offset, maximumDepth: maximumDepth)
        }
        self.text = text
        self.nodes = nodes
        self.nodeCount = result.count
    }

    /// As ``init(parsing:maximumDepth:)``, for a text that stands in a string.
    public convenience init(
        parsing text: String, maximumDepth: Int = JSONDocument.defaultMaximumDepth
    ) throws(JSONParseError) {
        try self.init(parsing: ByteBuffer(string: text), maximumDepth: maximumDepth)
    }

    deinit {
        csimdjson_free(nodes)
    }

    /// The value that is the whole text.
    public var root: JSONValue { JSONValue(document: self, index: 0) }

    func node(_ index: Int) -> csimdjson_node { nodes[index] }
}

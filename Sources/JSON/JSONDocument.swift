import CSimdJSON
import Glibc
public import NIOCore

/// A JSON text that was checked as a whole, with an index of its values.
///
/// The text itself is kept: a value is a place in it, so that reading one builds nothing, numbers keep their spelling, and a
/// part that passes through unchanged is copied as bytes.
public final class JSONDocument: Sendable {
    /// The nesting beyond which a text is refused, in levels of objects and arrays.
    public static let defaultMaximumDepth = 512

    let text: ByteBuffer

    // The bytes of `text`, which stay where they are while it is held: a buffer with another owner is copied before it is changed.
    private nonisolated(unsafe) let bytes: UnsafeRawPointer

    // Written once in `init` and only read until `deinit` frees it: safe to share between threads.
    private nonisolated(unsafe) let nodes: UnsafeMutablePointer<csimdjson_node>
    private let nodeCount: Int
    /// What the index has taken of a limited memory.
    private let reservation: JSONMemory.Reservation?

    /// Checks and indexes a whole text.
    ///
    /// - Parameter maximumDepth: levels of nesting that are accepted.
    /// - Throws: `JSONParseError` with the byte offset when the text is not one JSON value in UTF-8.
    public convenience init(parsing text: ByteBuffer, maximumDepth: Int = JSONDocument.defaultMaximumDepth) throws(JSONParseError) {
        try self.init(text, maximumDepth: maximumDepth, outlineDepth: .max)
    }

    /// Indexes a text down to some depth only, which takes little time and memory. Deeper containers are passed over: they read as empty,
    /// and nothing but their encoding and the number of their brackets is checked until ``JSONValue/expanded(maximumDepth:)``.
    ///
    /// - Parameter depth: levels of nesting that are indexed.
    /// - Throws: as ``init(parsing:maximumDepth:)``.
    public convenience init(outlining text: ByteBuffer, depth: Int) throws(JSONParseError) {
        try self.init(text, maximumDepth: depth, outlineDepth: depth)
    }

    private init(_ text: ByteBuffer, maximumDepth: Int, outlineDepth: Int) throws(JSONParseError) {
        var reservation = JSONMemory.current.map(JSONMemory.Reservation.init)
        if outlineDepth == .max, reservation?.take(textOf: text.readableBytes) == false {
            throw JSONParseError(reason: .noRoom, byteOffset: 0)
        }
        let (bytes, result) = text.withUnsafeReadableBytes { bytes in
            let text = bytes.bindMemory(to: UInt8.self)
            let depths = (max(0, maximumDepth), max(0, outlineDepth))
            guard reservation != nil else {
                return (bytes.baseAddress, csimdjson_index(text.baseAddress, text.count, depths.0, depths.1, nil, nil))
            }
            let reserve: csimdjson_reserve = { context, nodes in
                context?.assumingMemoryBound(to: JSONMemory.Reservation?.self).pointee?.take(nodes: nodes) ?? false
            }
            return withUnsafeMutablePointer(to: &reservation) {
                (bytes.baseAddress, csimdjson_index(text.baseAddress, text.count, depths.0, depths.1, reserve, $0))
            }
        }
        guard let bytes, let nodes = result.nodes, result.count > 0 else {
            reservation?.release()
            throw JSONParseError(code: Int(result.error), byteOffset: result.error_offset, maximumDepth: maximumDepth)
        }
        self.text = text
        self.bytes = bytes
        self.nodes = nodes
        self.nodeCount = result.count
        self.reservation = reservation
    }

    /// As ``init(parsing:maximumDepth:)``, for a text that stands in a string.
    public convenience init(
        parsing text: String, maximumDepth: Int = JSONDocument.defaultMaximumDepth
    ) throws(JSONParseError) {
        try self.init(parsing: ByteBuffer(string: text), maximumDepth: maximumDepth)
    }

    deinit {
        csimdjson_free(nodes)
        reservation?.release()
    }

    /// The value that is the whole text.
    public var root: JSONValue { JSONValue(document: self, index: 0) }

    func node(_ index: Int) -> csimdjson_node { nodes[index] }

    /// Passes the text of a node.
    func withText<Result>(of node: csimdjson_node, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withExtendedLifetime(self) { body(text(of: node)) }
    }

    // The index holds only offsets inside of the text.
    private func text(of node: csimdjson_node) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: bytes + Int(node.start), count: Int(node.end) - Int(node.start))
    }

    /// The place of the value of an object's last member of that name.
    ///
    /// Every field of every request is found by this, so it compares bytes where they lie and makes no value of what it passes.
    func member(_ name: UnsafeRawBufferPointer, of object: Int) -> Int? {
        guard Int(nodes[object].kind) == CSIMDJSON_OBJECT else { return nil }
        let end = Int(nodes[object].next)
        var found: Int?
        var child = object + 1
        while child + 1 < end {
            if isName(nodes[child], equalTo: name) { found = child + 1 }
            child = Int(nodes[child + 1].next)
        }
        return found
    }

    /// Whether no two members of an object have one name, as far as that is quickly said: false for large objects and names with escapes.
    func hasPlainDistinctNames(_ object: Int) -> Bool {
        withUnsafeTemporaryAllocation(of: UnsafeRawBufferPointer.self, capacity: Self.fewMembers) { names in
            var count = 0
            let end = Int(nodes[object].next)
            var child = object + 1
            while child + 1 < end {
                let node = nodes[child]
                guard count < names.count, Int32(node.flags) & CSIMDJSON_FLAG_ESCAPED == 0 else { return false }
                let name = text(of: node)
                for other in names[..<count] where other.isSame(as: name) { return false }
                names.initializeElement(at: count, to: name)
                count += 1
                child = Int(nodes[child + 1].next)
            }
            return true
        }
    }

    /// Up to so many members, to compare each with each takes less time than to hash them. No input may make that more than this.
    static let fewMembers = 32

    private func isName(_ node: csimdjson_node, equalTo name: UnsafeRawBufferPointer) -> Bool {
        let spelling = text(of: node).unquoted
        guard Int32(node.flags) & CSIMDJSON_FLAG_ESCAPED == 0 else {
            return StringEscapes.resolved(spelling).utf8.elementsEqual(name)
        }
        return spelling.isSame(as: name)
    }
}

extension UnsafeRawBufferPointer {
    /// What is between the quotes of a string's text.
    var unquoted: UnsafeRawBufferPointer {
        count < 2 ? self : UnsafeRawBufferPointer(rebasing: self[1..<count - 1])
    }

    func isSame(as other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        guard let base = baseAddress, let otherBase = other.baseAddress else { return true }
        return memcmp(base, otherBase, count) == 0
    }
}

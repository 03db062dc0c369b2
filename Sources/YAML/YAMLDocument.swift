public import JSON
public import NIOCore

/// A document of a YAML text, read as Kubernetes reads it: as the JSON that it stands for.
public struct YAMLDocument: Sendable {
    /// The document as JSON.
    public let json: ByteBuffer

    /// Where its content begins.
    public let position: YAMLPosition

    private let root: YAMLNode

    init(_ root: YAMLNode) {
        self.root = root
        position = root.position
        var writer = JSONWriter(capacity: root.size)
        writer.node(root)
        json = writer.buffer
    }

    /// Where a value stands: the place of its key, or of itself in a list. When the document has no such value, the place of what it has of
    /// the way to it.
    public func position(of pointer: JSONPointer) -> YAMLPosition {
        root.position(of: pointer.names[...]) ?? position
    }
}

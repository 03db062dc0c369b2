import JSON

/// What a YAML text may ask for.
public struct YAMLLimits: Sendable {
    /// Bytes of a whole text.
    public var size = 64 << 20
    /// Levels of mappings and sequences, those behind aliases included.
    public var depth = JSONDocument.defaultMaximumDepth
    /// Bytes that aliases of one document may repeat. Without this a few lines of aliases of aliases stand for terabytes.
    public var aliasedSize = 8 << 20

    public init() {}
}

import JSON

/// A value of a document after aliases and merges, with the place where it stands.
struct YAMLNode: Sendable {
    struct Member: Sendable {
        let name: String
        /// Of the key.
        let position: YAMLPosition
        let value: YAMLNode
    }

    enum Content: Sendable {
        case scalar(YAMLScalar)
        case sequence([YAMLNode])
        case mapping([Member])
    }

    let content: Content
    let position: YAMLPosition
    /// The bytes of its JSON, roughly; those that aliases repeat counted each time.
    let size: Int
    /// Levels of sequences and mappings, 0 for a scalar.
    let depth: Int

    init(_ scalar: YAMLScalar, at position: YAMLPosition) {
        content = .scalar(scalar)
        self.position = position
        size = if case .string(let text) = scalar { text.utf8.count &+ 2 } else { 8 }
        depth = 0
    }

    init(sequence: [YAMLNode], at position: YAMLPosition) {
        content = .sequence(sequence)
        self.position = position
        size = sequence.reduce(2) { $0 &+ $1.size &+ 1 }
        depth = (sequence.map(\.depth).max() ?? 0) &+ 1
    }

    init(mapping: [Member], at position: YAMLPosition) {
        content = .mapping(mapping)
        self.position = position
        size = mapping.reduce(2) { $0 &+ $1.name.utf8.count &+ $1.value.size &+ 4 }
        depth = (mapping.map(\.value.depth).max() ?? 0) &+ 1
    }

    /// The value's place, or that of what is there of the way to it.
    func position(of path: ArraySlice<String>) -> YAMLPosition? {
        guard let name = path.first else { return nil }
        switch content {
        case .scalar: return nil
        case .sequence(let elements):
            guard let index = Int(name), elements.indices.contains(index) else { return nil }
            return elements[index].position(of: path.dropFirst()) ?? elements[index].position
        case .mapping(let members):
            guard let member = members.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) else { return nil }
            return member.value.position(of: path.dropFirst()) ?? member.position
        }
    }
}

extension JSONWriter {
    mutating func node(_ node: YAMLNode) {
        switch node.content {
        case .scalar(let scalar): self.scalar(scalar)
        case .sequence(let elements):
            beginArray()
            for element in elements { self.node(element) }
            endArray()
        case .mapping(let members):
            beginObject()
            for member in members {
                name(member.name)
                self.node(member.value)
            }
            endObject()
        }
    }

    private mutating func scalar(_ scalar: YAMLScalar) {
        switch scalar {
        case .null: null()
        case .boolean(let value): boolean(value)
        case .integer(let value): integer(value)
        case .unsigned(let value): number(String(value))
        case .float(let value): number(GoFloat.json(value))
        case .string(let value): string(value)
        }
    }
}

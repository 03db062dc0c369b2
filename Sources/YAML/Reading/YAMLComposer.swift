/// Makes the values of one document from its events, as go-yaml v2 does for Kubernetes.
struct YAMLComposer {
    private let events: YAMLEventReader
    private let limits: YAMLLimits
    /// Which of ``anchored`` a name stands for now: a later anchor of the same name takes over.
    private var anchors: [String: Int] = [:]
    /// The values with an anchor; nil while one is being read.
    private var anchored: [YAMLNode?] = []
    private var aliasedSize = 0

    init(_ events: YAMLEventReader, limits: YAMLLimits) {
        self.events = events
        self.limits = limits
    }

    /// - Parameters:
    ///   - event: the one that begins the value.
    ///   - depth: levels around the value.
    mutating func value(_ event: YAMLEvent, depth: Int = 0) throws(YAMLError) -> YAMLNode {
        let node = try node(event, depth: depth)
        if case .scalar(.float(let number)) = node.content, !number.isFinite { throw YAMLError(.notFinite, at: event.position) }
        return node
    }

    private mutating func node(_ event: YAMLEvent, depth: Int) throws(YAMLError) -> YAMLNode {
        switch event.content {
        case .alias(let name):
            return try alias(name, at: event.position, depth: depth)
        case .scalar(let scalar):
            let place = reserve(scalar.anchor)
            let resolved: YAMLScalar
            do {
                resolved = try YAMLScalar(resolving: scalar.text, tag: scalar.tag, isImplicit: scalar.isImplicit)
            } catch {
                throw YAMLError(error, at: event.position)
            }
            return keep(YAMLNode(resolved, at: event.position), at: place)
        case .sequenceStart(let anchor):
            let place = reserve(anchor)
            return keep(try sequence(at: event.position, depth: try level(below: depth, at: event.position)), at: place)
        case .mappingStart(let anchor):
            let place = reserve(anchor)
            return keep(try mapping(at: event.position, depth: try level(below: depth, at: event.position)), at: place)
        default:
            // libyaml keeps to its grammar: nothing else begins a value.
            throw YAMLError(.syntax("a value is missing"), at: event.position)
        }
    }

    private func level(below depth: Int, at position: YAMLPosition) throws(YAMLError) -> Int {
        guard depth < limits.depth else { throw YAMLError(.tooDeep(limit: limits.depth), at: position) }
        return depth + 1
    }

    private mutating func sequence(at position: YAMLPosition, depth: Int) throws(YAMLError) -> YAMLNode {
        var elements: [YAMLNode] = []
        while true {
            let event = try events.next()
            if case .sequenceEnd = event.content { return YAMLNode(sequence: elements, at: position) }
            elements.append(try value(event, depth: depth))
        }
    }

    private mutating func mapping(at position: YAMLPosition, depth: Int) throws(YAMLError) -> YAMLNode {
        var members = YAMLMembers()
        while true {
            let event = try events.next()
            if case .mappingEnd = event.content { return YAMLNode(mapping: members.all, at: position) }
            if event.isMergeKey {
                let valueEvent = try events.next()
                try merge(try value(valueEvent, depth: depth), at: valueEvent.position, into: &members)
                continue
            }
            let key = try key(event, depth: depth)
            let member = YAMLNode.Member(name: key, position: event.position, value: try value(try events.next(), depth: depth))
            if let first = members.set(member) { throw YAMLError(.duplicateKey(key, firstLine: first.line), at: event.position) }
        }
    }

    private mutating func key(_ event: YAMLEvent, depth: Int) throws(YAMLError) -> String {
        guard case .scalar(let scalar) = try node(event, depth: depth).content, let key = scalar.key else {
            throw YAMLError(.unusableKey, at: event.position)
        }
        return key
    }

    /// Takes over the members of one mapping, or of several of which the first has precedence.
    private func merge(_ source: YAMLNode, at position: YAMLPosition, into members: inout YAMLMembers) throws(YAMLError) {
        let sources: [YAMLNode] = if case .sequence(let elements) = source.content { elements } else { [source] }
        for source in sources.reversed() {
            guard case .mapping(let additions) = source.content else { throw YAMLError(.mergeWithoutMapping, at: position) }
            members.merge(additions)
        }
    }

    // MARK: Anchors

    private mutating func reserve(_ anchor: String?) -> Int? {
        guard let anchor else { return nil }
        anchors[anchor] = anchored.endIndex
        anchored.append(nil)
        return anchored.endIndex - 1
    }

    private mutating func keep(_ node: YAMLNode, at place: Int?) -> YAMLNode {
        if let place { anchored[place] = node }
        return node
    }

    private mutating func alias(_ name: String, at position: YAMLPosition, depth: Int) throws(YAMLError) -> YAMLNode {
        guard let place = anchors[name] else { throw YAMLError(.unknownAnchor(name), at: position) }
        guard let node = anchored[place] else { throw YAMLError(.anchorContainsItself(name), at: position) }
        guard node.depth <= limits.depth - depth else { throw YAMLError(.tooDeep(limit: limits.depth), at: position) }
        aliasedSize += node.size
        guard aliasedSize <= limits.aliasedSize else { throw YAMLError(.aliasesTooLarge(limit: limits.aliasedSize), at: position) }
        return node
    }
}

extension YAMLEvent {
    fileprivate var isMergeKey: Bool {
        guard case .scalar(let scalar) = content, scalar.text == "<<" else { return false }
        return scalar.isImplicit || scalar.tag == YAMLScalar.mergeTag
    }
}

public import JSON

/// Conversion between the served versions: total, and lossless in both directions.
///
/// Each field with a counterpart moves to it; all else of the object travels in the annotation
/// ``ServedVersion/conversionDataAnnotation`` and comes back from there. A field of the object always wins over the annotation, so
/// that an edit made in between is never undone.
public enum Conversion {
    /// Writes an object as it reads in a version; one that is of this version already is written as it is.
    public static func write(
        _ object: JSONValue, as version: ServedVersion, into writer: inout JSONWriter
    ) throws(ConversionError) {
        guard try self.version(of: object) != version else {
            writer.verbatim(object)
            return
        }
        let converted = ConvertedObject(object, as: version)
        writer.beginObject()
        writer.name("apiVersion")
        writer.string(version.groupVersion)
        writer.name("kind")
        writer.string(ServedVersion.kind)
        if object["metadata"] != nil || converted.data != nil {
            writer.name("metadata")
            ConversionData.writeMetadata(object["metadata"], carrying: converted.data, into: &writer)
        }
        for member in converted.content {
            writer.name(member.name)
            writer.tree(member.value)
        }
        writer.endObject()
    }

    /// The object as it reads in `v1`, which is the object itself when it is of that version.
    static func v1Form(of object: JSONValue) throws(ConversionError) -> JSONValue {
        guard try version(of: object) != .v1 else { return object }
        var writer = JSONWriter(capacity: object.byteCount + 512)
        try write(object, as: .v1, into: &writer)
        return try reading(writer)
    }

    /// What was written, to be read again.
    static func reading(_ writer: JSONWriter) throws(ConversionError) -> JSONValue {
        do {
            return try JSONDocument(parsing: writer.buffer).root
        } catch {
            throw .unreadable(error)
        }
    }

    /// As ``reading(_:)``, of a tree.
    static func reading(_ tree: JSONTree) throws(ConversionError) -> JSONValue {
        var writer = JSONWriter()
        writer.tree(tree)
        return try reading(writer)
    }

    private static func version(of object: JSONValue) throws(ConversionError) -> ServedVersion {
        guard object.kind == .object else { throw .notAnObject }
        let (apiVersion, kind) = (object["apiVersion"]?.string, object["kind"]?.string)
        guard let apiVersion, kind == ServedVersion.kind, apiVersion.hasPrefix("\(ServedVersion.group)/") else {
            throw .foreign(apiVersion: apiVersion, kind: kind)
        }
        guard let version = ServedVersion(groupVersion: apiVersion) else { throw .unknownVersion(apiVersion: apiVersion) }
        return version
    }
}

/// What an object consists of in the other version, apart from its type and metadata.
struct ConvertedObject {
    /// The members of the converted object besides `apiVersion`, `kind` and `metadata`.
    private(set) var content: [JSONTree.Member] = []
    /// What the version cannot hold, to travel in the annotation.
    private(set) var data: ConversionData?

    private let target: ServedVersion
    private var converted = JSONTree.emptyObject
    private var remainder = JSONTree.emptyObject
    private var emptyContainers: [(path: [String], counterpart: [String])] = []

    init(_ object: JSONValue, as target: ServedVersion) {
        self.target = target
        let source: ServedVersion = target == .v1 ? .v1alpha1 : .v1
        let tree = FieldTree.of(source)
        for member in object.members where !["apiVersion", "kind", "metadata"].contains(member.name) {
            var path = [member.name]
            move(member.value, along: tree.children[member.name], path: &path)
        }
        let previous = ConversionData(in: object["metadata"])
        if let kept = previous?.content(for: target) {
            var path: [String] = []
            restore(kept, along: FieldTree.of(target), path: &path)
        }
        for (path, counterpart) in emptyContainers where !converted.insert(.emptyObject, at: counterpart) {
            remainder.insert(.emptyObject, at: path)
        }
        if case .object(let members) = remainder, !members.isEmpty {
            data = ConversionData(of: source, content: remainder, in: object["metadata"])
        }
        if case .object(let members) = converted {
            content = target == .v1 ? members.map(Self.withListsOfV1) : members
        }
    }

    /// Moves each field below `value` to its counterpart, or to the remainder when it has none.
    private mutating func move(_ value: JSONValue, along tree: FieldTree?, path: inout [String]) {
        if let field = tree?.field {
            guard let counterpart = field.value.convert(value, to: target), converted.insert(counterpart, at: field.path(in: target))
            else {
                remainder.insert(.verbatim(value), at: path)
                return
            }
        } else if let tree, tree.isList, value.kind == .array, !value.isEmptyContainer {
            for (index, element) in value.elements.enumerated() {
                path.append(String(index))
                move(element, along: tree.children[String(index)], path: &path)
                path.removeLast()
            }
        } else if value.kind == .object, tree?.isList != true {
            let members = value.members
            if members.isEmpty, let container = tree?.container {
                emptyContainers.append((path, container.path(in: target)))
            } else if members.isEmpty {
                remainder.insert(.emptyObject, at: path)
            }
            for member in members {
                path.append(member.name)
                move(member.value, along: tree?.children[member.name], path: &path)
                path.removeLast()
            }
        } else if value.kind == .object {
            // In place of the list. Kept as a list of one, since an object there is the list's elements by their index.
            remainder.insert(.array([.verbatim(value)]), at: path)
        } else {
            remainder.insert(.verbatim(value), at: path)
        }
    }

    /// Puts back what the annotation kept for this version, except where the object says something itself. A kept field that
    /// could have moved as such is stale: the other version held it and lost it by an edit.
    private mutating func restore(_ value: JSONValue, along tree: FieldTree?, path: inout [String]) {
        if let field = tree?.field {
            let source: ServedVersion = target == .v1 ? .v1alpha1 : .v1
            if field.value.convert(value, to: source) == nil { converted.insert(.verbatim(value), at: path) }
        } else if tree?.isList == true, let object = value.elements.first {
            converted.insert(.verbatim(object), at: path)
        } else if value.kind == .object, !value.isEmptyContainer {
            for member in value.members {
                path.append(member.name)
                restore(member.value, along: tree?.children[member.name], path: &path)
                path.removeLast()
            }
        } else {
            converted.insert(value.kind == .object ? .emptyObject : .verbatim(value), at: path)
        }
    }

    /// The list whose elements were followed by index becomes a list again; an element that an edit removed leaves no hole.
    private static func withListsOfV1(_ member: JSONTree.Member) -> JSONTree.Member {
        var member = member
        guard member.name == FieldCorrespondence.listInV1.first else { return member }
        member.value.update(at: FieldCorrespondence.listInV1.dropFirst()) { list in
            guard case .object(let elements) = list else { return }
            list = .array(elements.map(\.value))
        }
        return member
    }
}

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
        writer.member("apiVersion", version.groupVersion)
        writer.member("kind", ServedVersion.kind)
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

    /// What the rules look at, as it reads in `v1`: the name, spec and status; the object itself when it is of that version. The rest of the
    /// metadata, which is most of an object, is not worth a conversion.
    static func v1Form(of object: JSONValue) throws(ConversionError) -> JSONValue {
        guard try version(of: object) != .v1 else { return object }
        var writer = JSONWriter(capacity: object.byteCount)
        writer.beginObject()
        if let name = object["metadata"]?["name"] {
            writer.name("metadata")
            writer.beginObject()
            writer.name("name")
            writer.verbatim(name)
            writer.endObject()
        }
        for member in ConvertedObject(object, as: .v1).content {
            writer.name(member.name)
            writer.tree(member.value)
        }
        writer.endObject()
        return try reading(writer)
    }

    /// What was written, to be read again.
    public static func reading(_ writer: JSONWriter) throws(ConversionError) -> JSONValue {
        do {
            return try JSONDocument(parsing: writer.buffer).root
        } catch {
            throw .unreadable(error)
        }
    }

    /// As ``reading(_:)``, of a tree.
    public static func reading(_ tree: JSONTree) throws(ConversionError) -> JSONValue {
        var writer = JSONWriter()
        writer.tree(tree)
        return try reading(writer)
    }

    static func version(of object: JSONValue) throws(ConversionError) -> ServedVersion {
        if let version = ServedVersion(of: object) { return version }
        guard object.kind == .object else { throw .notAnObject }
        let (apiVersion, kind) = (object["apiVersion"]?.string, object["kind"]?.string)
        guard let apiVersion, kind == ServedVersion.kind, apiVersion.hasPrefix("\(ServedVersion.group)/") else {
            throw .foreign(apiVersion: apiVersion, kind: kind)
        }
        throw .unknownVersion(apiVersion: apiVersion)
    }
}

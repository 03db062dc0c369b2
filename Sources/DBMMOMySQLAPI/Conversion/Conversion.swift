public import JSON

/// Conversion between the served versions: total, and lossless in both directions for every object that its schema accepts.
///
/// Each field with a counterpart moves to it. All else of the spec travels in the annotation
/// ``ServedVersion/conversionDataAnnotation`` and comes back from there; all else of the status of `v1` travels in `v1alpha1`'s
/// `status.conversionData`. A field of the object always wins over what is kept, so that an edit made in between is never undone.
///
/// What is kept may have been written by anybody, so these hold whatever it says:
///
/// - **The annotation brings members of `spec` and nothing else**, never `status`, `metadata`, `kind` or `apiVersion`. The API server guards the
///   status of a write of the main resource (it drops it on creation, and takes the old object's on an update) *in the version of the
///   request*, and converts to the version of storage only afterwards. What an annotation brought into the status would pass that guard.
///   What stands in the status of the request's version does not: so the status travels in the status.
/// - **A converted object has the right `apiVersion` and `kind`, an object as `metadata`, and no kept value of a type that its schema
///   refuses.** One object that lacks these makes every list and watch of the version fail.
/// - **A fault costs one member, not its neighbours.** Members that the schema does not know pass: the API server drops them, unless its
///   definition is newer than this code and knows them.
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
        // Always: the API server refuses an object without it, and sends such objects itself when it prunes for server-side apply.
        writer.name("metadata")
        ConversionData.writeMetadata(object["metadata"], carrying: converted.data, into: &writer)
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

public import JSON

/// Defaulting: fills in what the user left out, and never changes what the user set or what already runs.
public enum Defaulting {
    /// The changes that give an object its defaults, in the version that it is written in; empty when it has them all.
    ///
    /// Defaults that `v1alpha1` has no field for go to the annotation that conversion reads.
    ///
    /// - Parameters:
    ///   - object: the object as it is about to be written.
    ///   - old: the object before an update; nil on creation.
    ///   - namespace: of the request.
    /// - Throws: `ConversionError` when one of the objects is not a `DBMMOMySQL` of a served version.
    public static func patch(
        for object: JSONValue, replacing old: JSONValue? = nil, namespace: String? = nil
    ) throws(ConversionError) -> JSONPatch {
        let new = try DBMMOMySQL(object)
        guard !new.metadata.isBeingDeleted else { return JSONPatch() }
        let before: DBMMOMySQL? = if let old { try DBMMOMySQL(old) } else { nil }
        guard ServedVersion(of: object) == .v1alpha1 else {
            var patch = JSONPatch()
            patch.add(defaults(for: new, replacing: before, namespace: namespace), missingIn: object)
            return patch
        }
        // A client that replaces a v1alpha1 object from a manifest does not know the annotation: with it all that only v1 can
        // say would be lost. One that it wrote stays, even when it makes no sense: that is to be refused, not to be replaced unseen.
        let isWritten = object[path: annotation] != nil
        let kept = ConversionData(in: object["metadata"])
        let lost = isWritten ? nil : ConversionData(in: old?["metadata"])
        let whole = try lost.map { data throws(ConversionError) in try DBMMOMySQL(object.carrying(data)) } ?? new
        let defaults = defaults(for: whole, replacing: before, namespace: namespace)
        return try patch(adding: defaults, to: object, data: kept ?? lost, isLost: lost != nil)
    }

    private static let annotation = ["metadata", "annotations", ServedVersion.conversionDataAnnotation]

    /// An update that leaves the spec as it is (a label, a finalizer) leaves all of it: an object from before the defaults keeps
    /// what it lacks.
    private static func defaults(for new: DBMMOMySQL, replacing old: DBMMOMySQL?, namespace: String?) -> JSONTree {
        if let old, new.hasSameSpec(as: old) { return .emptyObject }
        return Defaults(for: new, replacing: old, namespace: namespace).tree
    }

    private static func patch(
        adding defaults: JSONTree, to object: JSONValue, data: ConversionData?, isLost: Bool
    ) throws(ConversionError) -> JSONPatch {
        let converted = ConvertedObject(try Conversion.reading(defaults), as: .v1alpha1)
        var patch = JSONPatch()
        patch.add(.object(converted.content), missingIn: object)
        let merged = converted.data.map { added in data?.merging(added) ?? added }
        guard let merged = merged ?? (isLost ? data : nil) else { return patch }
        if object[path: annotation] != nil {
            if data != nil { patch.replace(JSONPointer(annotation), with: .string(merged.text)) }
        } else {
            var addition = JSONTree.emptyObject
            addition.insert(.string(merged.text), at: annotation)
            patch.add(addition, missingIn: object)
        }
        return patch
    }
}

extension JSONValue {
    /// The object with the annotation added to its metadata.
    fileprivate func carrying(_ data: ConversionData) throws(ConversionError) -> JSONValue {
        var writer = JSONWriter(capacity: byteCount + 512)
        writer.beginObject()
        for member in members where member.name != "metadata" {
            writer.name(member.name)
            writer.verbatim(member.value)
        }
        writer.name("metadata")
        ConversionData.writeMetadata(self["metadata"], carrying: data, into: &writer)
        writer.endObject()
        return try Conversion.reading(writer)
    }
}

import JSON

/// What the annotation ``ServedVersion/conversionDataAnnotation`` says: the part of a spec that the version it is in cannot
/// hold, under the name of the version that can.
///
/// `{"v1": {"spec": {"version": "8.4"}}}`
struct ConversionData {
    /// Where the annotations stand in the metadata, and where it is noted here that they were there and held nothing.
    static let annotationsName = "annotations"

    /// The only member of an object that the annotation carries.
    static let specName = "spec"

    private let root: JSONTree

    /// What is kept for a version, as it was read from an annotation.
    private let document: JSONValue?

    /// Reads the annotation; nil when there is none or it is not ours to understand.
    init?(in metadata: JSONValue?) {
        guard let text = metadata?[Self.annotationsName]?[ServedVersion.conversionDataAnnotation]?.string,
            let document = try? JSONDocument(parsing: text)
        else { return nil }
        self.document = document.root
        root = .verbatim(document.root)
    }

    /// - Parameters:
    ///   - version: the version that can hold the content.
    ///   - metadata: the metadata that will carry the annotation. Annotations that are there and hold nothing are noted, so that
    ///     they come back so.
    init(of version: ServedVersion, content: JSONTree, in metadata: JSONValue?) {
        var root = JSONTree.emptyObject
        root.insert(content, at: [version.rawValue])
        if let annotations = metadata?[Self.annotationsName], Self.isNothing(annotations) {
            root.insert(.verbatim(annotations), at: [Self.annotationsName])
        }
        self.root = root
        document = nil
    }

    /// What is kept of the spec of a version. Other members that somebody wrote there are not looked at.
    func spec(for version: ServedVersion) -> JSONValue? { document?[version.rawValue]?[Self.specName] }

    /// Whether annotations hold nothing. Only such can come back from the note of them; others would be annotations that nobody set.
    static func isNothing(_ annotations: JSONValue) -> Bool {
        annotations.isNull || (annotations.kind == .object && annotations.isEmptyContainer)
    }

    /// This data with what another one of the same version adds to it.
    func merging(_ other: ConversionData) -> ConversionData {
        var root = JSONTree(expanding: self.root)
        root.merge(JSONTree(expanding: other.root))
        return ConversionData(root: root)
    }

    private init(root: JSONTree) {
        self.root = root
        document = nil
    }

    /// The annotation's value. Its members are sorted, so that the same content always reads the same.
    var text: String { root.sorted().text }

    /// Writes metadata as it came, except for the annotation: it gets the data given, or goes when there is none. What is no object becomes
    /// an empty one.
    static func writeMetadata(_ metadata: JSONValue?, carrying data: ConversionData?, into writer: inout JSONWriter) {
        let annotations = metadata?[annotationsName]
        let previous = annotations?[ServedVersion.conversionDataAnnotation]
        if let metadata, metadata.kind == .object, data == nil, previous == nil {
            writer.verbatim(metadata)
            return
        }
        writer.beginObject()
        for member in metadata?.memberSpans ?? [] where member.name.string != annotationsName {
            writer.verbatimName(member.name)
            writer.verbatim(member.value)
        }
        let others = (annotations?.memberSpans ?? []).filter { $0.name.string != ServedVersion.conversionDataAnnotation }
        if others.isEmpty && data == nil {
            // Nothing is left: give back the annotations as they were before they carried the data.
            if previous != nil, let bare = ConversionData(in: metadata)?.document?[annotationsName], isNothing(bare) {
                writer.name(annotationsName)
                writer.verbatim(bare)
            }
        } else {
            writer.name(annotationsName)
            writer.beginObject()
            for other in others {
                writer.verbatimName(other.name)
                writer.verbatim(other.value)
            }
            if let data {
                writer.member(ServedVersion.conversionDataAnnotation, data.text)
            }
            writer.endObject()
        }
        writer.endObject()
    }
}

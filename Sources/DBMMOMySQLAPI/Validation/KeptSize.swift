import JSON

/// How large the annotations of an object are in `v1alpha1`, where one of them keeps what that version has no field for.
///
/// An object whose annotations are too large there cannot be served in `v1alpha1`, and with it no list or watch of that version: in none of the
/// cluster's namespaces.
enum KeptSize {
    /// In bytes of all names and values together (apimachinery, `TotalAnnotationSizeLimitB`).
    static let limit = 256 << 10

    /// Objects of fewer bytes need no look: what is kept of them is no longer than they are, but for names and braces.
    private static let harmless = limit / 4

    static func isHarmless(_ object: DBMMOMySQL) -> Bool { object.json.byteCount < harmless }

    /// Nil for an object that is small enough in any case.
    static func bytes(of object: DBMMOMySQL) -> Int? {
        guard !isHarmless(object) else { return nil }
        let ours = ServedVersion.conversionDataAnnotation
        let others = object.json[path: ["metadata", "annotations"]]?.members.filter { $0.name != ours } ?? []
        let sum = others.reduce(0) { $0 + $1.name.utf8.count + ($1.value.string?.utf8.count ?? 0) }
        guard let data = ConvertedObject(object.json, as: .v1alpha1).data else { return sum }
        return sum + ours.utf8.count + data.text.utf8.count
    }
}

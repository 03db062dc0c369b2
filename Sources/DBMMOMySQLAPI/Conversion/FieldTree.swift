/// The correspondences arranged by the path in one version, to be followed while an object of that version is walked.
final class FieldTree: Sendable {
    /// What a field of this path becomes in the other version; nil for a path that only leads to such fields.
    let field: FieldCorrespondence?
    let container: ContainerCorrespondence?
    /// A list whose elements are followed by their index.
    let isList: Bool
    let children: [String: FieldTree]

    static func of(_ version: ServedVersion) -> FieldTree {
        switch version {
        case .v1alpha1: v1alpha1
        case .v1: v1
        }
    }

    private static let v1alpha1 = FieldTree(version: .v1alpha1, path: [], fields: FieldCorrespondence.all)
    private static let v1 = FieldTree(version: .v1, path: [], fields: FieldCorrespondence.all)

    private init(version: ServedVersion, path: [String], fields: [FieldCorrespondence]) {
        let below = Dictionary(grouping: fields.filter { $0.path(in: version).count > path.count }) {
            $0.path(in: version)[path.count]
        }
        field = fields.first { $0.path(in: version) == path }
        container = ContainerCorrespondence.all.first { $0.path(in: version) == path }
        isList = version == .v1 && path == FieldCorrespondence.listInV1
        var children: [String: FieldTree] = [:]
        for (name, fields) in below {
            children[name] = FieldTree(version: version, path: path + [name], fields: fields)
        }
        self.children = children
    }
}

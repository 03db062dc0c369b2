import JSON

/// The correspondences arranged by the path in one version, to be followed while an object of that version is walked.
final class FieldTree: Sendable {
    /// The last name of the path.
    let name: String
    /// What a field of this path becomes in the other version; nil for a path that only leads to such fields.
    let field: FieldCorrespondence?
    /// The fields at this path and below.
    let fields: FieldSet
    let container: ContainerCorrespondence?
    /// A list whose elements are followed by their index.
    let isList: Bool
    /// In the order of the table.
    let children: [FieldTree]
    private let childNames: JSONNames

    static func of(_ version: ServedVersion) -> FieldTree {
        switch version {
        case .v1alpha1: v1alpha1
        case .v1: v1
        }
    }

    private static let v1alpha1 = FieldTree(version: .v1alpha1, path: [], fields: FieldCorrespondence.all)
    private static let v1 = FieldTree(version: .v1, path: [], fields: FieldCorrespondence.all)

    private init(version: ServedVersion, path: [String], fields: [FieldCorrespondence]) {
        let below = fields.filter { $0.path(in: version).count > path.count }
        name = path.last ?? ""
        field = fields.first { $0.path(in: version) == path }
        self.fields = FieldSet(fields)
        container = ContainerCorrespondence.all.first { $0.path(in: version) == path }
        isList = version == .v1 && path == FieldCorrespondence.listInV1
        var names: [String] = []
        for field in below where !names.contains(field.path(in: version)[path.count]) { names.append(field.path(in: version)[path.count]) }
        children = names.map { name in
            FieldTree(version: version, path: path + [name], fields: below.filter { $0.path(in: version)[path.count] == name })
        }
        childNames = JSONNames(names)
    }

    /// Where a member of that name leads; nil when nothing is known of it.
    func child(_ name: JSONValue) -> FieldTree? {
        childNames.index(of: name).map { children[$0] }
    }

    func child(_ name: String) -> FieldTree? {
        children.first { $0.name == name }
    }
}

/// Some of the fields that correspond.
struct FieldSet: Sendable {
    private var bits: UInt128 = 0

    init(_ fields: [FieldCorrespondence]) {
        for field in fields { insert(field) }
    }

    mutating func insert(_ field: FieldCorrespondence) {
        bits |= 1 << UInt128(field.id)
    }

    func intersects(_ other: FieldSet) -> Bool {
        bits & other.bits != 0
    }
}

import KubernetesAPI

/// Fields in the words of the version that the user writes.
struct FieldWords: Sendable {
    let version: ServedVersion

    /// A violation found in `v1`, with the path that the user knows.
    func translate(_ error: FieldError) -> FieldError {
        guard version == .v1alpha1 else { return error }
        if error.field == Self.grantType, error.type == .notSupported { return Self.grantTypeError(error) }
        if let field = Self.inV1alpha1(error.field) { return error.moved(to: field, detail: error.detail) }
        return error.moved(to: Self.annotation, detail: "\(error.field): \(error.detail)")
    }

    private static let grantType = FieldPath("spec", "azure", "grantType")

    /// `v1alpha1` has numbers for what `v1` has names for.
    private static func grantTypeError(_ error: FieldError) -> FieldError {
        .notSupported(
            FieldPath("spec", "deployment", "azureConfig", "oauthGrantType"), value: error.badValue?.filter { $0 != "\"" } ?? "",
            supported: [], detail: "supported values: 0 (service principal), 1 (device flow)")
    }

    /// The path of a `v1` field that the user knows.
    func translate(_ field: FieldPath) -> FieldPath {
        guard version == .v1alpha1 else { return field }
        return Self.inV1alpha1(field) ?? Self.annotation
    }

    /// The position of a field of this version in the API reference, for sorting.
    func rank(of field: FieldPath) -> Int {
        let text = field.description
        let order = version == .v1 ? V1Fields.order : V1alpha1Fields.order
        // The longest name that fits is the field; a section stands before its first field.
        let field = order.indices.filter { text.hasPrefix(order[$0]) }.max { order[$0].utf8.count < order[$1].utf8.count }
        return field ?? order.firstIndex { $0.hasPrefix(text) } ?? order.count
    }

    /// Where `v1alpha1` keeps what only `v1` can say.
    private static let annotation = FieldPath("metadata", "annotations").appending(key: ServedVersion.conversionDataAnnotation)

    /// Paths that stand for more than one field of `v1alpha1`, or for one of another shape.
    private static let sections: [[String]: [String]] = [
        ["spec", "onCluster"]: ["spec", "deployment"],
        ["spec", "onCluster", "storage"]: ["spec", "deployment", "storageCapacity"],
        ["spec", "migration"]: ["spec", "deployment", "confirmMigrate"],
        ["spec", "azure", "clientSecretRef"]: ["spec", "deployment", "azureConfig", "clientSecret"],
        ["spec", "azure", "firewallRules", "0"]: ["spec", "deployment", "azureConfig", "fwRule"]
    ]

    private static let fields: [[String]: [String]] = {
        var fields = sections
        for container in ContainerCorrespondence.all { fields[container.v1] = container.v1alpha1 }
        for field in FieldCorrespondence.all { fields[field.v1] = field.v1alpha1 }
        return fields
    }()

    /// Fields that move as a whole, with all that is below them.
    private static let wholes = FieldCorrespondence.all.filter { $0.value == .unchanged }

    private static func inV1alpha1(_ field: FieldPath) -> FieldPath? {
        let names = field.elements.map { element in
            switch element {
            case .name(let name), .key(let name): name
            case .index(let index): String(index)
            }
        }
        if names.first == "metadata" { return field }
        if let names = fields[names] { return FieldPath(names.map(FieldPath.Element.name)) }
        guard let whole = wholes.first(where: { names.starts(with: $0.v1) }) else { return nil }
        return FieldPath(whole.v1alpha1.map(FieldPath.Element.name) + field.elements.dropFirst(whole.v1.count))
    }
}

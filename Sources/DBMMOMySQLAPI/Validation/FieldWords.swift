import KubernetesAPI

/// Fields in the words of the version that the user writes.
struct FieldWords: Sendable {
    let version: ServedVersion

    /// A violation found in `v1`, with the path that the user knows.
    func translate(_ error: FieldError) -> FieldError {
        guard version == .v1alpha1 else { return error }
        if error.field == Self.grantType, error.type == .notSupported { return Self.grantTypeError(error) }
        if let field = Self.inV1alpha1(error.field) { return error.moved(to: field, detail: error.detail) }
        return Self.carried(error)
    }

    /// A fault that is accepted. What is wrong with a value is worth more than the value when a warning has no room for both.
    func warning(of error: FieldError) -> String {
        let translated = translate(error)
        let isKnown = translated.field != Self.annotation
        let field = isKnown ? "\(translated.field)" : "\(error.field) (\(ServedVersion.v1))"
        let said = isKnown ? translated : error
        let (full, short) = ("\(field): \(said.message)", "\(field): \(said.detail)")
        let fits = { (text: String) in text.unicodeScalars.count <= AdmissionResponse.maximumWarningLength }
        return !fits(full) && !said.detail.isEmpty && fits(short) ? short : full
    }

    /// What is worth knowing of a `v1` field.
    func warning(_ field: FieldPath, _ text: String) -> String {
        guard version == .v1alpha1 else { return "\(field) \(text)" }
        return Self.inV1alpha1(field).map { "\($0) \(text)" } ?? "\(field) (\(ServedVersion.v1)) \(text)"
    }

    /// Where the version has a `v1` field: the annotation where it has none for it.
    func place(of field: FieldPath) -> FieldPath {
        version == .v1 ? field : Self.inV1alpha1(field) ?? Self.annotation
    }

    private static let grantType = FieldPath("spec", "azure", "grantType")

    /// `v1alpha1` has numbers for what `v1` has names for.
    private static func grantTypeError(_ error: FieldError) -> FieldError {
        let value = error.badValue?.filter { $0 != "\"" } ?? ""
        // Neither is a number: such a name comes from the annotation.
        guard let number = Int64(value), String(number) == value else { return carried(error) }
        return .notSupported(
            FieldPath("spec", "deployment", "azureConfig", "oauthGrantType"), value: value, supported: [],
            detail: "supported values: 0 (service principal), 1 (device flow)")
    }

    private static func carried(_ error: FieldError) -> FieldError {
        error.moved(to: annotation, detail: error.detail.isEmpty ? "\(error.field)" : "\(error.field): \(error.detail)")
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

import JSON

extension Schema {
    /// The fields of the `spec` of a version.
    static func spec(of version: ServedVersion) -> Schema {
        switch version {
        case .v1: specOfV1
        case .v1alpha1: specOfV1alpha1
        }
    }

    private static let specOfV1 = v1.member("spec") ?? .object([:])
    private static let specOfV1alpha1 = v1alpha1.member("spec") ?? .object([:])

    /// What stands under a name, or at an index, of a value of this type; nil when nothing is known of it.
    func member(_ name: String) -> Schema? {
        switch self {
        case .object(let fields): fields[name]
        case .map(let value): value
        case .list(let element): element
        case .string, .boolean, .integer, .int32, .integerOrString: nil
        }
    }

    /// Whether values of this type are JSON objects.
    var hasMembers: Bool {
        switch self {
        case .object, .map: true
        case .list, .string, .boolean, .integer, .int32, .integerOrString: false
        }
    }

    /// Whether an API server takes a value for one of this type, with all that is below it. Members that the type does not know are not
    /// looked at.
    func accepts(_ value: JSONValue) -> Bool {
        switch (self, value.kind) {
        case (.string, .string), (.boolean, .boolean), (.integerOrString, .string): true
        case (.integer, .number), (.integerOrString, .number): value.integer != nil || value.isWhole(within: -0x1p63..<0x1p63)
        case (.int32, .number): value.isWhole(within: -0x1p31..<0x1p31)
        case (.list(let element), .array): value.elements.allSatisfy(element.accepts)
        case (.map(let element), .object): value.distinctMembers.allSatisfy { element.accepts($0.value) }
        case (.object(let fields), .object): value.members.allSatisfy { fields[$0.name]?.accepts($0.value) ?? true }
        default: false
        }
    }
}

extension JSONValue {
    /// A number without a fraction, however it is spelt, within a range.
    fileprivate func isWhole(within range: Range<Double>) -> Bool {
        guard kind == .number, let value = Double(spelling), value.isFinite else { return false }
        return value.rounded(.towardZero) == value && range.contains(value)
    }
}

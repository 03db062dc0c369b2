import JSON

/// How the value of a field reads in the other version. A conversion answers nil for a value that has no counterpart, which
/// then travels in the annotation; otherwise converting the answer back gives the same value.
enum ValueConversion: Sendable {
    case string
    case integer
    case boolean
    /// Lists and maps that have the same shape in both versions.
    case unchanged
    /// `oauthGrantType` (0, 1) and `grantType` (`ServicePrincipal`, `DeviceFlow`). Another number becomes its digits, so that it
    /// is still there to be read and refused.
    case grantType
    /// `azureState`, whose `AzureCreated` is `Created` in `v1`. The two names change places, so that each has a counterpart: a status has no
    /// other place for a value without one.
    case azureState

    func convert(_ value: JSONValue, to version: ServedVersion) -> JSONTree? {
        switch (self, version) {
        case (.string, _): value.kind == .string ? .verbatim(value) : nil
        case (.integer, _): value.integer != nil ? .verbatim(value) : nil
        case (.boolean, _): value.kind == .boolean ? .verbatim(value) : nil
        case (.unchanged, _): value.kind == .object || value.kind == .array ? .verbatim(value) : nil
        case (.grantType, .v1): Self.grantTypeName(value)
        case (.grantType, .v1alpha1): Self.grantTypeNumber(value)
        case (.azureState, _): Self.exchanging("AzureCreated", "Created", value)
        }
    }

    private static let grantTypeNames = ["ServicePrincipal", "DeviceFlow"]

    private static func grantTypeName(_ value: JSONValue) -> JSONTree? {
        // A number that is spelt in another way (-0) could not be given back as it was.
        guard let number = value.integer, String(number) == value.spelling else { return nil }
        guard let index = Int(exactly: number), grantTypeNames.indices.contains(index) else { return .string(String(number)) }
        return .string(grantTypeNames[index])
    }

    private static func grantTypeNumber(_ value: JSONValue) -> JSONTree? {
        guard let name = value.string else { return nil }
        if let index = grantTypeNames.firstIndex(of: name) { return .integer(Int64(index)) }
        guard let number = Int64(name), String(number) == name, !(0..<Int64(grantTypeNames.count)).contains(number) else { return nil }
        return .integer(number)
    }

    private static func exchanging(_ one: String, _ other: String, _ value: JSONValue) -> JSONTree? {
        switch value.string {
        case one: .string(other)
        case other: .string(one)
        case nil: nil
        default: .verbatim(value)
        }
    }
}

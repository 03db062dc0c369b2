public import JSON

/// Why an object cannot be converted. Values never are a reason: every `DBMMOMySQL` of a served version converts.
public enum ConversionError: Error, Equatable, Sendable, CustomStringConvertible {
    case notAnObject
    case foreign(apiVersion: String?, kind: String?)
    case unknownVersion(apiVersion: String)
    /// The converted object is nested too deep to be read again.
    case unreadable(JSONParseError)

    public var description: String {
        switch self {
        case .notAnObject:
            "not an object"
        case .foreign(let apiVersion, let kind):
            "a \(kind ?? "thing without kind") of \(apiVersion ?? "no apiVersion") is not a \(ServedVersion.kind) of \(ServedVersion.group)"
        case .unreadable(let error):
            "cannot be read after conversion: \(error)"
        case .unknownVersion(let apiVersion):
            "\(apiVersion) is not served; served are \(ServedVersion.allCases.map(\.groupVersion).joined(separator: ", "))"
        }
    }
}

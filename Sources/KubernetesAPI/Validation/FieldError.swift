public import JSON
import NIOCore

/// What is wrong with one field, in the words of `field.Error` of `k8s.io/apimachinery`, which is what users of kubectl know.
public struct FieldError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Kind: Sendable, Equatable, CaseIterable {
        case required, invalid, notSupported, forbidden, duplicate, tooLong, tooMany, typeInvalid

        /// The `reason` of a cause in a Status (metav1.CauseType).
        public var reason: String {
            switch self {
            case .required: "FieldValueRequired"
            case .invalid: "FieldValueInvalid"
            case .notSupported: "FieldValueNotSupported"
            case .forbidden: "FieldValueForbidden"
            case .duplicate: "FieldValueDuplicate"
            case .tooLong: "FieldValueTooLong"
            case .tooMany: "FieldValueTooMany"
            case .typeInvalid: "FieldValueTypeInvalid"
            }
        }

        fileprivate var title: String {
            switch self {
            case .required: "Required value"
            case .invalid, .typeInvalid: "Invalid value"
            case .notSupported: "Unsupported value"
            case .forbidden: "Forbidden"
            case .duplicate: "Duplicate value"
            case .tooLong: "Too long"
            case .tooMany: "Too many"
            }
        }
    }

    public let type: Kind
    public let field: FieldPath

    /// The value as messages show it: made by ``quoted(_:)`` or ``rendered(_:)``, or the digits of a number.
    public let badValue: String?

    public let detail: String

    /// The text without the path: `Invalid value: "x": must be …`.
    public var message: String {
        [type.title, badValue, detail.isEmpty ? nil : detail].compactMap { $0 }.joined(separator: ": ")
    }

    /// The text with the path in front; an error of the whole object has no path to show.
    public var description: String {
        field.elements.isEmpty ? message : "\(field): \(message)"
    }

    /// The same fault told of another field, as when an object is shown in another version than the one it was checked in.
    public func moved(to field: FieldPath, detail: String) -> FieldError {
        FieldError(type, field, badValue, detail)
    }

    private init(_ type: Kind, _ field: FieldPath, _ badValue: String?, _ detail: String) {
        self.type = type
        self.field = field
        self.badValue = badValue
        self.detail = detail
    }
}

// MARK: - Makers

extension FieldError {
    /// A value that must be there is absent or empty.
    public static func required(_ field: FieldPath, _ detail: String) -> FieldError {
        FieldError(.required, field, nil, detail)
    }

    /// A value that breaks a rule.
    ///
    /// - Parameter value: as in ``badValue``.
    public static func invalid(_ field: FieldPath, value: String, _ detail: String) -> FieldError {
        FieldError(.invalid, field, value, detail)
    }

    /// A value that is not of the JSON type that the field has.
    ///
    /// - Parameter value: as in ``badValue``.
    public static func typeInvalid(_ field: FieldPath, value: String, _ detail: String) -> FieldError {
        FieldError(.typeInvalid, field, value, detail)
    }

    /// A value that is none of a fixed list.
    ///
    /// - Parameters:
    ///   - value: as in ``badValue``.
    ///   - supported: the list, which is written with quotes and in this order; empty when `detail` says it all.
    ///   - detail: what follows the list, such as a suggestion.
    public static func notSupported(_ field: FieldPath, value: String, supported: [String], detail: String = "") -> FieldError {
        let list = supported.isEmpty ? "" : "supported values: " + supported.map(quoted).joined(separator: ", ")
        return FieldError(.notSupported, field, value, [list, detail].filter { !$0.isEmpty }.joined(separator: "; "))
    }

    /// A value that would be right in itself, but not now.
    public static func forbidden(_ field: FieldPath, _ detail: String) -> FieldError {
        FieldError(.forbidden, field, nil, detail)
    }

    /// A second value where each may be there once.
    ///
    /// - Parameter value: as in ``badValue``.
    public static func duplicate(_ field: FieldPath, value: String) -> FieldError {
        FieldError(.duplicate, field, value, "")
    }

    /// A text of more characters than allowed. The text itself is not shown.
    public static func tooLong(_ field: FieldPath, maximumLength: Int) -> FieldError {
        FieldError(.tooLong, field, nil, "may not be longer than \(maximumLength)")
    }

    /// A list of more items than allowed.
    public static func tooMany(_ field: FieldPath, count: Int, maximumCount: Int) -> FieldError {
        FieldError(.tooMany, field, String(count), "must have at most \(maximumCount) item\(maximumCount == 1 ? "" : "s")")
    }
}

// MARK: - Bad values

extension FieldError {
    /// Characters of a bad value that messages show; what is longer ends in `…`.
    public static let maximumValueLength = 256

    /// A string in quotes and with the escapes of Go's `%q`, so that nothing in it can move a terminal's cursor, break a line
    /// or hide a part of the message.
    public static func quoted(_ string: String) -> String {
        "\"" + PrintableText.escaping(string, quotes: true, maximumLength: maximumValueLength) + "\""
    }

    /// A JSON value: strings as ``quoted(_:)``, everything else as it is spelt in its document.
    public static func rendered(_ value: JSONValue) -> String {
        if let string = value.string { return quoted(string) }
        // A character takes at most four bytes, so that more of a large value need not be decoded.
        let text = value.text
        let readable = min(text.readableBytes, 4 * (maximumValueLength + 1))
        let start = text.getString(at: text.readerIndex, length: readable) ?? ""
        return PrintableText.escaping(start, quotes: false, maximumLength: maximumValueLength)
    }
}

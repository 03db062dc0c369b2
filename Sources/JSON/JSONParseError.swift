import CSimdJSON

/// Why and where a text is not JSON (RFC 8259).
public struct JSONParseError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Reason: Equatable, Sendable {
        case empty
        case invalidUTF8
        case unterminatedString
        case controlCharacterInString
        case invalidEscape
        case invalidNumber
        case invalidLiteral
        case unexpectedCharacter
        case unexpectedEnd
        case trailingContent
        case tooDeep(limit: Int)
        case tooLarge
        case outOfMemory
        /// ``JSONMemory`` has no more.
        case noRoom
    }

    public let reason: Reason

    /// Offset, in bytes from the start of the text, of the first byte that does not fit.
    public let byteOffset: Int

    public var description: String {
        switch reason {
        case .empty: "the text is empty"
        case .invalidUTF8: "invalid UTF-8 at byte \(byteOffset)"
        case .unterminatedString: "the string that starts at byte \(byteOffset) does not end"
        case .controlCharacterInString: "an unescaped control character in a string at byte \(byteOffset)"
        case .invalidEscape: "an invalid escape sequence at byte \(byteOffset)"
        case .invalidNumber: "an invalid number at byte \(byteOffset)"
        case .invalidLiteral: "not a JSON value at byte \(byteOffset)"
        case .unexpectedCharacter: "an unexpected character at byte \(byteOffset)"
        case .unexpectedEnd: "the text ends at byte \(byteOffset) in the middle of a value"
        case .trailingContent: "content behind the value at byte \(byteOffset)"
        case .tooDeep(let limit): "more than \(limit) nested levels at byte \(byteOffset)"
        case .tooLarge: "the text is too large"
        case .outOfMemory: "not enough memory for the text"
        case .noRoom: "the memory for reading is used up"
        }
    }

    public init(reason: Reason, byteOffset: Int) {
        self.reason = reason
        self.byteOffset = byteOffset
    }

    init(code: Int, byteOffset: Int, maximumDepth: Int) {
        let reason: Reason =
            switch code {
            case CSIMDJSON_EMPTY: .empty
            case CSIMDJSON_INVALID_UTF8: .invalidUTF8
            case CSIMDJSON_UNTERMINATED_STRING: .unterminatedString
            case CSIMDJSON_CONTROL_CHARACTER: .controlCharacterInString
            case CSIMDJSON_INVALID_ESCAPE: .invalidEscape
            case CSIMDJSON_INVALID_NUMBER: .invalidNumber
            case CSIMDJSON_INVALID_LITERAL: .invalidLiteral
            case CSIMDJSON_UNEXPECTED_END: .unexpectedEnd
            case CSIMDJSON_TRAILING_CONTENT: .trailingContent
            case CSIMDJSON_TOO_DEEP: .tooDeep(limit: maximumDepth)
            case CSIMDJSON_TOO_LARGE: .tooLarge
            case CSIMDJSON_OUT_OF_MEMORY: .outOfMemory
            case CSIMDJSON_NO_ROOM: .noRoom
            default: .unexpectedCharacter
            }
        self.init(reason: reason, byteOffset: byteOffset)
    }
}

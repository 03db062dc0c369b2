/// A value without parts, resolved by the rules of go-yaml v2, with which Kubernetes reads YAML.
enum YAMLScalar: Equatable, Sendable {
    case null
    case boolean(Bool)
    case integer(Int64)
    /// A number that only fits without a sign.
    case unsigned(UInt64)
    /// Any other number; infinities and NaN too.
    case float(Double)
    case string(String)

    static let mergeTag = "tag:yaml.org,2002:merge"

    /// - Parameters:
    ///   - tag: in full.
    ///   - isImplicit: whether the text tells the type when there is no tag.
    init(resolving text: String, tag: String?, isImplicit: Bool) throws(YAMLError.Reason) {
        switch tag {
        case nil:
            self = isImplicit ? YAMLScalar(plain: text) : .string(text)
        case Self.prefix + "null":
            guard case .null = YAMLScalar(plain: text) else { throw .tagMismatch(tag: "!!null") }
            self = .null
        case Self.prefix + "bool":
            guard case .boolean(let value) = YAMLScalar(plain: text) else { throw .tagMismatch(tag: "!!bool") }
            self = .boolean(value)
        case Self.prefix + "int":
            switch YAMLScalar(plain: text) {
            case .integer(let value): self = .integer(value)
            case .unsigned(let value): self = .unsigned(value)
            default: throw .tagMismatch(tag: "!!int")
            }
        case Self.prefix + "float":
            switch YAMLScalar(plain: text) {
            case .integer(let value): self = .float(Double(value))
            case .float(let value): self = .float(value)
            default: throw .tagMismatch(tag: "!!float")
            }
        case Self.prefix + "binary":
            guard let bytes = Base64.decoded(text), let decoded = String(validating: bytes, as: UTF8.self) else { throw .invalidBinary }
            self = .string(decoded)
        default:
            // Dates are strings to Kubernetes, and tags that are not YAML's own mean nothing to it.
            self = .string(text)
        }
    }

    private static let prefix = "tag:yaml.org,2002:"

    /// The value of a text without quotes and tag.
    init(plain text: String) {
        self = Self.words[text] ?? YAMLNumber.parsed(text) ?? .string(text)
    }

    /// The key of a JSON object that this is as a key, spelt as Kubernetes does; nil where it refuses the key.
    var key: String? {
        switch self {
        case .string(let text): text
        case .integer(let value): String(value)
        case .boolean(let value): value ? "true" : "false"
        case .float(let value): GoFloat.key(value)
        case .null, .unsigned: nil
        }
    }

    private static let words: [String: YAMLScalar] = {
        var words: [String: YAMLScalar] = [:]
        func add(_ value: YAMLScalar, _ spellings: String) {
            for spelling in spellings.split(separator: " ") { words[String(spelling)] = value }
        }
        add(.boolean(true), "y Y yes Yes YES true True TRUE on On ON")
        add(.boolean(false), "n N no No NO false False FALSE off Off OFF")
        add(.null, "~ null Null NULL")
        words[""] = .null
        add(.float(.nan), ".nan .NaN .NAN")
        add(.float(.infinity), ".inf .Inf .INF +.inf +.Inf +.INF")
        add(.float(-.infinity), "-.inf -.Inf -.INF")
        return words
    }()
}

/// Why and where a YAML text cannot be read as JSON.
public struct YAMLError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Reason: Error, Equatable, Sendable {
        /// The text is no YAML 1.1; in libyaml's words.
        case syntax(String)
        /// The text is larger than the limit, in bytes.
        case tooLarge(limit: Int)
        /// More levels of mappings and sequences than the limit.
        case tooDeep(limit: Int)
        /// The values that aliases repeat are together larger than the limit, in bytes.
        case aliasesTooLarge(limit: Int)
        case unknownAnchor(String)
        /// An alias within the very value that it stands for.
        case anchorContainsItself(String)
        /// A second value for a key of a mapping; the first stands in `firstLine`.
        case duplicateKey(String, firstLine: Int)
        /// A key that is null, a mapping, a sequence, or a number beyond 64 bits with sign: JSON has strings only, and Kubernetes turns none of these into one.
        case unusableKey
        /// `<<` needs a mapping or a list of mappings.
        case mergeWithoutMapping
        /// A value that its explicit tag does not fit.
        case tagMismatch(tag: String)
        /// `.inf` and `.nan`, which JSON cannot hold.
        case notFinite
        /// A `!!binary` value that is no base 64, or that holds no text.
        case invalidBinary
        case outOfMemory
    }

    public let reason: Reason

    /// Where the reading stopped, or the value begins that cannot be used.
    public let position: YAMLPosition

    public init(_ reason: Reason, at position: YAMLPosition) {
        self.reason = reason
        self.position = position
    }

    /// The reason without the place.
    public var message: String {
        switch reason {
        case .syntax(let problem): problem
        case .tooLarge(let limit): "more than \(limit) bytes"
        case .tooDeep(let limit): "more than \(limit) nested levels"
        case .aliasesTooLarge(let limit): "aliases repeat more than \(limit) bytes"
        case .unknownAnchor(let name): "there is no anchor '\(name)' before this alias"
        case .anchorContainsItself(let name): "the value of anchor '\(name)' contains itself"
        case .duplicateKey(let key, let firstLine): "the key \(YAMLString(key).doubleQuoted) is already set in line \(firstLine)"
        case .unusableKey: "the key is neither a string nor a plain number or boolean"
        case .mergeWithoutMapping: "<< needs a mapping or a list of mappings as its value"
        case .tagMismatch(let tag): "the value is no \(tag)"
        case .notFinite: "JSON has neither infinity nor NaN; quote the value if it is meant as a string"
        case .invalidBinary: "the !!binary value is not text in base 64"
        case .outOfMemory: "not enough memory for the text"
        }
    }

    public var description: String { "line \(position.line), column \(position.column): \(message)" }
}

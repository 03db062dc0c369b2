/// A version of an API group, written `group/version`, or `version` alone for the core group.
public struct APIVersion: Sendable, Hashable, CustomStringConvertible {
    /// Empty for the core group.
    public let group: String
    public let version: String

    public init(group: String, version: String) {
        self.group = group
        self.version = version
    }

    /// Reads the text of an `apiVersion`; nil when it has no version, an empty group or more than one slash.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }), let version = parts.last else { return nil }
        self.init(group: parts.count == 2 ? String(parts[0]) : "", version: String(version))
    }

    public var description: String { group.isEmpty ? version : "\(group)/\(version)" }
}

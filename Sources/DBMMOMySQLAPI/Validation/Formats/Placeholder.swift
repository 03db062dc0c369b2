/// What people leave in a manifest that they meant to fill in.
enum Placeholder {
    private static let words: Set<String> = ["changeme", "todo"]

    static func matches(_ value: String) -> Bool {
        (value.hasPrefix("<") && value.hasSuffix(">") && value.utf8.count > 1) || words.contains(value.lowercased())
    }
}

/// What we call ourselves.
enum UserAgent {
    /// Of each part, in characters.
    private static let limit = 256

    /// - Parameter parts: Only their visible ASCII and spaces are taken, so that they cannot begin another header field.
    static func text(_ parts: [String?]) -> String {
        parts.compactMap { $0 }
            .map { part in String(part.unicodeScalars.filter { (0x20...0x7E).contains($0.value) }.prefix(limit).map(Character.init)) }
            .map { $0.split(separator: " ").joined(separator: " ") }
            .filter { !$0.isEmpty }.joined(separator: " ")
    }
}

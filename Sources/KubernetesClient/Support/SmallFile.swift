import HTTPCalls

extension SmallFile {
    /// - Throws: ``ConfigurationError`` that names the file.
    static func read(_ path: String) throws(ConfigurationError) -> [UInt8] {
        do throws(UnreadableFile) {
            return try contents(path)
        } catch {
            throw ConfigurationError(.unreadableFile, error.description)
        }
    }
}

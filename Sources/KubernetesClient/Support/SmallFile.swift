import Glibc

/// Files of configuration and credentials: small, and read whole.
enum SmallFile {
    /// More is neither, in bytes.
    private static let limit = 4 << 20

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// - Throws: ``ConfigurationError`` that names the file.
    static func read(_ path: String) throws(ConfigurationError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, errno) }
        defer { close(descriptor) }
        var contents: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw failure(path, errno)
            }
            if count == 0 { return contents }
            contents.append(contentsOf: chunk.prefix(count))
            guard contents.count <= limit else { throw ConfigurationError(.unreadableFile, "\(path) is over \(limit) bytes long") }
        }
    }

    private static func failure(_ path: String, _ number: CInt) -> ConfigurationError {
        let text = strerror(number).map { String(cString: $0) } ?? "error \(number)"
        return ConfigurationError(.unreadableFile, "\(path) cannot be read: \(text)")
    }
}

import Glibc
import SystemPackage

/// Files of configuration and credentials: small, and read whole.
enum SmallFile {
    /// More is neither, in bytes.
    private static let limit = 4 << 20

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// - Throws: ``ConfigurationError`` that names the file.
    static func read(_ path: String) throws(ConfigurationError) -> [UInt8] {
        let contents: [UInt8]
        do {
            let file = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
            contents = try file.closeAfter { try whole(file) }
        } catch {
            throw ConfigurationError(.unreadableFile, "\(path) cannot be read: \(error)")
        }
        guard contents.count <= limit else { throw ConfigurationError(.unreadableFile, "\(path) is over \(limit) bytes long") }
        return contents
    }

    /// The contents of a file, or a little more than the limit of them.
    private static func whole(_ file: FileDescriptor) throws -> [UInt8] {
        var contents: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while contents.count <= limit {
            let count = try chunk.withUnsafeMutableBytes { try file.read(into: $0) }
            if count == 0 { break }
            contents.append(contentsOf: chunk.prefix(count))
        }
        return contents
    }
}

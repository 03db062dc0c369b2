import Glibc
import SystemPackage

/// A file that is not there, cannot be read or is no small file; says which and why.
public struct UnreadableFile: Error, CustomStringConvertible {
    public let description: String
}

/// Files of configuration and credentials: small, and read whole.
public enum SmallFile {
    /// More is neither, in bytes.
    private static let limit = 4 << 20

    public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    public static func contents(_ path: String) throws(UnreadableFile) -> [UInt8] {
        let contents: [UInt8]
        do {
            let file = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
            contents = try file.closeAfter { try whole(file) }
        } catch {
            throw UnreadableFile(description: "\(path) cannot be read: \(error)")
        }
        guard contents.count <= limit else { throw UnreadableFile(description: "\(path) is over \(limit) bytes long") }
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

import FoundationEssentials
import Glibc
import SystemPackage

/// Small files as texts. It also reads and writes files of the kernel, whose size is not known before.
enum TextFile {
    /// - Throws: `Errno`.
    static func read(_ path: String) throws -> String {
        let file = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
        return try file.closeAfter {
            var bytes: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 16 << 10)
            while true {
                let count = try chunk.withUnsafeMutableBytes { try file.read(into: $0) }
                guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
                bytes += chunk[..<count]
            }
        }
    }

    /// Writes into a file that exists, in one call, as the kernel's files want it.
    ///
    /// - Throws: `Errno`.
    static func write(_ text: String, into path: String) throws {
        let file = try FileDescriptor.open(FilePath(path), .writeOnly, options: .closeOnExec)
        _ = try file.closeAfter { try file.writeAll(text.utf8) }
    }

    /// Replaces a file at once: whoever reads it sees the old text or the new one.
    ///
    /// - Throws: `Errno`.
    static func replace(_ path: String, with text: String) throws {
        let draft = "\(path).new"
        let file = try FileDescriptor.open(
            FilePath(draft), .writeOnly, options: [.create, .truncate, .closeOnExec],
            permissions: [.ownerReadWrite, .groupRead, .otherRead])
        _ = try file.closeAfter { try file.writeAll(text.utf8) }
        try rename(draft, to: path)
    }

    /// - Throws: `Errno`.
    static func rename(_ old: String, to new: String) throws {
        guard Glibc.rename(old, new) == 0 else { throw Errno(rawValue: errno) }
    }

    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    /// Removes a file, or a directory with what is in it; nothing when there is none.
    static func remove(_ path: String) throws {
        if exists(path) { try FileManager.default.removeItem(atPath: path) }
    }
}

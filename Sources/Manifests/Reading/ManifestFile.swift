import Glibc
public import NIOCore

/// A text of manifests: a file, or standard input.
public struct ManifestFile: Sendable {
    /// As messages name it.
    public let name: String
    public let text: ByteBuffer

    public init(name: String, text: ByteBuffer) {
        self.name = name
        self.text = text
    }

    /// Why something named on the command line cannot be read.
    public struct Unreadable: Error, Sendable, Equatable, CustomStringConvertible {
        public let path: String
        public let reason: String

        public var description: String { "\(path): \(reason)" }
    }

    /// Stands for standard input where a path is asked for.
    public static let standardInput = "-"

    private static let extensions = [".yaml", ".yml", ".json"]
    /// Bytes beyond which a file is no manifest.
    private static let maximumSize = 64 << 20

    /// Reads a file, standard input (`-`), or the files of a folder and the folders below it, in the order of their names: those called `*.yaml`,
    /// `*.yml` and `*.json`, without those that begin with a period.
    public static func read(_ path: String) throws(Unreadable) -> [ManifestFile] {
        if path == standardInput { return [ManifestFile(name: "stdin", text: try contents(of: STDIN_FILENO, named: "stdin"))] }
        guard try isFolder(path) else { return [try file(path)] }
        var files: [ManifestFile] = []
        try addFiles(of: path, to: &files)
        guard !files.isEmpty else { throw Unreadable(path: path, reason: "no *.yaml, *.yml or *.json file in this folder") }
        return files
    }

    private static func addFiles(of folder: String, to files: inout [ManifestFile]) throws(Unreadable) {
        let prefix = folder.hasSuffix("/") ? folder : folder + "/"
        for entry in try entries(of: folder) {
            let path = prefix + entry
            if try isFolder(path) {
                // A symbolic link to a folder may lead round in a circle.
                if !isLink(path) { try addFiles(of: path, to: &files) }
            } else if extensions.contains(where: entry.hasSuffix) {
                files.append(try file(path))
            }
        }
    }

    private static func entries(of folder: String) throws(Unreadable) -> [String] {
        guard let directory = opendir(folder) else { throw unreadable(folder) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: pointer.pointee)) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private static func isFolder(_ path: String) throws(Unreadable) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { throw unreadable(path) }
        return status.st_mode & S_IFMT == S_IFDIR
    }

    private static func isLink(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    private static func file(_ path: String) throws(Unreadable) -> ManifestFile {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(path) }
        defer { close(descriptor) }
        return ManifestFile(name: path, text: try contents(of: descriptor, named: path))
    }

    private static func contents(of descriptor: CInt, named name: String) throws(Unreadable) -> ByteBuffer {
        var text = ByteBuffer()
        while text.readableBytes <= maximumSize {
            var count = 0
            text.writeWithUnsafeMutableBytes(minimumWritableBytes: 64 << 10) { space in
                count = Glibc.read(descriptor, space.baseAddress, space.count)
                return max(0, count)
            }
            if count == 0 { return text }
            if count < 0, errno != EINTR { throw unreadable(name) }
        }
        throw Unreadable(path: name, reason: "more than \(maximumSize) bytes")
    }

    /// Of what the last system call says.
    private static func unreadable(_ path: String) -> Unreadable {
        Unreadable(path: path, reason: strerror(errno).map { String(cString: $0) } ?? "error \(errno)")
    }
}

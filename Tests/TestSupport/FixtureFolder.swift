import Glibc

/// A folder with files for tests.
public struct FixtureFolder: Sendable {
    private let path: String

    /// Why a file cannot be read.
    public struct Missing: Error {
        public let path: String
    }

    /// - Parameters:
    ///   - name: the path from the folder of the source file.
    ///   - file: the source file that asks.
    public init(_ name: String, besides file: String = #filePath) {
        path = (file.split(separator: "/", omittingEmptySubsequences: false).dropLast() + [name[...]]).joined(separator: "/")
    }

    /// The names of the files, sorted; empty when there is no folder.
    public var names: [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    public func bytes(of name: String) throws -> [UInt8] {
        guard let file = fopen("\(path)/\(name)", "r") else { throw Missing(path: "\(path)/\(name)") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
        return bytes
    }

    /// Replaces a file.
    public func write(_ text: String, to name: String) throws {
        guard let file = fopen("\(path)/\(name)", "w") else { throw Missing(path: "\(path)/\(name)") }
        let bytes = Array(text.utf8)
        let count = fwrite(bytes, 1, bytes.count, file)
        guard fclose(file) == 0, count == bytes.count else { throw Missing(path: "\(path)/\(name)") }
    }
}

import FoundationEssentials
import Glibc

/// A new directory, which the caller removes.
public struct TemporaryDirectory: Sendable {
    public let path: String

    public init() throws {
        var template = Array("\(getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp")/dbmmo-tests.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemCallFailure("mkdtemp") }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// One that somebody else has made and removes.
    public init(existing path: String) {
        self.path = path
    }

    public func file(_ name: String) -> String { "\(path)/\(name)" }

    public func write(_ text: String, to name: String) throws -> String {
        let path = file(name)
        guard let stream = fopen(path, "w") else { throw SystemCallFailure("fopen") }
        defer { fclose(stream) }
        guard fputs(text, stream) >= 0 else { throw SystemCallFailure("fputs") }
        return path
    }

    /// What a file holds.
    public func text(of name: String) throws -> String { try String(contentsOfFile: file(name), encoding: .utf8) }

    public func remove() throws {
        try FileManager.default.removeItem(atPath: path)
    }

    /// Gives a directory to the body and removes it afterwards.
    public static func with<Result>(_ body: (TemporaryDirectory) async throws -> Result) async throws -> Result {
        let directory = try TemporaryDirectory()
        let result: Result
        do {
            result = try await body(directory)
        } catch {
            try? directory.remove()
            throw error
        }
        try directory.remove()
        return result
    }
}

public struct SystemCallFailure: Error, CustomStringConvertible {
    public let description: String

    public init(_ name: String) {
        description = "\(name): \(String(cString: strerror(errno)))"
    }
}

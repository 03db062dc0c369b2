import Glibc

/// A new directory, which the caller removes.
struct TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        var template = Array("\(getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp")/dbmmo-tests.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemCallFailure("mkdtemp") }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    func write(_ text: String, to name: String) throws -> String {
        let path = file(name)
        guard let stream = fopen(path, "w") else { throw SystemCallFailure("fopen") }
        defer { fclose(stream) }
        guard fputs(text, stream) >= 0 else { throw SystemCallFailure("fputs") }
        return path
    }

    func remove() async throws {
        try await Tool.demand("rm", ["-rf", "--", path])
    }

    /// Gives a directory to the body and removes it afterwards.
    static func with<Result>(_ body: (TemporaryDirectory) async throws -> Result) async throws -> Result {
        let directory = try TemporaryDirectory()
        let result: Result
        do {
            result = try await body(directory)
        } catch {
            try? await directory.remove()
            throw error
        }
        try await directory.remove()
        return result
    }
}

struct SystemCallFailure: Error, CustomStringConvertible {
    let description: String

    init(_ name: String) {
        description = "\(name): \(String(cString: strerror(errno)))"
    }
}

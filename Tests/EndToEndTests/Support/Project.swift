import Glibc

/// Where things are.
enum Project {
    /// The program under test: DBMMO_BINARY, else the one built together with these tests.
    static let binary: String = {
        if let path = getenv("DBMMO_BINARY") { return String(cString: path) }
        return "\(parent(of: ownExecutable))/dbmmo"
    }()

    static let binaryFolder = parent(of: binary)

    static let root = parent(of: #filePath, levels: 4)

    static func path(_ relative: String) -> String { "\(root)/\(relative)" }

    private static let ownExecutable: String = {
        guard let path = realpath("/proc/self/exe", nil) else { return CommandLine.arguments.first ?? "" }
        defer { free(path) }
        return String(cString: path)
    }()

    private static func parent(of path: String, levels: Int = 1) -> String {
        path.split(separator: "/", omittingEmptySubsequences: false).dropLast(levels).joined(separator: "/")
    }
}

import ArgumentParser
import CBuildInfo
import HTTPServer
import JSON
import TLS

struct Version: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell the version, the commit, and the versions of OpenSSL and nghttp2 in use.",
        discussion: "The commit is unknown when the program was not built by scripts/build-release."
    )

    @Option(name: [.short, .long], help: "Format: text or json. [DBMMO_OUTPUT] (default: text)")
    var output: ReportFormat?

    func run() throws {
        let commit = String(cString: cbuildinfo_commit())
        let parts = [
            ("version", DBMMO.configuration.version), ("commit", commit.isEmpty ? "unknown" : commit),
            ("openssl", OpenSSLLibrary.version), ("nghttp2", NGHTTP2Library.version)
        ]
        switch try Setting.resolve(output, "DBMMO_OUTPUT", default: .text) {
        case .text:
            for (name, value) in parts { print("\(name)\(String(repeating: " ", count: 9 - name.utf8.count))\(value)") }
        case .json:
            print(JSONTree.object(parts.map { .init(name: $0.0, value: .string($0.1)) }).text)
        }
    }
}

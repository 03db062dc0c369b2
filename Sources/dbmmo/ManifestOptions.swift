import ArgumentParser
import Glibc
import Manifests

/// Where a command takes manifests from.
struct ManifestOptions: ParsableArguments {
    @Option(
        name: [.customShort("f"), .customLong("filename")],
        help: "File, folder (with those below it: *.yaml, *.yml, *.json), or - for standard input; can be given again. [DBMMO_FILENAME]")
    var filenames: [String] = []

    /// Reads them.
    ///
    /// - Throws: an exit code: of wrong usage when there are none, 66 when one cannot be read.
    func read() throws -> [ManifestFile] {
        let paths = filenames.isEmpty ? try Setting.resolve(nil as String?, "DBMMO_FILENAME").map { [$0] } ?? [] : filenames
        guard !paths.isEmpty else { throw Failure.usage("nothing to read; give -f FILE, -f FOLDER, or -f - for standard input") }
        return try Self.read(paths)
    }

    static func read(_ paths: [String]) throws -> [ManifestFile] {
        guard paths.count(where: { $0 == ManifestFile.standardInput }) <= 1 else {
            throw Failure.usage("standard input can be read only once")
        }
        do throws(ManifestFile.Unreadable) {
            var files: [ManifestFile] = []
            for path in paths { files += try ManifestFile.read(path) }
            return files
        } catch {
            throw Failure.unreadable("\(error)")
        }
    }
}

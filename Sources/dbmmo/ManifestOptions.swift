import ArgumentParser
import Manifests

/// Where a command takes manifests from.
struct ManifestOptions: ParsableArguments {
    @Option(
        name: [.customShort("f"), .customLong("filename")],
        help: "File, folder (with those below it: *.yaml, *.yml, *.json), or - for standard input; can be given again. [DBMMO_FILENAME]",
        completion: .file())
    var filenames: [String] = []

    /// Reads them, and what else a command reads.
    ///
    /// - Throws: an exit code: of wrong usage when there are none, 66 when one cannot be read.
    func read(besides others: [String] = []) throws -> (files: [ManifestFile], others: [ManifestFile]) {
        let paths = try Setting.resolve(filenames, "DBMMO_FILENAME")
        guard !paths.isEmpty else { throw Failure.usage("nothing to read; give -f FILE, -f FOLDER, or -f - for standard input") }
        guard (paths + others).count(where: { $0 == ManifestFile.standardInput }) <= 1 else {
            throw Failure.usage("standard input can be read only once")
        }
        do throws(ManifestFile.Unreadable) {
            return (try Self.read(paths), try Self.read(others))
        } catch {
            throw Failure.unreadable("\(error)")
        }
    }

    private static func read(_ paths: [String]) throws(ManifestFile.Unreadable) -> [ManifestFile] {
        var files: [ManifestFile] = []
        for path in paths { files += try ManifestFile.read(path) }
        return files
    }
}

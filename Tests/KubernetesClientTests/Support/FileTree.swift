import FoundationEssentials
import TestSupport

enum FileTree {
    static func makeDirectories(_ directory: TemporaryDirectory, _ names: [String]) throws {
        for name in names { try FileManager.default.createDirectory(atPath: directory.file(name), withIntermediateDirectories: true) }
    }
}

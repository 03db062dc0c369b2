import Glibc
import TestSupport
import Testing

/// Holds the images that the node runs against what the official ones do. Databases that start under dbmmo are as unkind as real ones only if these
/// are.
@Suite("the images of databases on the node", .serialized, .nodeAvailable, .timeLimit(.minutes(5)))
struct EntrypointTests {
    @Test("an image's entrypoint does what the official one does", arguments: ["mysql", "mariadb"])
    func entrypoint(engine: String) async throws {
        let images = try await Tool.demand("cat", ["\(try #require(try await ControlPlane.ofNode()).directory.path)/node/images"]).trimmed
        let check = Project.path("Tests/Node/Images/check-entrypoint")
        let outcome = try await Tool.run(check, [images, engine])
        let titles = try await Tool.demand(check, ["--list", engine]).split(separator: "\n")
        #expect(titles.count > 20)
        for line in outcome.lines where line.hasPrefix("not ok") { Issue.record("\(engine): \(line)") }
        #expect(outcome.exitCode == 0, "\(outcome)")
        #expect(outcome.lines.count { $0.hasPrefix("ok - ") } == titles.count)
    }
}

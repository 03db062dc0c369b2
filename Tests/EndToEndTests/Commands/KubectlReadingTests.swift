import JSON
import TestSupport
import Testing

extension CommandTests {
    /// The unit tests compare what we read with what was recorded. Here kubectl reads it again.
    @Suite("YAML as kubectl reads it", .controlPlaneAvailable)
    struct KubectlReadingTests {
        @Test("what was recorded of kubectl's reading is what it reads")
        func recorded() async throws {
            let assets = try await Tool.demand(Project.path("scripts/control-plane"), ["assets"]).trimmed
            let folder = FixtureFolder("../../YAMLTests/Fixtures/kubectl")
            let files = folder.names.filter { $0.hasSuffix(".yaml") }
            #expect(files.count >= 7)
            for file in files {
                let path = Project.path("Tests/YAMLTests/Fixtures/kubectl/\(file)")
                // Changes nothing, and prints the object as it was read, without asking a server.
                let read = try await Tool.demand(
                    "\(assets)/kubectl", ["patch", "--local", "--type", "merge", "-p", "{}", "-o", "json", "-f", path])
                let record = String(decoding: try folder.bytes(of: file.replacing(".yaml", with: ".json")), as: UTF8.self)
                #expect(try json(read).isEquivalent(to: json(record)), "\(file)")
            }
        }
    }
}

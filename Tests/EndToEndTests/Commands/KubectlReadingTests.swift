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

        private static let object: @Sendable (String) -> String = { name in
            """
            apiVersion: cache.my.domain/v1
            kind: DBMMOMySQL
            metadata: {name: \(name)}
            spec: {deploymentType: OnCluster, version: "8.4", replicas: 1, onCluster: {storage: {capacity: 20Gi}}}

            """
        }
        private static let inJSON: @Sendable (String) -> String = { name in
            #"{"apiVersion":"cache.my.domain/v1","kind":"DBMMOMySQL","metadata":{"name":"\#(name)"},"spec":"#
                + #"{"deploymentType":"OnCluster","version":"8.4","replicas":1,"onCluster":{"storage":{"capacity":"20Gi"}}}}"#
        }

        @Test(
            "a file that check finds good has the objects that kubectl finds in it",
            arguments: [
                inJSON("a") + "\n" + inJSON("b"), inJSON("a") + inJSON("b"), inJSON("a") + "\nx", "\u{FEFF}" + object("a"),
                object("a") + "---\n\u{FEFF}" + object("b"), object("a") + "--- # note\n" + object("b"),
                object("a") + "---\t \n" + object("b"),
                object("a") + "--- !!map\n" + object("b"), object("a") + "...\n" + object("b"), object("a") + "...\n---\n" + object("b"),
                "%YAML 1.1\n---\n" + object("a"), "%TAG ! tag:x,2000:\n---\n" + object("a"), "--- # note\n" + object("a"),
                object("a") + " ---\n" + object("b"), object("a") + "----\n" + object("b"), "---\n---\n" + object("a") + "---\n",
                object("a").replacing("\n", with: "\r\n") + "---\r\n" + object("b"), "null\n---\n" + object("a"), "x\n---\n" + object("a"),
                "[" + inJSON("a") + "]"
            ])
        func documents(text: String) async throws {
            let assets = try await Tool.demand(Project.path("scripts/control-plane"), ["assets"]).trimmed
            try await TemporaryDirectory.with { directory in
                let path = try directory.write(text, to: "objects.yaml")
                let command = ["patch", "--local", "--type", "merge", "-p", "{}", "-o", #"jsonpath={.metadata.name}{"\n"}"#, "-f", path]
                let kubectl = try await Tool.run("\(assets)/kubectl", command)
                let check = try await Tool.run(Project.binary, ["check", "-f", path, "-o", "json"])
                let summary = try json(check.output)["summary"]
                guard check.exitCode == 0 else {
                    #expect((summary?["unreadable"]?.integer ?? 0) > 0, "\(check)")
                    return
                }
                #expect(kubectl.exitCode == 0, "\(kubectl)")
                #expect(summary?["good"]?.integer == Int64(kubectl.lines.count), "\(kubectl) \(check)")
            }
        }
    }
}

import JSON
import TestSupport
import Testing

extension ClusterTests {
    @Suite("the ways to write")
    struct WritePathTests {
        @Test("a server dry run stores nothing")
        func dryRun() async throws {
            let space = try await Cluster.current.namespace()
            let created = try await space.apply(Objects.onCluster("orders"), ["--dry-run=server", "-o", "json"])
            #expect(created.exitCode == 0, "\(created)")
            #expect(try json(created.output)["spec"]?["version"]?.string == "8.4", "a dry run shows the defaults")
            #expect(try await !space.exists("orders"))

            try await space.demandApply(Objects.onCluster("orders"))
            let grow = #"{"spec":{"onCluster":{"storage":{"capacity":"40Gi"}}}}"#
            let patched = try await space.kubectl(["patch", "dbmmo", "orders", "--type=merge", "--dry-run=server", "-p", grow])
            #expect(patched.exitCode == 0, "\(patched)")
            #expect(try await space.get("orders")["spec"]?["onCluster"]?["storage"]?["capacity"]?.string == "20Gi")
        }

        @Test("check takes for a whole number what the API server takes for one, whatever it is written like")
        func numbers() async throws {
            let space = try await Cluster.current.namespace()
            let numbers = [
                "1", "1.0", "1e0", "10e-1", "0x1", "01", "0b1", "0o1", "+1", "1.", "-0", "-0.0", "3.0", "3e0", "1_0", "010", "1.5", ".5",
                "1:30",
                "4294967297", "9007199254740991.0", "9007199254740993.0", "9223372036854775807", "9223372036854775808",
                "-9223372036854775808",
                "-9223372036854775809", "18446744073709551617", "1e15", "1e16", "1e30", "1e400", "~", "0x8000000000000000"
            ]
            try await TemporaryDirectory.with { directory in
                for number in numbers {
                    let manifest = """
                        apiVersion: cache.my.domain/v1
                        kind: DBMMOMySQL
                        metadata: {name: orders}
                        spec: {deploymentType: OnCluster, version: "8.4", replicas: \(number), onCluster: {storage: {capacity: 20Gi}}}
                        """
                    let path = try directory.write(manifest, to: "number.yaml")
                    let server = try await space.kubectl(["create", "--validate=false", "--dry-run=server", "-f", path])
                    let check = try await Tool.run(Project.binary, ["check", "-f", path])
                    #expect(server.exitCode == check.exitCode, "\(number): \(server) \(check)")
                    let isOfWrongType = server.errorOutput.contains("must be of type integer")
                    #expect(check.output.contains("must be of type integer") == isOfWrongType, "\(number): \(server) \(check)")
                }
            }
        }

        @Test("of two managers of one field the second one meets a conflict, and can force its will")
        func serverSideApply() async throws {
            let space = try await Cluster.current.namespace()
            func apply(_ manager: String, replicas: Int, _ options: [String] = []) async throws -> Outcome {
                try await space.apply(
                    Objects.object("orders", spec: #"{"replicas":\#(replicas)}"#), ["--server-side", "--field-manager", manager] + options)
            }
            let first = try await apply("first", replicas: 1)
            #expect(first.exitCode == 0, "\(first)")
            let second = try await apply("second", replicas: 0)
            #expect(second.exitCode == 1)
            #expect(second.errorOutput.contains("Apply failed with 1 conflict: conflict with \"first\""))
            #expect(second.errorOutput.contains(".spec.replicas"))
            let forced = try await apply("second", replicas: 0, ["--force-conflicts"])
            #expect(forced.exitCode == 0, "\(forced)")
            #expect(try await space.get("orders")["spec"]?["replicas"]?.integer == 0)
        }

        @Test("managers that apply in different versions do not undo each other")
        func serverSideApplyInTwoVersions() async throws {
            let space = try await Cluster.current.namespace()
            let current = try await space.apply(
                Objects.object("orders", spec: #"{"version":"8.0","onCluster":{"storage":{"storageClassName":"fast"}}}"#),
                ["--server-side", "--field-manager", "current"])
            #expect(current.exitCode == 0, "\(current)")
            let legacy = try await space.apply(
                Objects.object("orders", .v1alpha1, spec: #"{"deployment":{"confirmMigrate":false}}"#),
                ["--server-side", "--field-manager", "legacy"])
            #expect(legacy.exitCode == 0, "\(legacy)")
            let spec = try await space.get("orders")["spec"]
            #expect(spec?["version"]?.string == "8.0")
            #expect(spec?["onCluster"]?["storage"]?["storageClassName"]?.string == "fast")
            #expect(spec?["migration"]?["confirm"]?.boolean == false)
        }

        @Test("labels, annotations and status are written without a change of the spec")
        func metadataAndStatus() async throws {
            let space = try await Cluster.current.namespace()
            try await space.demandApply(Objects.onCluster("orders"))
            let before = try await space.get("orders")
            try await space.demandKubectl(["label", "dbmmo", "orders", "team=payments"])
            try await space.demandKubectl(["annotate", "dbmmo", "orders", "note=kept"])
            let status = try await space.patchStatus("orders", #"{"status":{"phase":"Running"}}"#)
            #expect(status.exitCode == 0, "\(status)")

            let after = try await space.get("orders")
            #expect(after["metadata"]?["labels"]?["team"]?.string == "payments")
            #expect(after["metadata"]?["annotations"]?["note"]?.string == "kept")
            #expect(after["status"]?["phase"]?.string == "Running")
            #expect(after["spec"]?.canonicalText == before["spec"]?.canonicalText)
            #expect(after["metadata"]?["generation"]?.integer == 1)
        }

        @Test("an object that is being deleted can be updated, even to something invalid, until its finalizer is gone")
        func finalizer() async throws {
            let space = try await Cluster.current.namespace()
            try await space.demandApply(Objects.onCluster("orders", metadata: #""finalizers":["cache.my.domain/cleanup"]"#))
            try await space.demandKubectl(["delete", "dbmmo", "orders", "--wait=false"])
            #expect(try await space.get("orders")["metadata"]?["deletionTimestamp"]?.string != nil)

            let invalid = try await space.mergePatch("orders", #"{"spec":{"deploymentType":"Mars","replicas":3}}"#)
            #expect(invalid.exitCode == 0, "\(invalid)")
            let removed = try await space.mergePatch("orders", #"{"metadata":{"finalizers":null}}"#)
            #expect(removed.exitCode == 0, "\(removed)")
            #expect(try await !space.exists("orders"))
        }
    }
}

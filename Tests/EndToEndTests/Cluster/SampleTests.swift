import Testing

extension ClusterTests {
    @Suite("the samples")
    struct SampleTests {
        static let good = [
            "good-azure.yaml", "good-oncluster.yaml", "legacy-azure-good.yaml", "legacy-oncluster.yaml", "protected.yaml"
        ]
        static let bad = [
            ("bad-azure-placeholders.yaml", 6), ("bad-deployment-type.yaml", 1), ("bad-oncluster.yaml", 5), ("legacy-azure.yaml", 4)
        ]

        @Test("a good sample is applied, and applying it again changes nothing", arguments: good)
        func applied(sample: String) async throws {
            let space = try await Cluster.current.namespace()
            let file = Project.path("manifests/samples/\(sample)")
            let name = sample.replacing(".yaml", with: "")
            let created = try await space.kubectl(["apply", "-f", file])
            #expect(created.exitCode == 0, "\(created)")
            #expect(created.lines == ["dbmmomysql.cache.my.domain/\(name) created"])
            let again = try await space.kubectl(["apply", "-f", file])
            #expect(again.lines == ["dbmmomysql.cache.my.domain/\(name) unchanged"])
        }

        @Test("a bad sample is refused with all its faults", arguments: bad)
        func refused(sample: String, faults: Int) async throws {
            let space = try await Cluster.current.namespace()
            let outcome = try await space.kubectl(["apply", "-f", Project.path("manifests/samples/\(sample)")])
            #expect(outcome.exitCode == 1)
            let printed = outcome.faultLines
            #expect(printed.first?.hasPrefix(#"The DBMMOMySQL "\#(sample.replacing(".yaml", with: ""))" is invalid:"#) == true)
            let causes = printed.count == 1 ? 1 : printed.dropFirst().count { $0.hasPrefix("* spec.") }
            #expect(causes == faults, "\(outcome)")
            #expect(printed.count == (faults == 1 ? 1 : faults + 1))
        }

        @Test("every sample is tested")
        func complete() async throws {
            let files = try await Tool.demand("ls", [Project.path("manifests/samples")]).split(separator: "\n").map(String.init)
            #expect(files.sorted() == (Self.good + Self.bad.map(\.0)).sorted())
        }

        @Test("kubectl get shows type, version, readiness, endpoint and migration")
        func printerColumns() async throws {
            let space = try await Cluster.current.namespace()
            try await space.demandApply(Objects.onCluster("orders"))
            let status = try await space.patchStatus(
                "orders",
                #"""
                {"status":{"endpoint":{"host":"orders.shop.svc","port":3306},"migration":{"inProgress":true,"step":"CopyingData"},
                 "conditions":[
                   {"type":"Degraded","status":"False","reason":"Fine","message":"","lastTransitionTime":"2026-01-01T00:00:00Z"},
                   {"type":"Ready","status":"True","reason":"Running","message":"","lastTransitionTime":"2026-01-01T00:00:00Z"}]}}
                """#)
            #expect(status.exitCode == 0, "\(status)")
            func columns(_ version: Version) async throws -> [[String]] {
                try await space.demandKubectl(["get", version.resource]).split(separator: "\n").map { line in
                    line.split(separator: " ").map(String.init)
                }
            }
            let current = try await columns(.v1)
            #expect(current.first == ["NAME", "TYPE", "VERSION", "READY", "ENDPOINT", "MIGRATION", "AGE"])
            #expect(current.last?.dropLast() == ["orders", "OnCluster", "8.4", "True", "orders.shop.svc", "CopyingData"])
            let legacy = try await columns(.v1alpha1)
            #expect(legacy.first == ["NAME", "TYPE", "MIGRATION", "AGE"])
            #expect(legacy.last?.dropLast() == ["orders", "OnCluster", "true"])
        }
    }
}

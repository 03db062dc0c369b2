import JSON
import TestSupport
import Testing

extension ClusterTests {
    @Suite("editing an object in the other version")
    struct VersionTests {
        /// What only v1 can say.
        private static let current = Objects.object(
            "orders",
            spec: #"""
                {"version":"8.0","deletionProtection":true,"credentials":{"passwordSecretRef":{"name":"passwords"}},
                 "onCluster":{"image":"mysql:8.0.42","storage":{"capacity":"20Gi","storageClassName":"fast","volumeMode":"Filesystem"},
                              "resources":{"requests":{"memory":"1Gi"}},"service":{"type":"LoadBalancer","annotations":{"a":"b"}},
                              "ingress":{"host":"db.example.com"}}}
                """#)

        @Test("a patch in v1alpha1 keeps what only v1 can say")
        func patch() async throws {
            let space = try await Cluster.current.namespace()
            try await space.demandApply(Self.current)
            let before = try #require(try await space.get("orders")["spec"])

            let outcome = try await space.mergePatch("orders", #"{"spec":{"deployment":{"storageCapacity":"30Gi"}}}"#, as: .v1alpha1)
            #expect(outcome.exitCode == 0, "\(outcome)")

            let after = try #require(try await space.get("orders")["spec"])
            let expected = before.setting(.string("30Gi"), at: ["onCluster", "storage", "capacity"]).text
            #expect(after.canonicalText == (try json(expected)).canonicalText)
        }

        @Test("replacing by a v1alpha1 manifest keeps what only v1 can say")
        func replace() async throws {
            let space = try await Cluster.current.namespace()
            try await space.demandApply(Self.current)
            let before = try #require(try await space.get("orders")["spec"])
            let spec = try await space.get("orders", as: .v1alpha1)["spec"]?.canonicalText
            let manifest = Objects.object(
                "orders", .v1alpha1, spec: try #require(spec?.replacing("20Gi", with: "30Gi")))

            let outcome = try await space.kubectl(["replace", "-f", "-"], input: manifest)
            #expect(outcome.exitCode == 0, "\(outcome)")

            let after = try #require(try await space.get("orders")["spec"])
            let expected = before.setting(.string("30Gi"), at: ["onCluster", "storage", "capacity"]).text
            #expect(after.canonicalText == (try json(expected)).canonicalText)
        }

        @Test("a patch in v1 keeps what only v1alpha1 can say")
        func patchInV1() async throws {
            let space = try await Cluster.current.namespace()
            try await space.demandApply(Objects.legacyAzure("ledger"))
            let outcome = try await space.mergePatch("ledger", #"{"spec":{"azure":{"storageGB":64,"keepResources":false}}}"#)
            #expect(outcome.exitCode == 0, "\(outcome)")

            let legacy = try #require(try await space.get("ledger", as: .v1alpha1)["spec"])
            let expected = try json(Objects.legacyAzureSpec())
                .setting(.boolean(false), at: ["deployment", "azureConfig", "keepResources"]).text
            #expect(legacy.canonicalText == (try json(expected)).canonicalText)
            #expect(try await space.get("ledger")["spec"]?["azure"]?["storageGB"]?.integer == 64)
        }

        @Test("a status written in v1alpha1 reads in v1, and keeps what v1 said before")
        func status() async throws {
            let space = try await Cluster.current.namespace()
            try await space.demandApply(Self.current)
            let first = try await space.patchStatus(
                "orders", #"{"status":{"phase":"Running","endpoint":{"host":"orders.shop.svc","port":3306}}}"#)
            #expect(first.exitCode == 0, "\(first)")
            let second = try await space.patchStatus(
                "orders", #"{"status":{"nodes":["orders-0"],"azureStatus":{"azureState":"AzureCreated"}}}"#, as: .v1alpha1)
            #expect(second.exitCode == 0, "\(second)")
            let status = try await space.get("orders")["status"]
            let expected = #"""
                {"phase":"Running","endpoint":{"host":"orders.shop.svc","port":3306},"onCluster":{"pods":["orders-0"]},
                 "azure":{"state":"Created"}}
                """#
            #expect(status?.canonicalText == (try json(expected)).canonicalText)
        }
    }
}

import JSON
import TestSupport
import Testing

extension ClusterTests {
    @Suite("applying a good object")
    struct ApplyTests {
        @Test("a v1alpha1 object is stored as v1, and reads in v1alpha1 as it was written")
        func storedAsV1() async throws {
            let space = try await Cluster.current.namespace()
            try await space.demandApply(Objects.legacyAzure("ledger"))

            let stored = try await space.cluster.stored("ledger", namespace: space.name)
            #expect(stored["apiVersion"]?.string == "cache.my.domain/v1")
            #expect(stored["spec"]?["azure"]?["tenantID"]?.string == "c3a90f14-2be7-4f6d-9b18-0e47d5c6a802")

            let legacy = try await space.get("ledger", as: .v1alpha1)
            #expect(legacy["spec"]?.canonicalText == (try json(Objects.legacyAzureSpec())).canonicalText)
        }

        @Test("a v1alpha1 object gets the defaults that v1alpha1 can say, and the others in v1")
        func defaultsOfV1alpha1() async throws {
            let space = try await Cluster.current.namespace()
            try await space.demandApply(Objects.object("orders", .v1alpha1, spec: #"{"deployment":{"configurationName":"legacy"}}"#))

            let legacy = try await space.get("orders", as: .v1alpha1)
            let expectedLegacy = #"""
                {"size":1,"deployment":{"configurationName":"legacy","deploymentType":"OnCluster","storageCapacity":"20Gi",
                 "ingress":{"enabled":false}}}
                """#
            #expect(legacy["spec"]?.canonicalText == (try json(expectedLegacy)).canonicalText)

            let current = try await space.get("orders")
            let expected = #"""
                {"deploymentType":"OnCluster","version":"8.4","replicas":1,
                 "onCluster":{"storage":{"capacity":"20Gi","accessModes":["ReadWriteOnce"]},"ingress":{"enabled":false},
                              "service":{"type":"ClusterIP"}}}
                """#
            #expect(current["spec"]?.canonicalText == (try json(expected)).canonicalText)
        }

        @Test("a v1 object gets the defaults of its side alone")
        func defaultsOfV1() async throws {
            let space = try await Cluster.current.namespace()
            try await space.demandApply(
                Objects.object("ledger", spec: #"{"deploymentType":"Azure","azure":\#(Objects.azure)}"#))
            let spec = try #require(try await space.get("ledger")["spec"])
            #expect(spec["onCluster"] == nil)
            let expected = #"""
                {"deploymentType":"Azure","version":"8.4","replicas":1,"credentials":{"login":"dbmmo_admin"},
                 "azure":{"serverName":"ledger-server","subscriptionID":"5b1c7e52-93d4-4c0e-8a5f-6d2f0b7a9e01",
                          "tenantID":"c3a90f14-2be7-4f6d-9b18-0e47d5c6a802","clientID":"8d64e2b7-71fa-4a39-b3c5-9f1a2e8d4c03",
                          "clientSecretRef":{"name":"identity","key":"AZURE_CLIENT_SECRET"},"resourceGroup":"rg-ledger",
                          "location":"westeurope","grantType":"ServicePrincipal","cloud":"AzurePublicCloud",
                          "sku":{"name":"Standard_B1ms","tier":"Burstable"},"storageGB":20}}
                """#
            #expect(spec.canonicalText == (try json(expected)).canonicalText)
        }

        @Test("what the API server reads in one version converts to what it reads in the other one")
        func convertsBack() async throws {
            let space = try await Cluster.current.namespace()
            try await space.demandApply(Objects.legacyAzure("ledger"))
            let readings = (legacy: try await space.get("ledger", as: .v1alpha1), current: try await space.get("ledger"))
            for (object, target, expected) in [
                (readings.current, Version.v1alpha1, readings.legacy), (readings.legacy, Version.v1, readings.current)
            ] {
                let review = #"""
                    {"apiVersion":"apiextensions.k8s.io/v1","kind":"ConversionReview","request":{"uid":"1",
                     "desiredAPIVersion":"cache.my.domain/\#(target.rawValue)","objects":[\#(object.canonicalText)]}}
                    """#
                let answer = try json(try await space.cluster.server.post("/convert", review).output)
                let converted = try #require(answer["response"]?["convertedObjects"]?.elements.first)
                #expect(converted.canonicalText == expected.canonicalText)
            }
        }

        @Test("applying a v1alpha1 object says that the version is deprecated")
        func deprecation() async throws {
            let space = try await Cluster.current.namespace()
            let outcome = try await space.apply(Objects.legacyAzure("ledger"))
            #expect(
                outcome.warningLines.contains(
                    "Warning: cache.my.domain/v1alpha1 DBMMOMySQL is deprecated; use v1 (v1alpha1 objects can be read as v1 as they are)"))
            let current = try await space.apply(Objects.onCluster("orders"))
            #expect(current.errorOutput.isEmpty, "v1 is not deprecated: \(current)")
        }

        @Test("what kubectl prints of an object can be applied again, in either version", arguments: Version.allCases)
        func appliesItsOwnOutput(version: Version) async throws {
            let space = try await Cluster.current.namespace()
            try await space.demandApply(Objects.legacyAzure("ledger"))
            let before = try await space.get("ledger")
            let yaml = try await space.demandKubectl(["get", version.resource, "ledger", "-o", "yaml"])
            let outcome = try await space.apply(yaml)
            #expect(outcome.exitCode == 0, "\(outcome)")
            let after = try await space.get("ledger")
            #expect(after["spec"]?.canonicalText == before["spec"]?.canonicalText)
        }
    }
}

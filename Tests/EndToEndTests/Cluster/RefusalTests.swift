import JSON
import Testing

extension ClusterTests {
    @Suite("refusing a bad object")
    struct RefusalTests {
        static let writes = [
            ["apply", "-f", "-"],
            ["create", "-f", "-"],
            ["apply", "--server-side", "-f", "-"],
            ["apply", "--dry-run=server", "-f", "-"],
            ["create", "--dry-run=server", "-f", "-"]
        ]

        @Test("three settings missing and one malformed are refused at once, with v1alpha1 paths, and nothing is stored", arguments: writes)
        func allFaultsAtOnce(command: [String]) async throws {
            let space = try await Cluster.current.namespace()
            let outcome = try await space.kubectl(command, input: Objects.incompleteLegacyAzure("ledger"))
            #expect(outcome.exitCode == 1)
            #expect(outcome.output.isEmpty)
            #expect(
                outcome.faultLines == [
                    #"The DBMMOMySQL "ledger" is invalid:"#,
                    "* spec.deployment.serverName: Required value: the name of the Azure server (3-63 of a-z, 0-9, -)",
                    "* spec.deployment.azureConfig.tenantID: Required value: the Azure AD tenant (a GUID)",
                    #"* spec.deployment.azureConfig.subscriptionID: Invalid value: "5b1c7e52": "#
                        + "must be a GUID, as 2f0f2c3a-0000-4000-8000-000000000001",
                    "* spec.deployment.azureConfig.baseGroupName: Required value: the resource group that holds the server"
                ])
            #expect(try await !space.exists("ledger"))
        }

        @Test("a v1 user reads v1 paths")
        func pathsOfV1() async throws {
            let space = try await Cluster.current.namespace()
            let outcome = try await space.apply(
                Objects.object("ledger", spec: #"{"deploymentType":"Azure","azure":{"serverName":"-","location":"<req>"}}"#))
            #expect(outcome.exitCode == 1)
            let fields = outcome.faultLines.dropFirst().map { $0.prefix { $0 != ":" } }
            #expect(
                fields == [
                    "* spec.azure.serverName", "* spec.azure.subscriptionID", "* spec.azure.tenantID", "* spec.azure.clientID",
                    "* spec.azure.clientSecretRef", "* spec.azure.resourceGroup", "* spec.azure.location"
                ])
        }

        @Test("a slip in the deploymentType gets a suggestion")
        func suggestion() async throws {
            let space = try await Cluster.current.namespace()
            let outcome = try await space.apply(Objects.object("orders", spec: #"{"deploymentType":"onCluster"}"#))
            #expect(outcome.exitCode == 1)
            #expect(
                outcome.errorLines == [
                    #"The DBMMOMySQL "orders" is invalid: spec.deploymentType: Unsupported value: "onCluster": "#
                        + #"supported values: "OnCluster", "Azure"; did you mean "OnCluster"?"#
                ])
        }

        @Test("volumes only grow, with a warning, and keep their storage class")
        func storage() async throws {
            let space = try await Cluster.current.namespace()
            try await space.demandApply(Objects.onCluster("orders"))

            let shrunk = try await space.mergePatch("orders", #"{"spec":{"onCluster":{"storage":{"capacity":"10Gi"}}}}"#)
            #expect(shrunk.exitCode == 1)
            #expect(
                shrunk.errorLines == [
                    #"The DBMMOMySQL "orders" is invalid: spec.onCluster.storage.capacity: Forbidden: "#
                        + "cannot shrink from 20Gi to 10Gi; a volume only grows"
                ])

            let claim = #"{"status":{"onCluster":{"persistentVolumeClaims":["data-orders-0"],"capacity":"20Gi"}}}"#
            #expect(try await space.patchStatus("orders", claim).exitCode == 0)
            let moved = try await space.mergePatch("orders", #"{"spec":{"onCluster":{"storage":{"storageClassName":"slow"}}}}"#)
            #expect(moved.exitCode == 1)
            #expect(
                moved.errorLines == [
                    #"The DBMMOMySQL "orders" is invalid: spec.onCluster.storage.storageClassName: Forbidden: "#
                        + "cannot change; a PersistentVolumeClaim keeps what it was created with"
                ])

            let grown = try await space.mergePatch("orders", #"{"spec":{"onCluster":{"storage":{"capacity":"40Gi"}}}}"#)
            #expect(grown.exitCode == 0)
            #expect(
                grown.errorLines == ["Warning: spec.onCluster.storage.capacity grows only if the storage class allows volume expansion"])
            let storage = try await space.get("orders")["spec"]?["onCluster"]?["storage"]
            #expect(storage?["capacity"]?.string == "40Gi")
            #expect(storage?["storageClassName"]?.string == "fast")
            // The volume did not grow: the way back is open, down to what it has.
            let back = try await space.mergePatch("orders", #"{"spec":{"onCluster":{"storage":{"capacity":"20Gi"}}}}"#)
            #expect(back.exitCode == 0)
        }

        @Test("a v1alpha1 user reads of a shrunk volume in v1alpha1's words")
        func storageInV1alpha1() async throws {
            let space = try await Cluster.current.namespace()
            try await space.demandApply(Objects.onCluster("orders"))
            let shrunk = try await space.mergePatch("orders", #"{"spec":{"deployment":{"storageCapacity":"10Gi"}}}"#, as: .v1alpha1)
            #expect(shrunk.exitCode == 1)
            #expect(
                shrunk.faultLines == [
                    #"The DBMMOMySQL "orders" is invalid: spec.deployment.storageCapacity: Forbidden: "#
                        + "cannot shrink from 20Gi to 10Gi; a volume only grows"
                ])
        }

        @Test("an object with deletionProtection stays until the printed command has lifted it")
        func deletionProtection() async throws {
            let space = try await Cluster.current.namespace()
            try await space.demandApply(Objects.object("orders", spec: #"{"deletionProtection":true}"#))

            let refused = try await space.kubectl(["delete", "dbmmo", "orders"])
            #expect(refused.exitCode == 1)
            #expect(
                refused.errorOutput.hasPrefix(
                    "Error from server (Forbidden): ")
                    && refused.errorOutput.contains(
                        #"dbmmomysqls.cache.my.domain "orders" is forbidden: spec.deletionProtection: the object is protected; first: "#)
            )
            #expect(try await space.exists("orders"))

            let start = try #require(refused.errorOutput.firstRange(of: "kubectl patch ")).lowerBound
            let lifted = try await space.cluster.shell(String(refused.errorOutput[start...]).trimmed)
            #expect(lifted.exitCode == 0, "\(lifted)")
            let deleted = try await space.kubectl(["delete", "dbmmo", "orders"])
            #expect(deleted.exitCode == 0, "\(deleted)")
            #expect(try await !space.exists("orders"))
        }
    }
}

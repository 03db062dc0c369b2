import JSON
import Testing

extension ClusterTests {
    @Suite("moving a database")
    struct MigrationTests {
        private static let toAzure = #"{"spec":{"deploymentType":"Azure","azure":\#(Objects.azure)}}"#
        private static let toCluster = #"{"spec":{"deploymentType":"OnCluster"}}"#

        /// A status that says that the database moves from the cluster to Azure.
        private static let migrating = #"""
            {"status":{"onCluster":{"pods":["orders-0"],"persistentVolumeClaims":["data-orders-0"]},
             "migration":{"inProgress":true,"from":"OnCluster","to":"Azure","step":"CopyingData"}}}
            """#

        @Test("a migration must not begin confirmed")
        func unconfirmedStart() async throws {
            let space = try await Cluster.current.namespace()
            try await space.demandApply(Objects.onCluster("orders"))

            let confirmed = #"{"spec":{"deploymentType":"Azure","migration":{"confirm":true},"azure":\#(Objects.azure)}}"#
            let refused = try await space.mergePatch("orders", confirmed)
            #expect(refused.exitCode == 1)
            #expect(
                refused.errorLines == [
                    #"The DBMMOMySQL "orders" is invalid: spec.migration.confirm: Forbidden: "#
                        + "a new migration starts unconfirmed; set it to true once status says TargetReady"
                ])
            #expect(try await type(of: "orders", in: space) == "OnCluster")

            let allowed = try await space.mergePatch("orders", Self.toAzure)
            #expect(allowed.exitCode == 0, "\(allowed)")
            #expect(try await type(of: "orders", in: space) == "Azure")
        }

        @Test("the target's settings must come with the same update")
        func incompleteTarget() async throws {
            let space = try await Cluster.current.namespace()
            try await space.demandApply(Objects.onCluster("orders"))
            let refused = try await space.mergePatch("orders", #"{"spec":{"deploymentType":"Azure"}}"#)
            #expect(refused.exitCode == 1)
            #expect(refused.faultLines.contains("* spec.azure.tenantID: Required value: the Azure AD tenant (a GUID)"))
            #expect(try await type(of: "orders", in: space) == "OnCluster")
        }

        @Test("while a migration is in progress the only way is back to its source")
        func rollback() async throws {
            let space = try await Cluster.current.namespace()
            try await space.demandApply(Objects.onCluster("orders"))
            let begun = try await space.mergePatch("orders", Self.toAzure)
            #expect(begun.exitCode == 0, "\(begun)")
            let status = try await space.patchStatus("orders", Self.migrating)
            #expect(status.exitCode == 0, "\(status)")

            let rolledBack = try await space.mergePatch("orders", Self.toCluster)
            #expect(rolledBack.exitCode == 0, "\(rolledBack)")
            #expect(try await type(of: "orders", in: space) == "OnCluster")

            let again = try await space.mergePatch("orders", Self.toAzure)
            #expect(again.exitCode == 1)
            #expect(
                again.errorLines == [
                    #"The DBMMOMySQL "orders" is invalid: spec.deploymentType: Forbidden: "#
                        + "a migration away from OnCluster is in progress; wait for its end, or go back to OnCluster"
                ])
            #expect(try await type(of: "orders", in: space) == "OnCluster")
        }

        @Test("a migration is confirmed once its target is ready, and then not rolled back")
        func confirmation() async throws {
            let space = try await Cluster.current.namespace()
            try await space.demandApply(Objects.onCluster("orders"))
            let confirm = #"{"spec":{"migration":{"confirm":true}}}"#

            let early = try await space.mergePatch("orders", confirm)
            #expect(
                early.errorLines == [
                    #"The DBMMOMySQL "orders" is invalid: spec.migration.confirm: Forbidden: "#
                        + "no migration is in progress; there is nothing to confirm"
                ])

            let begun = try await space.mergePatch("orders", Self.toAzure)
            #expect(begun.exitCode == 0, "\(begun)")
            let migrating = try await space.patchStatus("orders", Self.migrating)
            #expect(migrating.exitCode == 0, "\(migrating)")
            let unready = try await space.mergePatch("orders", confirm)
            #expect(
                unready.errorLines == [
                    #"The DBMMOMySQL "orders" is invalid: spec.migration.confirm: Forbidden: "#
                        + "Azure is not ready yet; set it to true once status says TargetReady"
                ])

            let ready = try await space.patchStatus("orders", #"{"status":{"azure":{"created":true,"state":"Created"}}}"#)
            #expect(ready.exitCode == 0, "\(ready)")
            let confirmed = try await space.mergePatch("orders", confirm)
            #expect(confirmed.exitCode == 0, "\(confirmed)")

            let back = try await space.mergePatch("orders", #"{"spec":{"deploymentType":"OnCluster","migration":{"confirm":false}}}"#)
            #expect(
                back.errorLines == [
                    #"The DBMMOMySQL "orders" is invalid: spec.deploymentType: Forbidden: "#
                        + "the migration away from OnCluster is confirmed and can no longer be rolled back; wait for its end"
                ])
        }

        private func type(of name: String, in space: Namespace) async throws -> String? {
            try await space.get(name)["spec"]?["deploymentType"]?.string
        }
    }
}

import AzureEmulator
import JSON
import TestSupport
import Testing

extension AzureTests {
    @Suite("a migration", .serialized)
    struct AzureMigrationTests {
        @Test("goes from the cluster to Azure and back; clients use one name all along, and the source stays until it is confirmed")
        func thereAndBack() async throws {
            let orders = try await AzureDatabase.running(on: "OnCluster")
            let claim = try await orders.database.get("pvc", "data-orders-0")?["metadata"]?["uid"]?.string
            #expect(try await orders.service() == "pods")

            var start = ContinuousClock.now
            try await orders.demandPatch(["deploymentType": "Azure"])
            try await orders.expectStep("AwaitingConfirmation")
            print("figures: the target on Azure was ready \(ContinuousClock.now - start) after kubectl patch returned")
            #expect(try await orders.service() == "pods")
            #expect(try await orders.database.condition("Ready") == "True Ready")
            #expect(try await orders.database.condition("MigrationInProgress") == "True AwaitingConfirmation")
            let columns = try await orders.space.demandKubectl(["get", "dbmmo", "orders", "--no-headers"]).split(separator: " ").map(
                String.init)
            #expect(columns.contains("AwaitingConfirmation"), "\(columns)")
            #expect(try await orders.database.get("pvc", "data-orders-0")?["metadata"]?["uid"]?.string == claim)

            start = .now
            try await orders.confirm()
            try await orders.expectStep(nil)
            print("figures: switched over and the source removed \(ContinuousClock.now - start) after the confirmation")
            let host = try #require(orders.server?.host)
            #expect(try await orders.service() == host)
            #expect(orders.server?.opens(password: try await orders.password()) == true)
            let status = try #require(try await orders.database.status())
            #expect(status["endpoint"]?["host"]?.string == host && status["azure"]?["state"]?.string == "Created")
            // What the cluster's own controller made for the Service is its.
            #expect(
                try await orders.database.objects().subtracting(["endpoints/orders"]) == ["secret/orders-credentials", "service/orders"])
            #expect(try await orders.database.condition("Ready") == "True Ready")

            try await orders.demandPatch(["deploymentType": "OnCluster", "migration": ["confirm": false]])
            try await orders.expectStep("AwaitingConfirmation")
            #expect(try await orders.service() == host && orders.server?.state == .ready)
            try await orders.confirm()
            try await orders.expectStep(nil)
            #expect(try await orders.service() == "pods" && orders.server == nil)
            try await orders.expect("Ready", "True Ready")
            #expect(try await orders.database.status()?["endpoint"]?["host"]?.string == "orders.\(orders.space.name).svc")
            #expect(orders.emulator.creations[orders.name]?.count == 1 && orders.emulator.deletions[orders.name]?.count == 1)
            try await poll("events tell of it") {
                let text = try await orders.space.demandKubectl(["describe", "dbmmo", "orders"])
                return ["ProvisioningTarget", "TargetReady", "SwitchingOver", "RemovingSource", "Migrated"].allSatisfy(text.contains)
            }
            #expect(orders.emulator.complaints == [])
            try await orders.delete()
        }

        @Test("that is called off leaves everything as it was", arguments: ["OnCluster", "Azure"])
        func rollback(side: String) async throws {
            let orders = try await AzureDatabase.running(on: side)
            let service = try await orders.service()
            let (claim, server) = (try await orders.database.get("pvc", "data-orders-0")?["metadata"]?["uid"]?.string, orders.server)
            try await orders.demandPatch(["deploymentType": .string(side == "Azure" ? "OnCluster" : "Azure")])
            try await orders.expectStep("AwaitingConfirmation")
            try await orders.demandPatch(["deploymentType": .string(side)])
            try await orders.expectStep(nil)
            #expect(try await orders.service() == service && orders.server == server)
            #expect(try await orders.database.get("pvc", "data-orders-0")?["metadata"]?["uid"]?.string == claim)
            try await orders.expect("Ready", "True Ready")
            #expect(orders.emulator.complaints == [])
            try await orders.delete()
            #expect(orders.server == nil)
        }

        @Test("keeps to the rules T2 to T6, and kubectl says why")
        func rules() async throws {
            let orders = try await AzureDatabase.running(on: "OnCluster")
            func isRefused(_ spec: JSONTree, _ words: String) async throws {
                let outcome = try await orders.patch(spec)
                #expect(outcome.exitCode != 0 && outcome.errorOutput.contains(words), "\(spec.text): \(outcome.errorOutput)")
            }
            // T5: nothing moves. T4: confirmed beforehand. T3: settings that are missing.
            try await isRefused(["migration": ["confirm": true]], "no migration is in progress")
            try await isRefused(["deploymentType": "Azure", "migration": ["confirm": true]], "a new migration starts unconfirmed")
            try await isRefused(["deploymentType": "Azure", "azure": ["location": .null]], "spec.azure.location: Required value")

            // T5: it is not ready. T6: its settings are needed.
            orders.emulator.inject(Fault(.stallOperation, method: "PUT", path: orders.name))
            try await orders.demandPatch(["deploymentType": "Azure"])
            try await orders.expectStep("ProvisioningTarget")
            try await isRefused(["migration": ["confirm": true]], "Azure is not ready yet")
            try await isRefused(["onCluster": .null], "spec.onCluster: Forbidden")
            try await poll("the server is being made") { orders.server != nil }
            try await isRefused(["deploymentType": "OnCluster", "azure": .null], "spec.azure: Forbidden")
            orders.emulator.releaseOperations()
            try await orders.expectStep("AwaitingConfirmation")
            try await isRefused(["azure": ["serverName": "another-name"]], "cannot change while the server exists on Azure")

            // T2: after the confirmation there is no way back.
            orders.emulator.throttle(for: .seconds(3))
            try await orders.confirm()
            try await isRefused(["deploymentType": "OnCluster"], "spec.deploymentType: Forbidden")
            try await orders.expectStep(nil)

            // T2: one at a time; back is allowed, and nothing else.
            try await orders.demandPatch(["deploymentType": "OnCluster", "migration": ["confirm": false]])
            try await orders.expectStep("AwaitingConfirmation")
            try await orders.demandPatch(["deploymentType": "Azure"])
            try await isRefused(["migration": ["confirm": true]], "Forbidden")
            try await orders.expectStep(nil)
            try await orders.delete()
        }
    }
}

import AzureEmulator
import JSON
import TestSupport
import Testing

extension AzureTests {
    @Suite("secrets of Azure", .serialized)
    struct AzureSecrecyTests {
        @Test("appear in no log at any level, no event, no status and no metric, whatever goes wrong")
        func nowhere() async throws {
            let password = "Pa55-word~of-a-user"
            var orders = try await AzureDatabase()
            let secret: JSONTree = [
                "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "mine"], "stringData": ["MYSQL_ROOT_PASSWORD": .string(password)]
            ]
            try await orders.space.demandKubectl(["apply", "-f", "-"], input: secret.text)
            orders.spec.put(["login": "dbmmo_admin", "passwordSecretRef": ["name": "mine"]], at: "credentials")
            let wrong = "wrong~client~secret"
            try await orders.writeSecret(wrong)
            // Services that repeat what they were sent.
            orders.emulator.inject(
                Fault(
                    .answer(status: 400, code: "InvalidParameterValue", message: "the value '\(password)' is no password"), method: "PUT",
                    path: orders.name))
            orders.emulator.inject(
                Fault(.failOperation(code: "PasswordNotComplex", message: "'\(password)' is too simple"), method: "PUT", path: orders.name))
            try await orders.apply("Azure")
            try await orders.expect("Degraded", "True SignInFailed")
            try await orders.writeSecret(orders.emulator.secret)
            try await orders.expect("Ready", "True Ready", for: .seconds(60))
            #expect(orders.server?.opens(password: password) == true)
            try await orders.demandPatch(["deploymentType": "OnCluster"])
            try await orders.expectStep("AwaitingConfirmation")
            try await orders.confirm()
            try await orders.expectStep(nil)

            let cluster = try Cluster.current
            let tokens = orders.emulator.issuedSecrets
            let hidden = tokens + [password, wrong, orders.emulator.secret, orders.emulator.federatedToken]
            #expect(!tokens.isEmpty)
            let places = [
                ("the log", await cluster.server.log),
                ("the object", try await orders.space.demandKubectl(["get", "dbmmo", "orders", "-o", "json"])),
                ("the events", try await orders.space.demandKubectl(["get", "events.events.k8s.io", "-o", "json"])),
                ("the metrics", try await Tool.demand("curl", ["--silent", "http://127.0.0.1:\(cluster.server.operationsPort)/metrics"])),
                ("what was made", try await orders.space.demandKubectl(["get", "statefulset,service,configmap,pod,pvc", "-o", "json"]))
            ]
            for (place, text) in places {
                #expect(text.utf8.count > 100, "\(place) is empty")
                for (number, secret) in hidden.enumerated() { #expect(!text.contains(secret), "\(place) holds secret \(number)") }
            }
            try await orders.delete()
        }
    }
}

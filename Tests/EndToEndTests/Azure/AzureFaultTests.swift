import AzureEmulator
import JSON
import TestSupport
import Testing

extension AzureTests {
    @Suite("what goes wrong with Azure", .serialized)
    struct AzureFaultTests {
        /// What goes wrong before the server is made, and how it is mended.
        enum Trouble: CaseIterable {
            case noSecret, noKey, wrongSecret, unknownGroup, forbidden, refused, unavailable, cut, nameTaken, operationFails,
                creationLeavesWreck

            var reason: String {
                switch self {
                case .noSecret, .noKey: "SecretMissing"
                case .wrongSecret: "SignInFailed"
                case .unknownGroup: "AzureNotFound"
                case .forbidden: "AzureForbidden"
                case .refused: "Refused"
                case .unavailable, .cut: "AzureUnavailable"
                case .nameTaken: "NameConflict"
                case .operationFails: "OperationFailed"
                case .creationLeavesWreck: "ServerUnavailable"
                }
            }

            /// What the message names, besides.
            var words: String {
                switch self {
                case .noSecret: "Secret identity does not exist"
                case .noKey: "Secret identity has no key NO_SUCH_KEY"
                case .wrongSecret: "invalid_client"
                case .unknownGroup: "rg-nowhere"
                case .forbidden: "AuthorizationFailed"
                case .refused: "ProvisionNotSupportedForRegion"
                case .unavailable: "InternalServerError"
                case .cut: "Azure"
                case .nameTaken: "Choose another"
                case .operationFails: "CapacityNotAvailable: none left"
                case .creationLeavesWreck: "Delete it there"
                }
            }

            private func fault(_ orders: AzureDatabase) -> Fault? {
                func answer(_ status: Int, _ code: String, method: String = "PUT") -> Fault {
                    Fault(.answer(status: status, code: code, message: "as told"), method: method, path: orders.name, times: nil)
                }
                return switch self {
                case .forbidden: answer(403, "AuthorizationFailed", method: "GET")
                case .refused: answer(400, "ProvisionNotSupportedForRegion")
                case .unavailable: answer(500, "InternalServerError")
                case .cut: Fault(.dropBeforeHandling, path: orders.name, times: nil)
                case .nameTaken: answer(409, "ServerNameAlreadyExists")
                case .operationFails:
                    Fault(.failOperation(code: "CapacityNotAvailable", message: "none left"), method: "PUT", path: orders.name, times: nil)
                case .creationLeavesWreck:
                    Fault(
                        .failOperation(code: "CapacityNotAvailable", message: "none left", leaves: .disabledServer), method: "PUT",
                        path: orders.name, times: 1)
                default: nil
                }
            }

            func begin(_ orders: inout AzureDatabase) async throws {
                switch self {
                case .noSecret: try await orders.space.demandKubectl(["delete", "secret", "identity"])
                case .noKey: orders.azure.put(["name": "identity", "key": "NO_SUCH_KEY"], at: "clientSecretRef")
                case .wrongSecret: try await orders.writeSecret("wrong~secret")
                case .unknownGroup: orders.azure.put("rg-nowhere", at: "resourceGroup")
                default: if let fault = fault(orders) { orders.emulator.inject(fault) }
                }
            }

            func end(_ orders: AzureDatabase) async throws {
                switch self {
                case .noSecret, .wrongSecret: try await orders.writeSecret(orders.emulator.secret)
                case .noKey: try await orders.demandPatch(["azure": ["clientSecretRef": ["key": "AZURE_CLIENT_SECRET"]]])
                case .unknownGroup: try await orders.demandPatch(["azure": ["resourceGroup": .string(orders.emulator.resourceGroup)]])
                case .creationLeavesWreck: orders.emulator.deleteServer(orders.name)
                default: orders.emulator.removeFaults()
                }
            }
        }

        @Test("is told with its cause, and heals when the cause is gone", arguments: Trouble.allCases)
        func creation(trouble: Trouble) async throws {
            var orders = try await AzureDatabase()
            try await trouble.begin(&orders)
            try await orders.apply("Azure")
            try await orders.expect("Degraded", "True \(trouble.reason)")
            let message = try await orders.message("Degraded")
            #expect(message.contains(trouble.words), "\(message)")
            #expect(try await orders.database.condition("Ready") != "True Ready")
            try await poll("an event tells of it") {
                try await orders.space.demandKubectl(["describe", "dbmmo", "orders"]).contains(trouble.reason)
            }
            try await trouble.end(orders)
            try await orders.expect("Ready", "True Ready", for: .seconds(60))
            try await orders.expect("Degraded", "False AsExpected")
            #expect(orders.emulator.complaints == [])
            try await orders.delete()
            #expect(orders.server == nil)
        }

        @Test("tokens that end, throttling, a busy server and lost answers make it slower and nothing else")
        func weather() async throws {
            let orders = try await AzureDatabase.running()
            orders.emulator.expireTokens()
            orders.emulator.inject(Fault(.answer(status: 409, code: "ServerIsBusy", message: "busy"), method: "PATCH", path: orders.name))
            orders.emulator.inject(Fault(.dropAfterHandling, method: "PATCH", path: orders.name))
            try await orders.demandPatch(["azure": ["storageGB": 32]])
            try await orders.wait("it grows", for: .seconds(40)) { orders.server?.storageGB == 32 }
            try await orders.expect("Degraded", "False AsExpected", for: .seconds(40))
            orders.emulator.throttle(for: .seconds(3))
            try await orders.demandPatch(["azure": ["storageGB": 40]])
            try await orders.wait("it grows", for: .seconds(40)) { orders.server?.storageGB == 40 }
            try await orders.expect("Degraded", "False AsExpected", for: .seconds(40))
            #expect(orders.emulator.complaints == [])
            try await orders.delete()
        }

        @Test("an Azure that does not answer holds up no database on the cluster")
        func silence() async throws {
            var orders = try await AzureDatabase()
            // Longer than a call may take.
            orders.emulator.inject(Fault(.delay(.seconds(12)), method: "GET", path: orders.space.name, times: nil))
            for number in 0..<8 {
                orders.azure.put(.string("\(orders.space.name)-\(number)"), at: "serverName")
                try await orders.space.demandApply(orders.object("Azure", name: "silent-\(number)"))
            }
            try await Task.sleep(for: .seconds(1))
            let start = ContinuousClock.now
            try await orders.apply("OnCluster")
            try await orders.wait("it is made", for: .seconds(4)) { try await orders.database.get("statefulset", "orders") != nil }
            print(
                "figures: beside eight databases on an Azure that does not answer, one on the cluster was made in \(ContinuousClock.now - start)"
            )
            orders.emulator.removeFaults()
            try await orders.space.demandKubectl(["delete", "dbmmo", "--all", "--wait=false"])
            try await orders.wait("all are gone", for: .seconds(120)) {
                try await orders.space.demandKubectl(["get", "dbmmo", "-o", "name"]).isEmpty
            }
            #expect(orders.emulator.servers.keys.allSatisfy { !$0.hasPrefix(orders.space.name) })
        }

        @Test("a change that fails half way is told, and tried again")
        func change() async throws {
            let orders = try await AzureDatabase.running()
            let fault = orders.emulator.inject(
                Fault(.failOperation(code: "ScaleFailed", message: "no room"), method: "PATCH", path: orders.name, times: nil))
            try await orders.demandPatch(["azure": ["storageGB": 128]])
            try await orders.expect("Degraded", "True OperationFailed")
            #expect(try await orders.message("Degraded").contains("ScaleFailed: no room"))
            #expect(try await orders.database.condition("Ready") == "True Ready")
            orders.emulator.removeFault(fault)
            try await orders.expect("Degraded", "False AsExpected", for: .seconds(60))
            #expect(orders.server?.storageGB == 128)
            try await orders.delete()
        }

        @Test("a server that somebody deleted is not made again, and one that was stopped is not ready")
        func others() async throws {
            let orders = try await AzureDatabase.running()
            orders.emulator.edit(orders.name) { $0.state = .stopped }
            try await orders.expect("Ready", "False Stopped")
            orders.emulator.edit(orders.name) { $0.state = .ready }
            try await orders.expect("Ready", "True Ready")
            orders.emulator.deleteServer(orders.name)
            try await orders.expect("Degraded", "True ServerMissing")
            try await Task.sleep(for: .seconds(2))
            #expect(orders.emulator.creations[orders.name]?.count == 1)
            try await orders.delete()
        }

        @Test("a deletion waits for Azure, and goes on without the Secret when all of the namespace goes")
        func deletion() async throws {
            let orders = try await AzureDatabase.running()
            let fault = orders.emulator.inject(
                Fault(
                    .answer(status: 500, code: "InternalServerError", message: "as told"), method: "DELETE", path: orders.name, times: nil))
            try await orders.space.demandKubectl(["delete", "secret", "identity"])
            try await orders.space.demandKubectl(["delete", "dbmmo", "orders", "--wait=false"])
            try await orders.expect("Degraded", "True AzureUnavailable")
            #expect(orders.server != nil)
            orders.emulator.removeFault(fault)
            try await orders.wait("it is gone", for: .seconds(40)) { try await orders.database.get("dbmmo", "orders") == nil }
            #expect(orders.server == nil)
        }
    }
}

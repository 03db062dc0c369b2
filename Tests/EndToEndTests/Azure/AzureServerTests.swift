import AzureEmulator
import JSON
import TestSupport
import Testing

extension AzureTests {
    @Suite("a server", .serialized)
    struct AzureServerTests {
        private static func rule(_ name: String, _ end: String = "203.0.113.9") -> JSONTree {
            ["name": .string(name), "startIP": "203.0.113.1", "endIP": .string(end)]
        }

        @Test("is made as the spec says, told in the status, follows changes and undoes those of others, and goes with its object")
        func life() async throws {
            let start = ContinuousClock.now
            let orders = try await AzureDatabase.running { orders in
                orders.azure.merge(["firewallRules": [Self.rule("office")], "parameters": ["max_connections": "100"], "userAgent": "shop/1"]
                )
            }
            print("figures: a database on Azure was ready \(ContinuousClock.now - start) after its namespace was asked for")
            try await orders.wait("all is set") { orders.server?.parameters["max_connections"] == "100" }
            let server = try #require(orders.server)
            #expect(server.firewallRules.map(\.name) == ["office"] && server.version == "8.4" && server.storageGB == 20)
            #expect(server.tags["dbmmo-object"] == "\(orders.space.name)/orders")
            #expect(server.opens(password: try await orders.password()))
            #expect(try await orders.service() == server.host)

            let status = try #require(try await orders.database.status())
            #expect(status["azure"]?["created"]?.boolean == true && status["azure"]?["state"]?.string == "Created")
            let told = status["azure"]?["server"]
            #expect(told?["id"]?.string == server.id && told?["name"]?.string == server.name && told?["location"]?.string == "West Europe")
            #expect(told?["type"]?.string == "Microsoft.DBforMySQL/flexibleServers")
            #expect(told?["tags"]?["dbmmo-uid"]?.string == server.tags["dbmmo-uid"])
            #expect(status["endpoint"]?["host"]?.string == server.host && status["version"]?.string == "8.4")
            let columns = try await orders.space.demandKubectl(["get", "dbmmo", "orders", "--no-headers"]).split(separator: " ").map(
                String.init)
            #expect(columns.prefix(5) == ["orders", "Azure", "8.4", "True", server.host])

            try await orders.demandPatch([
                "azure": [
                    "sku": ["name": "Standard_D2ds_v4", "tier": "GeneralPurpose"], "storageGB": 64, "parameters": ["wait_timeout": "120"],
                    "firewallRules": [Self.rule("office", "203.0.113.20"), Self.rule("home")]
                ]
            ])
            try await orders.demandPatch(["azure": ["parameters": ["max_connections": .null]]])
            try await orders.wait("the changes are made") {
                guard let server = orders.server else { return false }
                return server.skuName == "Standard_D2ds_v4" && server.storageGB == 64 && server.parameters["wait_timeout"] == "120"
                    && server.value(of: "max_connections") != "100"
                    && Set(server.firewallRules.map { "\($0.name) \($0.endIP)" }) == ["office 203.0.113.20", "home 203.0.113.9"]
            }
            try await orders.expect("Progressing", "False Settled")

            orders.emulator.edit(orders.name) { server in
                server.skuName = "Standard_D4ds_v4"
                server.parameters["wait_timeout"] = "60"
                server.tags["dbmmo-object"] = "nobody"
                server.tags["team"] = "shop"
                server.firewallRules.removeAll { $0.name == "office" }
                server.firewallRules.append(.init(name: "portal", startIP: "198.51.100.1", endIP: "198.51.100.1"))
            }
            try await orders.wait("the drift is undone") {
                guard let server = orders.server else { return false }
                return server.skuName == "Standard_D2ds_v4" && server.parameters["wait_timeout"] == "120"
                    && server.tags["dbmmo-object"] != "nobody" && server.firewallRules.contains { $0.name == "office" }
            }
            #expect(orders.server?.tags["team"] == "shop" && orders.server?.firewallRules.contains { $0.name == "portal" } == true)

            // Where nothing is left to do, nothing is written.
            try await orders.expect("Progressing", "False Settled")
            let version = try await orders.database.get("dbmmo", "orders")?["metadata"]?["resourceVersion"]?.string
            let writes = orders.emulator.requests.count { $0.method != "GET" && !$0.path.contains("oauth2") }
            try await Task.sleep(for: .seconds(4))
            #expect(try await orders.database.get("dbmmo", "orders")?["metadata"]?["resourceVersion"]?.string == version)
            #expect(orders.emulator.requests.count { $0.method != "GET" && !$0.path.contains("oauth2") } == writes)

            try await orders.delete()
            #expect(orders.server == nil && orders.emulator.creations[orders.name]?.count == 1)
            #expect(orders.emulator.complaints == [])
            #expect(try await orders.database.objects() == [])
        }

        @Test("that somebody else has under that name is left alone, until it is tagged as ours")
        func foreign() async throws {
            let orders = try await AzureDatabase()
            orders.emulator.putForeignServer(orders.name, tags: ["team": "others"])
            try await orders.apply("Azure")
            try await orders.expect("Degraded", "True NameConflict")
            #expect(try await orders.message("Degraded").contains(orders.name))
            let uid = try #require(try await orders.database.get("dbmmo", "orders")?["metadata"]?["uid"]?.string)
            #expect(orders.server?.tags == ["team": "others"])
            orders.emulator.edit(orders.name) { server in
                server.tags["dbmmo-uid"] = uid
                server.administratorLogin = "dbmmo_admin"
            }
            try await orders.expect("Ready", "True Ready")
            try await orders.expect("Degraded", "False AsExpected")
            let password = try await orders.password()
            try await orders.wait("it has our password") { orders.server?.opens(password: password) == true }
            try await orders.demandPatch(["azure": ["keepResources": true]])
            try await orders.delete()
            #expect(orders.server != nil)
            orders.emulator.deleteServer(orders.name)
        }

        @Test("is signed in to with the process's own identity, which is shown to nobody whom its operator does not trust")
        func workloadIdentity() async throws {
            let orders = try await AzureDatabase.running { orders in
                orders.azure.merge(["grantType": "WorkloadIdentity"])
                orders.azure.put(nil, at: "clientSecretRef")
            }
            #expect(orders.server != nil)
            try await orders.delete()

            try await AzureEmulator.with { stranger in
                var other = try await AzureDatabase()
                other.azure.merge(["grantType": "WorkloadIdentity"])
                other.azure.put(nil, at: "clientSecretRef")
                other.azure.put(
                    ["resourceManagerEndpoint": .string(stranger.url), "activeDirectoryEndpoint": .string(stranger.url)], at: "endpoints")
                try await other.apply("Azure")
                try await other.expect("Degraded", "True EndpointNotTrusted")
                #expect(stranger.requests.isEmpty)
                try await other.delete()
            }
        }

        @Test("waits until a human has signed in, and says where and with which code")
        func deviceFlow() async throws {
            var orders = try await AzureDatabase()
            orders.azure.merge(["grantType": "DeviceFlow"])
            orders.azure.put(nil, at: "clientSecretRef")
            try await orders.apply("Azure")
            try await orders.expect("Degraded", "True SignInRequired")
            let code = try #require(orders.emulator.userCodes.first)
            #expect(try await orders.message("Degraded").contains(code))
            #expect(orders.emulator.approveDevice())
            try await orders.expect("Ready", "True Ready")
            try await orders.expect("Degraded", "False AsExpected")
            try await orders.delete()
        }
    }
}

extension JSONTree {
    /// Puts a member in place of what is there; nil takes it away.
    mutating func put(_ value: JSONTree?, at name: String) {
        guard case .object(let members) = self else { return }
        self = .object(members.filter { $0.name != name } + (value.map { [.init(name: name, value: $0)] } ?? []))
    }
}

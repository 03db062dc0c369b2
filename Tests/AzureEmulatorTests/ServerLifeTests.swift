import AzureEmulator
import JSON
import TestSupport
import Testing

@Suite("a server's life", .timeLimit(.minutes(1)))
struct ServerLifeTests {
    @Test("a server is created, changed and deleted by operations, without a complaint")
    func life() async throws {
        try await AzureEmulator.with(.quick) { azure in
            let client = try await Client.signedIn(to: azure)
            azure.inject(Fault(.stallOperation, times: nil))
            #expect(try await client.call("GET", "\(client.group)/orders").code == "ResourceNotFound")
            let creation = try await client.create("orders")
            #expect(creation.status == 202 && creation.operation.contains("/locations/westeurope/azureAsyncOperation/"))
            #expect(try await client.state(of: "orders") == "Updating")
            azure.releaseOperations()
            #expect(try await client.finish(creation) == "Succeeded")
            let server = try await client.call("GET", "\(client.group.lowercased())/ORDERS")
            #expect(server.json?["id"]?.string == "\(client.group)/orders" && server.json?["location"]?.string == "West Europe")
            #expect(server.json?["properties"]?["fullyQualifiedDomainName"]?.string == "orders.mysql.database.azure.com")
            #expect(!server.text.contains("Very-Secret-1"))
            #expect(azure.servers["orders"]?.opens(password: "Very-Secret-1") == true)

            let change = try await client.call(
                "PATCH", "\(client.group)/orders",
                #"{"tags":{"a":"b"},"sku":{"name":"Standard_D2ds_v4","tier":"GeneralPurpose"},"properties":{"storage":{"storageSizeGB":64},"version":"8.4"}}"#
            )
            #expect(try await client.state(of: "orders") == "Updating")
            azure.releaseOperations()
            #expect(try await client.finish(change) == "Succeeded")
            let changed = try #require(azure.servers["orders"])
            #expect(
                changed.tags == ["a": "b"] && changed.skuName == "Standard_D2ds_v4" && changed.storageGB == 64 && changed.version == "8.4")

            let deletion = try await client.call("DELETE", "\(client.group)/orders")
            #expect(try await client.state(of: "orders") == "Dropping")
            azure.releaseOperations()
            #expect(try await client.finish(deletion) == "Succeeded")
            #expect(try await client.call("GET", "\(client.group)/orders").status == 404)
            #expect(try await client.call("DELETE", "\(client.group)/orders").status == 204)
            #expect(azure.creations["orders"]?.count == 1 && azure.deletions["orders"]?.count == 1)
            #expect(azure.complaints == [])
        }
    }

    @Test("Location answers 202 until the operation is done, then its result")
    func location() async throws {
        try await AzureEmulator.with(.quick) { azure in
            let client = try await Client.signedIn(to: azure)
            azure.inject(Fault(.stallOperation))
            let url = try await client.create("orders").header("Location") ?? ""
            #expect(try await client.call("GET", url).status == 202)
            azure.releaseOperations()
            #expect(try await client.call("GET", url).json?["name"]?.string == "orders")
        }
    }

    @Test("a server that is busy or not ready takes no change")
    func busy() async throws {
        try await AzureEmulator.with(.slow) { azure in
            let client = try await Client.signedIn(to: azure)
            azure.putForeignServer("orders")
            let tags = #"{"tags":{}}"#
            #expect(try await client.call("PATCH", "\(client.group)/orders", tags).status == 202)
            #expect(try await client.call("PATCH", "\(client.group)/orders", tags).code == "ServerIsBusy")
            #expect(try await client.call("DELETE", "\(client.group)/orders").code == "ServerIsBusy")
            azure.putForeignServer("others")
            azure.edit("others") { $0.state = .stopped }
            #expect(try await client.call("PATCH", "\(client.group)/others", tags).code == "ServerUnavailableForOperation")
            #expect(try await client.call("GET", "\(client.group)/others/configurations").code == "ServerUnavailableForOperation")
            #expect(azure.runningOperations == 1)
        }
    }

    @Test("a name belongs to one server in all groups and subscriptions")
    func names() async throws {
        var options = EmulatorOptions.quick
        options.takenNames = ["elsewhere"]
        try await AzureEmulator.with(options) { azure in
            let client = try await Client.signedIn(to: azure)
            azure.putForeignServer("orders", resourceGroup: "rg-others")
            for name in ["orders", "elsewhere"] {
                #expect(try await client.create(name).code == "ServerNameAlreadyExists")
                #expect(try await client.call("GET", "\(client.group)/\(name)").status == 404)
            }
        }
    }

    @Test("for a while a server may look as before")
    func staleness() async throws {
        var options = EmulatorOptions.quick
        options.creationState = nil
        options.staleness = .seconds(1)
        try await AzureEmulator.with(options) { azure in
            let client = try await Client.signedIn(to: azure)
            #expect(try await client.finish(try await client.create("orders")) == "Succeeded")
            #expect(try await client.state(of: "orders") == nil)
            try await poll("it can be seen") { try await client.state(of: "orders") == "Ready" }
        }
    }

    @Test(
        "a creation that breaks a rule is refused",
        arguments: [
            ("westeurope", "atlantis", "LocationNotAvailableForResourceType"), (#""location":"westeurope","#, "", "LocationRequired"),
            ("orders_admin", "root", "InvalidAdministratorLogin"), ("Very-Secret-1", "short", "PasswordNotComplex"),
            ("Very-Secret-1", "Orders_Admin1", "PasswordNotComplex"), ("8.0.21", "5.6", "InvalidServerVersion"),
            ("Standard_B1ms", "Standard_D2ds_v4", "InvalidSku"), (":32", ":19", "InvalidStorageSize"),
            (":32", #":"32""#, "InvalidRequestContent"), ("createMode", "creationMode", "InvalidRequestContent"),
            ("\"u1\"", "\"" + String(repeating: "u", count: 257) + "\"", "InvalidTagValue"), ("Burstable", "Cheap", "InvalidParameterValue")
        ])
    func rules(from: String, to: String, code: String) async throws {
        try await AzureEmulator.with(.quick) { azure in
            let client = try await Client.signedIn(to: azure)
            let answer = try await client.call("PUT", "\(client.group)/orders", Client.creation((from, to)))
            #expect(answer.status == 400 && answer.code == code)
            #expect(azure.servers.isEmpty && azure.complaints.isEmpty == (code != "InvalidRequestContent"))
        }
    }

    @Test(
        "a change that breaks a rule is refused",
        arguments: [
            (#"{"properties":{"storage":{"storageSizeGB":20}}}"#, "StorageDownscaleNotSupported"),
            (#"{"properties":{"version":"5.7"}}"#, "InvalidUpgradeVersion"),
            (#"{"properties":{"administratorLoginPassword":"somebody-A1"}}"#, "PasswordNotComplex"),
            (#"{"location":"westeurope"}"#, "InvalidRequestContent"), ("{", "InvalidRequestContent")
        ])
    func changes(body: String, code: String) async throws {
        try await AzureEmulator.with(.quick) { azure in
            let client = try await Client.signedIn(to: azure)
            azure.put(EmulatedServer(subscription: azure.subscription, resourceGroup: azure.resourceGroup, name: "orders", storageGB: 32))
            #expect(try await client.call("PATCH", "\(client.group)/orders", body).code == code)
            #expect(azure.servers["orders"]?.state == .ready)
        }
    }

    @Test("PUT of a server that is there changes it, and its tags are all replaced")
    func replacing() async throws {
        try await AzureEmulator.with(.quick) { azure in
            let client = try await Client.signedIn(to: azure)
            _ = try await client.finish(try await client.create("orders"))
            let again = Client.creation((#""dbmmo-uid":"u1""#, #""x":"y""#), (":32", ":40"))
            #expect(try await client.finish(try await client.call("PUT", "\(client.group)/orders", again)) == "Succeeded")
            #expect(azure.servers["orders"]?.tags == ["x": "y"] && azure.servers["orders"]?.storageGB == 40)
            #expect(azure.creations["orders"]?.count == 1)
            let elsewhere = Client.creation(("westeurope", "eastus"))
            #expect(try await client.call("PUT", "\(client.group)/orders", elsewhere).code == "InvalidResourceLocation")
        }
    }

    @Test("what somebody does in the portal is seen, and ends what goes on")
    func portal() async throws {
        try await AzureEmulator.with(.quick) { azure in
            let client = try await Client.signedIn(to: azure)
            azure.putForeignServer("orders", tags: ["a": "b"])
            azure.edit("orders") { $0.storageGB = 128 }
            #expect(
                try await client.call("GET", "\(client.group)/orders").json?["properties"]?["storage"]?["storageSizeGB"]?.integer == 128)
            azure.inject(Fault(.stallOperation))
            let change = try await client.call("PATCH", "\(client.group)/orders", #"{"tags":{}}"#)
            azure.deleteServer("orders")
            azure.releaseOperations()
            #expect(try await client.finish(change) == "Failed")
            #expect(try await client.call("GET", "\(client.group)/orders").status == 404)
        }
    }
}

import AzureEmulator
import JSON
import TestSupport
import Testing

@Suite("faults", .timeLimit(.minutes(1)))
struct FaultTests {
    @Test("the second of some calls is answered as the fault says")
    func answers() async throws {
        try await AzureEmulator.with(.quick) { azure in
            let client = try await Client.signedIn(to: azure)
            azure.inject(
                Fault(
                    .answer(status: 503, code: "Busy", message: "later", retryAfter: 7), method: "GET", path: "/FlexibleServers",
                    skipping: 1))
            #expect(try await client.call("GET", client.group).status == 200)
            let hit = try await client.call("GET", client.group)
            #expect(hit.status == 503 && hit.code == "Busy" && hit.header("Retry-After") == "7")
            #expect(try await client.call("GET", client.group).status == 200)
            azure.inject(Fault(.answer(status: 503, code: "temporarily_unavailable", message: "later"), path: "/oauth2/"))
            #expect(try await client.newToken().code == "temporarily_unavailable")
        }
    }

    @Test("an answer is lost before or after the call was handled")
    func drops() async throws {
        try await AzureEmulator.with(.quick) { azure in
            let client = try await Client.signedIn(to: azure)
            azure.inject(Fault(.dropBeforeHandling, method: "PUT"))
            await #expect(throws: (any Error).self) { try await client.create("orders") }
            #expect(azure.servers.isEmpty)
            azure.inject(Fault(.dropAfterHandling, method: "PUT"))
            await #expect(throws: (any Error).self) { try await client.create("orders") }
            #expect(azure.servers.keys.sorted() == ["orders"] && azure.requests.suffix(2).allSatisfy { $0.status == nil })
        }
    }

    @Test("an operation fails at its end, and leaves what was said", arguments: [Fault.Leftover.nothing, .disabledServer])
    func failure(leaves: Fault.Leftover) async throws {
        try await AzureEmulator.with(.quick) { azure in
            let client = try await Client.signedIn(to: azure)
            azure.inject(Fault(.failOperation(code: "NoCapacity", message: "none left", leaves: leaves), method: "PUT"))
            let creation = try await client.create("orders")
            #expect(try await client.finish(creation) == "Failed")
            #expect(try await client.call("GET", creation.operation).code == "NoCapacity")
            #expect(try await client.state(of: "orders") == (leaves == .nothing ? nil : "Disabled"))
            #expect(azure.creations["orders"]?.count == 1)
        }
    }

    @Test("a call that is refused uses up no fault of operations, and its answer is not lost")
    func refusedCalls() async throws {
        try await AzureEmulator.with(.quick) { azure in
            let client = try await Client.signedIn(to: azure)
            for effect in [Fault.Effect.failOperation(code: "Odd", message: "odd"), .dropAfterHandling] {
                azure.inject(Fault(effect, method: "PUT"))
                let refused = try await client.call("PUT", "\(client.group)/orders", Client.creation(("westeurope", "atlantis")))
                #expect(refused.status == 400)
                azure.removeFaults()
            }
            azure.inject(Fault(.failOperation(code: "Odd", message: "odd"), path: "/flexibleServers/"))
            #expect(try await client.state(of: "orders") == nil)
            #expect(try await client.finish(try await client.create("orders")) == "Failed")
        }
    }

    @Test("a change that fails leaves the server as it was")
    func failedChange() async throws {
        try await AzureEmulator.with(.quick) { azure in
            let client = try await Client.signedIn(to: azure)
            azure.putForeignServer("orders", tags: ["a": "b"])
            azure.inject(Fault(.failOperation(code: "Odd", message: "odd"), method: "PATCH"))
            #expect(try await client.finish(try await client.call("PATCH", "\(client.group)/orders", #"{"tags":{}}"#)) == "Failed")
            #expect(azure.servers["orders"]?.tags == ["a": "b"] && azure.servers["orders"]?.state == .ready)
        }
    }

    @Test("an operation stalls until it is released, and a call may come late")
    func stalling() async throws {
        try await AzureEmulator.with(.quick) { azure in
            let client = try await Client.signedIn(to: azure)
            azure.inject(Fault(.stallOperation, method: "PUT"))
            let creation = try await client.create("orders")
            azure.inject(Fault(.delay(.milliseconds(150)), path: "azureAsyncOperation"))
            let start = ContinuousClock.now
            #expect(try await client.call("GET", creation.operation).json?["status"]?.string == "InProgress")
            #expect(ContinuousClock.now - start >= .milliseconds(150))
            azure.releaseOperations()
            #expect(try await client.call("GET", creation.operation).json?["status"]?.string == "Succeeded")
        }
    }

    @Test("faults of some probability are the same for the same seed")
    func probability() async throws {
        var options = EmulatorOptions.quick
        options.seed = 7
        var runs: [[Int]] = []
        for _ in 0..<2 {
            let statuses = try await AzureEmulator.with(options) { azure in
                let client = try await Client.signedIn(to: azure)
                azure.inject(Fault(.answer(status: 500, code: "Odd", message: "odd"), times: nil, probability: 0.5))
                var statuses: [Int] = []
                for _ in 0..<20 { statuses.append(try await client.call("GET", client.group).status) }
                return statuses
            }
            runs.append(statuses)
        }
        #expect(runs.first == runs.last && Set(runs.joined()) == [200, 500])
    }

    @Test("faults and edits can be asked for through HTTP")
    func admin() async throws {
        try await AzureEmulator.with(.quick) { azure in
            let client = try await Client.signedIn(to: azure)
            let fault = #"{"method":"GET","path":"/flexibleServers/orders","effect":"answer","status":418,"code":"Teapot"}"#
            #expect(try await client.call("POST", "/emulator/faults", fault).status == 200)
            #expect(try await client.call("GET", "\(client.group)/orders").code == "Teapot")
            #expect(try await client.call("PUT", "/emulator/servers/orders", #"{"tags":{"a":"b"}}"#).status == 204)
            #expect(try await client.call("PATCH", "/emulator/servers/orders", #"{"state":"Stopped"}"#).status == 204)
            #expect(try await client.state(of: "orders") == "Stopped")
            #expect(try await client.call("GET", "/emulator/servers").json?.elements.count == 1)
            #expect(try await client.call("DELETE", "/emulator/servers/orders").status == 204)
            #expect(try await client.call("POST", "/emulator/expire-tokens").status == 204)
            #expect(try await client.call("GET", client.group).code == "ExpiredAuthenticationToken")
            #expect(try await client.call("GET", "/emulator/requests").json?.elements.count == azure.requests.count)
            #expect(azure.complaints == [])
        }
    }
}

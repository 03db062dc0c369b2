import AzureMySQL
import HTTPCalls
import TestSupport
import Testing

@Suite("calls of Azure", .timeLimit(.minutes(1)))
struct CallTests {
    private let id = ScriptedAzure.id
    private let path = ScriptedAzure.path
    private let version = ScriptedAzure.version

    @Test("requests are what the API asks for")
    func requests() async throws {
        try await ScriptedAzure.with({ request in
            [request.method == "GET" ? .answer(200, #"{"id": "i", "name": "n", "value": []}"#) : .answer(200, "{}")]
        }) { azure in
            let (client, account) = (azure.client, azure.account(userAgent: "team/1\r\nX-Evil: y"))
            let sku = SKU(name: "Standard_B1ms", tier: "Burstable")
            let server = NewServer(
                location: "westeurope", tags: ["b": "2", "a": "1"], sku: sku, version: "8.0.21", administratorLogin: "admin",
                administratorPassword: Secret("pass"), storageGB: 32)
            _ = try await client.server(id, account)
            #expect(try await client.create(server, at: id, account) == nil)
            var changes = ServerChanges()
            #expect(try await client.change(id, changes, account) == nil)
            changes.tags = [:]
            _ = try await client.change(id, changes, account)
            changes.tags = nil
            (changes.sku, changes.storageGB, changes.administratorPassword, changes.version) = (sku, 64, Secret("new"), "8.4")
            _ = try await client.change(id, changes, account)
            _ = try await client.delete(id, account)
            _ = try await client.firewallRules(of: id, account)
            _ = try await client.set(FirewallRule(name: "a/b", startIP: "1.2.3.4", endIP: "1.2.3.5"), of: id, account)
            _ = try await client.deleteFirewallRule("..", of: id, account)
            _ = try await client.parameters(of: id, account)
            #expect(try await client.set([:], of: id, account) == nil)
            _ = try await client.set(["b": "2", "a": "1"], of: id, account)
            #expect(
                azure.calls.map { "\($0.method) \($0.target) \($0.body)" } == [
                    "GET \(path)\(version) ",
                    #"PUT \#(path)\#(version) {"location":"westeurope","tags":{"a":"1","b":"2"},"sku":{"name":"Standard_B1ms","tier":"Burstable"},"properties":{"createMode":"Default","version":"8.0.21","administratorLogin":"admin","administratorLoginPassword":"pass","storage":{"storageSizeGB":32}}}"#,
                    #"PATCH \#(path)\#(version) {"tags":{}}"#,
                    #"PATCH \#(path)\#(version) {"sku":{"name":"Standard_B1ms","tier":"Burstable"},"properties":{"version":"8.4","administratorLoginPassword":"new","storage":{"storageSizeGB":64}}}"#,
                    "DELETE \(path)\(version) ",
                    "GET \(path)/firewallRules\(version) ",
                    #"PUT \#(path)/firewallRules/a%2Fb\#(version) {"properties":{"startIpAddress":"1.2.3.4","endIpAddress":"1.2.3.5"}}"#,
                    "DELETE \(path)/firewallRules/%2E%2E\(version) ",
                    "GET \(path)/configurations\(version) ",
                    #"POST \#(path)/updateConfigurations\#(version) {"value":[{"name":"a","properties":{"value":"1","source":"user-override"}},{"name":"b","properties":{"value":"2","source":"user-override"}}],"resetAllToDefault":"False"}"#
                ])
            #expect(azure.calls.allSatisfy { $0.headers["user-agent"] == "dbmmo/1.0 team/1X-Evil: y" && $0.headers["x-evil"] == nil })
            #expect(azure.calls.allSatisfy { $0.headers["accept"] == "application/json" && $0.headers["accept-encoding"] == nil })
            #expect(Set(azure.calls.map { $0.headers["x-ms-client-request-id"] }).count == azure.calls.count)
            #expect(!azure.log.text.contains("pass") && azure.log.text.contains(path))
        }
    }

    @Test("a server is read with what it has, and what is unknown is passed over")
    func server() async throws {
        let text = #"""
            {"id": "/subscriptions/s", "name": "orders", "type": "T", "location": "West Europe", "tags": {"a": "b", "n": null}, "new": 1,
             "sku": {"name": "Standard_B1ms", "tier": "Burstable"}, "properties": {"version": "8.0.21", "administratorLogin": "admin",
             "state": "Ready", "storage": {"storageSizeGB": 32, "iops": 5}, "fullyQualifiedDomainName": "orders.test", "backup": null}}
            """#
        try await ScriptedAzure.with({ _ in [.answer(200, text)] }) { azure in
            var server = Server(id: "/subscriptions/s", name: "orders", type: "T", location: "West Europe", tags: ["a": "b"])
            server.sku = SKU(name: "Standard_B1ms", tier: "Burstable")
            (server.version, server.administratorLogin, server.state) = ("8.0.21", "admin", .ready)
            (server.storageGB, server.host) = (32, "orders.test")
            let answered = try await azure.client.server(id, azure.account())
            #expect(answered == server)
        }
    }

    @Test(
        "answers with other types than the API's are no answers",
        arguments: [
            "", "[]", #"{"id": "i"}"#, #"{"id": "i", "name": 1}"#, #"{"id": "i", "name": "n", "properties": []}"#,
            #"{"id": "i", "name": "n", "properties": {"storage": {"storageSizeGB": "32"}}}"#,
            #"{"id": "i", "name": "n", "properties": {"state": 1}}"#, #"{"id": "i", "name": "n", "sku": "x"}"#
        ])
    func malformedServers(text: String) async throws {
        try await ScriptedAzure.with({ _ in [.answer(200, text)] }) { azure in
            let error = await failure { () throws(AzureError) in try await azure.client.server(id, azure.account()) }
            guard case .malformedAnswer = error?.cause else { return #expect(Bool(false), "\(String(describing: error))") }
        }
    }

    @Test("a missing server is none, be it with its group; a missing subscription, and a proxy's page, are failures")
    func absence() async throws {
        let codes = ["ResourceNotFound", "ResourceGroupNotFound", "SubscriptionNotFound"]
        for code in codes {
            try await ScriptedAzure.with({ _ in [.answer(404, errorText(code))] }) { azure in
                let error = await failure { () throws(AzureError) in try await azure.client.server(id, azure.account()) }
                #expect(error?.cause == (code == "SubscriptionNotFound" ? .status(404, code: code, message: "a message") : nil))
                let removal = await failure { () throws(AzureError) in try await azure.client.delete(id, azure.account()) }
                #expect((removal == nil) == (code != "SubscriptionNotFound"))
            }
        }
        try await ScriptedAzure.with({ _ in [.answer(404, "<html>", type: "text/html")] }) { azure in
            let error = await failure { () throws(AzureError) in try await azure.client.server(id, azure.account()) }
            #expect(error?.cause == .status(404, code: "HTTP404", message: "an answer that is not Azure's"))
        }
    }

    @Test("a password that Azure repeats is blanked")
    func echoedPasswords() async throws {
        try await ScriptedAzure.with({ request in
            [.answer(400, errorText("InvalidPassword", "no: S3cret!pass, \(request.headers["authorization"] ?? "")"))]
        }) { azure in
            var changes = ServerChanges()
            changes.administratorPassword = Secret("S3cret!pass")
            let error = await failure { () throws(AzureError) in try await azure.client.change(id, changes, azure.account()) }
            #expect(error?.cause == .status(400, code: "InvalidPassword", message: "no: [secret], Bearer [secret]"))
            #expect(error?.call == "PATCH \(path)")
        }
    }

    @Test("lists are read page by page, and only from Resource Manager")
    func pages() async throws {
        func rule(_ name: String) -> String {
            #"{"name": "\#(name)", "properties": {"startIpAddress": "1.1.1.1", "endIpAddress": "2.2.2.2"}}"#
        }
        let (one, two) = (rule("one"), rule("two"))
        try await ScriptedAzure.with({ request in
            let host = request.headers["host"] ?? ""
            if request.target.contains("page=2") { return [.answer(200, #"{"value": [\#(two)], "nextLink": null}"#)] }
            return [.answer(200, #"{"value": [\#(one)], "nextLink": "http://\#(host)/more?page=2"}"#)]
        }) { azure in
            let rules = try await azure.client.firewallRules(of: id, azure.account())
            #expect(rules.map(\.name) == ["one", "two"])
            #expect(azure.calls.allSatisfy { $0.headers["authorization"] == "Bearer token-1" })
        }
        try await ScriptedServer.with({ _ in [.answer(200, #"{"value": []}"#)] }) { evil in
            let url = evil.url
            try await ScriptedAzure.with({ _ in [.answer(200, #"{"value": [], "nextLink": "\#(url)/more"}"#)] }) { azure in
                let error = await failure { () throws(AzureError) in try await azure.client.firewallRules(of: id, azure.account()) }
                #expect(error?.cause == .malformedAnswer("the next page is somewhere else than Resource Manager"))
            }
            #expect(evil.requests.isEmpty)
        }
    }

    @Test("a list without an end is given up")
    func endlessList() async throws {
        try await ScriptedAzure.with({ request in
            [.answer(200, #"{"value": [], "nextLink": "http://\#(request.headers["host"] ?? "")/again"}"#)]
        }) { azure in
            let error = await failure { () throws(AzureError) in try await azure.client.parameters(of: id, azure.account()) }
            #expect(error?.cause == .malformedAnswer("a list of more than 100 pages"))
        }
    }

    @Test("a parameter gets its default with the value that the server names")
    func parameterDefaults() async throws {
        let list = #"""
            {"value": [{"name": "a", "properties": {"value": "5", "defaultValue": "4", "isReadOnly": "True", "isConfigPendingRestart": "True"}},
             {"name": "b", "properties": {"currentValue": "x", "isReadOnly": "False"}}]}
            """#
        try await ScriptedAzure.with({ request in [.answer(200, request.method == "GET" ? list : "{}")] }) { azure in
            let parameters = try await azure.client.parameters(of: id, azure.account())
            #expect(
                parameters == [
                    ServerParameter(name: "a", value: "5", defaultValue: "4", isReadOnly: true, needsRestart: true),
                    ServerParameter(name: "b", value: "x")
                ])
            _ = try await azure.client.set(["a": nil, "c": nil], of: id, azure.account())
            #expect(
                azure.calls.last?.body
                    == #"{"value":[{"name":"a","properties":{"value":"4","source":"system-default"}},{"name":"c","properties":{"source":"system-default"}}],"resetAllToDefault":"False"}"#
            )
        }
    }

    @Test("what Azure wants to be left alone with fails at once for a while, without a request")
    func throttling() async throws {
        try await ScriptedAzure.with({ _ in [.answer(429, errorText("TooManyRequests"), headers: ["Retry-After: 30"])] }) { azure in
            let first = await failure { () throws(AzureError) in try await azure.client.server(id, azure.account()) }
            #expect(first?.cause == .throttled && first?.retryAfter == .seconds(30))
            let second = await failure { () throws(AzureError) in try await azure.client.delete(id, azure.account(userAgent: "x")) }
            #expect(second?.cause == .throttled && (second?.retryAfter ?? .zero) > .seconds(20))
            #expect(azure.calls.count == 1)
            let other = ServerID(subscription: "s-2", resourceGroup: "shop", name: "orders")
            _ = await failure { () throws(AzureError) in try await azure.client.server(other, azure.account()) }
            #expect(azure.calls.count == 2)
        }
    }

    @Test("a server that answers nothing costs the time limit, one that breaks off a failure")
    func faults() async throws {
        var options = AzureClient.Options()
        options.timeLimit = .milliseconds(300)
        try await ScriptedAzure.with(options: options, { _ in [.hang] }) { azure in
            let error = await failure { () throws(AzureError) in try await azure.client.server(id, azure.account()) }
            #expect(error?.cause == .timeout && error?.call == "GET \(path)")
        }
        try await ScriptedAzure.with({ _ in [.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"), .close] }) { azure in
            let error = await failure { () throws(AzureError) in try await azure.client.server(id, azure.account()) }
            guard case .transport = error?.cause else { return #expect(Bool(false), "\(String(describing: error))") }
        }
    }

    @Test("a caller who is cancelled is told so at once")
    func cancellation() async throws {
        try await ScriptedAzure.with({ _ in [.hang] }) { azure in
            let task = Task { await failure { () throws(AzureError) in try await azure.client.server(id, azure.account()) } }
            try await poll("the call is under way") { !azure.calls.isEmpty }
            task.cancel()
            #expect(await task.value?.cause == .cancelled)
        }
    }
}

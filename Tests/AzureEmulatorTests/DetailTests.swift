import AzureEmulator
import JSON
import Testing

@Suite("firewall rules and parameters", .timeLimit(.minutes(1)))
struct DetailTests {
    private func with(
        _ options: EmulatorOptions = .quick, _ body: @Sendable (AzureEmulator, Client, String) async throws -> Void
    ) async throws {
        try await AzureEmulator.with(options) { azure in
            azure.putForeignServer("orders")
            let client = try await Client.signedIn(to: azure)
            try await body(azure, client, "\(client.group)/orders")
        }
    }

    @Test("firewall rules are set and deleted by operations")
    func rules() async throws {
        try await with { (azure, client, server) async throws in
            let body = #"{"properties":{"startIpAddress":"10.0.0.1","endIpAddress":"10.0.0.9"}}"#
            let path = "\(server)/firewallRules/office"
            #expect(try await client.call("GET", path).code == "FirewallRuleNotExist")
            #expect(try await client.finish(try await client.call("PUT", path, body)) == "Succeeded")
            #expect(azure.servers["orders"]?.firewallRules == [.init(name: "office", startIP: "10.0.0.1", endIP: "10.0.0.9")])
            #expect(try await client.call("GET", path).json?["properties"]?["endIpAddress"]?.string == "10.0.0.9")
            let turned = #"{"properties":{"startIpAddress":"10.0.0.9","endIpAddress":"10.0.0.1"}}"#
            #expect(try await client.call("PUT", path, turned).code == "InvalidIpAddressRange")
            let odd = #"{"properties":{"startIpAddress":"10.0.0.01","endIpAddress":"10.0.0.1"}}"#
            #expect(try await client.call("PUT", path, odd).code == "InvalidParameterValue")
            #expect(try await client.finish(try await client.call("DELETE", path)) == "Succeeded")
            #expect(try await client.call("DELETE", path).status == 204)
            #expect(azure.servers["orders"]?.firewallRules == [] && azure.complaints == [])
        }
    }

    @Test("without a duration, details are done with the answer")
    func atOnce() async throws {
        var options = EmulatorOptions.quick
        options.detailTime = .zero
        try await with(options) { (azure, client, server) async throws in
            let body = #"{"properties":{"startIpAddress":"10.0.0.1","endIpAddress":"10.0.0.9"}}"#
            let answer = try await client.call("PUT", "\(server)/firewallRules/office", body)
            #expect(answer.status == 201 && answer.json?["name"]?.string == "office" && answer.operation.isEmpty)
            #expect(try await client.call("PUT", "\(server)/firewallRules/office", body).status == 200)
            #expect(try await client.call("DELETE", "\(server)/firewallRules/office").status == 200)
        }
    }

    @Test("lists come in pages, whose links have to be used as they are")
    func pages() async throws {
        try await with { (azure, client, server) async throws in
            azure.edit("orders") { server in
                server.firewallRules = (0..<45).map { .init(name: "r\($0)", startIP: "10.0.0.1", endIP: "10.0.0.1") }
            }
            var names: [String] = []
            var link: String? = "\(server)/firewallRules"
            while let next = link {
                let page = try await client.call("GET", next).json
                names += page?["value"]?.elements.compactMap { $0["name"]?.string } ?? []
                link = page?["nextLink"]?.string
            }
            #expect(names.count == 45 && Set(names).count == 45 && azure.complaints == [])
            let odd = "\(azure.url)\(server)/firewallRules?api-version=2023-12-30&%24skiptoken=mine"
            #expect(try await client.call("GET", odd).code == "InvalidSkipToken")
            #expect(azure.complaints.count == 1)
        }
    }

    @Test("parameters are set one by one and many at once, in Azure's spelling, and reset")
    func parameters() async throws {
        try await with { (azure, client, server) async throws in
            let one = try await client.call(
                "PUT", "\(server)/configurations/event_scheduler", #"{"properties":{"value":"off","source":"user-override"}}"#)
            #expect(try await client.finish(one) == "Succeeded")
            let many = try await client.call(
                "POST", "\(server)/updateConfigurations",
                #"{"value":[{"name":"max_connections","properties":{"value":"200"}},{"name":"lower_case_table_names","properties":{"value":"2"}}]}"#
            )
            #expect(try await client.finish(many) == "Succeeded")
            #expect(
                azure.servers["orders"]?.parameters == ["event_scheduler": "OFF", "max_connections": "200", "lower_case_table_names": "2"])
            let waiting = try await client.call("GET", "\(server)/configurations/lower_case_table_names").json?["properties"]
            #expect(waiting?["isConfigPendingRestart"]?.string == "True" && waiting?["currentValue"]?.string == "1")
            let reset = try await client.call(
                "POST", "\(server)/updateConfigurations",
                #"{"value":[{"name":"max_connections","properties":{"source":"system-default"}}]}"#)
            #expect(try await client.finish(reset) == "Succeeded")
            #expect(azure.servers["orders"]?.value(of: "max_connections") == "341" && azure.complaints == [])
        }
    }

    @Test(
        "a parameter that is unknown, read only or out of its range is refused",
        arguments: [
            ("max_connexions", "1", "ConfigurationNotExists"), ("read_only", "ON", "ReadOnlyConfiguration"),
            ("max_connections", "5", "InvalidParameterValue"), ("sql_mode", "ODD", "InvalidParameterValue")
        ])
    func refusedParameters(name: String, value: String, code: String) async throws {
        try await with { (azure, client, server) async throws in
            let body = #"{"value":[{"name":"\#(name)","properties":{"value":"\#(value)"}}]}"#
            #expect(try await client.call("POST", "\(server)/updateConfigurations", body).code == code)
            #expect(azure.runningOperations == 0)
        }
    }
}

import AzureEmulator
import FoundationEssentials
import JSON
import Testing

@Suite("what a well-behaved client does not do", .timeLimit(.minutes(1)))
struct MannersTests {
    @Test("bad headers, versions and paths are complained of")
    func headers() async throws {
        try await AzureEmulator.with(.quick) { azure in
            let client = try await Client.signedIn(to: azure)
            let id = UUID().uuidString
            _ = try await client.call("GET", client.group, id: id)
            #expect(azure.complaints == [])
            var odd = client
            _ = try await client.call("GET", client.group, id: id)
            _ = try await client.call("GET", client.group, id: "x")
            odd.userAgent = "curl"
            _ = try await odd.call("GET", client.group)
            odd.userAgent = client.userAgent
            odd.apiVersion = "2020-01-01"
            #expect(try await odd.call("GET", client.group).status == 400)
            #expect(try await client.call("GET", "\(azure.url)\(client.group)").code == "MissingApiVersionParameter")
            #expect(try await client.call("GET", "/nowhere").status == 404)
            #expect(try await client.call("PUT", "\(client.group)/orders", Client.creation(), type: "text/plain").status == 415)
            #expect(azure.complaints.count == 7)
        }
    }

    @Test("subscriptions and groups have to exist")
    func scopes() async throws {
        try await AzureEmulator.with(.quick) { azure in
            let client = try await Client.signedIn(to: azure)
            let other = client.group.replacing(azure.subscription, with: UUID().uuidString)
            #expect(try await client.call("GET", other).code == "SubscriptionNotFound")
            let group = client.group.replacing(azure.resourceGroup, with: "rg-none")
            #expect(try await client.call("GET", group).code == "ResourceGroupNotFound")
        }
    }

    @Test("Retry-After has to be waited for")
    func pace() async throws {
        var options = EmulatorOptions.quick
        options.retryAfter = 1
        try await AzureEmulator.with(options) { azure in
            let client = try await Client.signedIn(to: azure)
            let creation = try await client.create("orders")
            #expect(creation.header("Retry-After") == "1")
            _ = try await client.call("GET", creation.operation)
            #expect(azure.complaints.count == 1)
            azure.clientRestarted()
            _ = try await client.call("GET", creation.operation)
            #expect(azure.complaints.count == 1)
            azure.throttle(for: .milliseconds(900))
            let throttled = try await client.call("GET", "\(client.group)/orders")
            #expect(throttled.status == 429 && throttled.header("Retry-After") == "1")
            try await Task.sleep(for: .milliseconds(100))
            _ = try await client.call("GET", client.group)
            #expect(azure.complaints.count == 2)
        }
    }

    @Test("tokens are not fetched again and again")
    func tokens() async throws {
        try await AzureEmulator.with(.quick) { azure in
            let client = Client(azure: azure)
            for _ in 0..<4 { _ = try await client.newToken() }
            #expect(azure.complaints == [])
            _ = try await client.newToken()
            #expect(azure.complaints.count == 1)
        }
    }

    @Test("secrets are in neither complaints nor the log")
    func secrets() async throws {
        try await AzureEmulator.with(.quick) { azure in
            let client = try await Client.signedIn(to: azure)
            _ = try await client.newToken(["grant_type": "odd"])
            _ = try await client.call("PUT", "\(client.group)/orders", Client.creation((#""version""#, #""versions""#)))
            _ = try await client.create("orders")
            let seen = "\(azure.complaints) \(azure.requests) \(azure.servers)"
            for secret in [azure.secret, "Very-Secret-1", client.token] { #expect(!seen.contains(secret)) }
        }
    }
}

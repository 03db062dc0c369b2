import AzureEmulator
import JSON
import TestSupport
import Testing

@Suite("signing in", .timeLimit(.minutes(1)))
struct SignInTests {
    @Test(
        "what is wrong with a request of a token is told as Entra tells it",
        arguments: [
            ("client_secret", "guess", 401, "invalid_client", "AADSTS7000215"),
            ("client_secret", "", 401, "invalid_client", "AADSTS7000218"),
            ("client_id", "somebody", 400, "unauthorized_client", "AADSTS700016"),
            ("scope", "https://elsewhere/.default", 400, "invalid_resource", "AADSTS500011"),
            ("scope", "https://elsewhere", 400, "invalid_scope", "AADSTS1002012"),
            ("grant_type", "password", 400, "unsupported_grant_type", "AADSTS70003")
        ])
    func refusals(field: String, value: String, status: Int, error: String, number: String) async throws {
        try await AzureEmulator.with(.quick) { azure in
            let answer = try await Client(azure: azure).newToken([field: value])
            #expect(answer.status == status && answer.code == error)
            #expect(answer.json?["error_description"]?.string?.hasPrefix("\(number):") == true)
        }
    }

    @Test("a federated token signs in, and no other")
    func federation() async throws {
        try await AzureEmulator.with(.quick) { azure async throws in
            let client = Client(azure: azure)
            let type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
            let fields = ["client_secret": "", "client_assertion_type": type, "client_assertion": azure.federatedToken]
            #expect(try await client.newToken(fields).status == 200)
            azure.rotateFederatedToken(to: "another")
            #expect(try await client.newToken(fields).code == "invalid_client")
            #expect(azure.complaints == [])
        }
    }

    @Test("a device code waits for somebody, and its refresh token goes on")
    func device() async throws {
        var options = EmulatorOptions.quick
        options.deviceInterval = 0
        try await AzureEmulator.with(options) { azure in
            let client = Client(azure: azure)
            let scope = "\(azure.audience)/.default offline_access"
            let code = try await client.form("devicecode", ["client_id": azure.client, "scope": scope]).json
            #expect(azure.userCodes == [code?["user_code"]?.string])
            let fields = [
                "grant_type": "urn:ietf:params:oauth:grant-type:device_code", "client_id": azure.client,
                "device_code": code?["device_code"]?.string ?? ""
            ]
            #expect(try await client.form("token", fields).code == "authorization_pending")
            #expect(azure.approveDevice())
            let token = try await client.form("token", fields).json
            let refreshing = [
                "grant_type": "refresh_token", "client_id": azure.client, "scope": scope,
                "refresh_token": token?["refresh_token"]?.string ?? ""
            ]
            #expect(try await client.form("token", refreshing).status == 200)
            azure.revokeSignIns()
            #expect(try await client.form("token", refreshing).code == "invalid_grant")
            #expect(azure.complaints == [])
        }
    }

    @Test("a device code may be denied, may expire, and is not to be polled too often")
    func deviceRefusals() async throws {
        var options = EmulatorOptions.quick
        options.deviceInterval = 1
        options.deviceCodeLifetime = 2
        try await AzureEmulator.with(options) { azure in
            let client = Client(azure: azure)
            let code = try await client.form("devicecode", ["client_id": azure.client, "scope": "\(azure.audience)/.default"]).json
            let fields = [
                "grant_type": "urn:ietf:params:oauth:grant-type:device_code", "client_id": azure.client,
                "device_code": code?["device_code"]?.string ?? ""
            ]
            try await Task.sleep(for: .seconds(1))
            #expect(azure.denyDevice())
            #expect(try await client.form("token", fields).code == "authorization_declined")
            #expect(azure.complaints == [])
            #expect(try await client.form("token", fields).code == "slow_down")
            #expect(azure.complaints.count == 1)
            try await Task.sleep(for: .seconds(1))
            #expect(try await client.form("token", fields).code == "expired_token")
        }
    }

    @Test("only a good token opens the Resource Manager")
    func tokens() async throws {
        try await AzureEmulator.with(.quick) { azure in
            var client = try await Client.signedIn(to: azure)
            #expect(try await client.call("GET", client.group).status == 200)
            azure.expireTokens()
            #expect(try await client.call("GET", client.group).code == "ExpiredAuthenticationToken")
            client.token = "made-up"
            let answer = try await client.call("GET", client.group)
            #expect(answer.status == 401 && answer.code == "InvalidAuthenticationToken")
            azure.rotateSecret(to: "another")
            #expect(try await client.newToken().code == "invalid_client")
            #expect(azure.complaints == [])
        }
    }
}

import AzureMySQL
import DBMMOMySQLAPI
import HTTPCalls
import JSON
import Testing

@testable import Worker

@Suite("signing in to Azure")
struct AzureAccessTests {
    private static func access(_ changes: JSONTree = .emptyObject) throws -> AzureAccess {
        var azure = changes
        azure.merge(["tenantID": "t", "clientID": "c", "clientSecretRef": ["name": "identity"]])
        let object: JSONTree = [
            "apiVersion": "cache.my.domain/v1", "kind": "DBMMOMySQL", "metadata": ["name": "orders"], "spec": ["azure": azure]
        ]
        return AzureAccess(try #require(try DBMMOMySQL(try object.value).spec.azure))
    }

    private static func account(
        _ changes: JSONTree = .emptyObject, secret: Secret? = Secret("s"), trusted: Set<String> = []
    ) throws -> AzureAccount? {
        guard case .account(let account) = try access(changes).account(secret: secret, trusted: trusted) else { return nil }
        return account
    }

    private static func reason(_ changes: JSONTree, secret: Secret? = nil, trusted: Set<String> = []) throws -> Condition.Reason? {
        guard case .trouble(let trouble) = try access(changes).account(secret: secret, trusted: trusted) else { return nil }
        return trouble.reason
    }

    @Test(
        "goes to the cloud of the spec, with the secret that it names",
        arguments: [
            ("AzurePublicCloud", "https://management.azure.com"), ("AzureChinaCloud", "https://management.chinacloudapi.cn"),
            ("AzureUSGovernmentCloud", "https://management.usgovcloudapi.net")
        ])
    func clouds(cloud: String, manager: String) throws {
        let account = try #require(try Self.account(["cloud": .string(cloud), "userAgent": "shop/1"]))
        #expect(account.endpoints.resourceManager == manager && account.endpoints.audience == manager)
        #expect(account.signIn == .clientSecret(Secret("s")) && account.userAgent == "shop/1")
        #expect(try Self.access().secretReference?.key == "AZURE_CLIENT_SECRET")
    }

    @Test("goes where the spec says instead; a slash at the end makes no difference")
    func endpoints() throws {
        let named: JSONTree = ["resourceManagerEndpoint": "https://arm.test/", "activeDirectoryEndpoint": "https://login.test/"]
        let account = try #require(try Self.account(["endpoints": named]))
        #expect(
            account.endpoints
                == AzureEndpoints(resourceManager: "https://arm.test", authority: "https://login.test", audience: "https://arm.test"))
        let server = try #require(try Self.account(["endpoints": named, "authorizationServerURL": "https://auth.test"]))
        #expect(server.endpoints.authority == "https://auth.test")
        let audience = try #require(try Self.account(["endpoints": ["tokenAudience": "https://audience.test"]]))
        #expect(
            audience.endpoints.audience == "https://audience.test" && audience.endpoints.resourceManager == "https://management.azure.com")
    }

    @Test("takes a plain secret of the spec, and says when there is none")
    func secrets() throws {
        let plain = try #require(try Self.account(["clientSecret": "plain"], secret: nil))
        #expect(plain.signIn == .clientSecret(Secret("plain")))
        #expect(try Self.access(["clientSecret": "plain"]).secretReference == nil)
        #expect(try Self.reason(.emptyObject) == .secretMissing)
    }

    @Test("asks a human where the spec says so", arguments: [["grantType": "DeviceFlow"], ["useDeviceFlow": true]] as [JSONTree])
    func device(changes: JSONTree) throws {
        #expect(try Self.account(changes, secret: nil)?.signIn == .deviceCode)
        #expect(try Self.access(changes).secretReference == nil)
    }

    @Test("shows the identity of the process to the clouds, and to nobody else whom its operator does not trust")
    func workloadIdentity() throws {
        let identity: JSONTree = ["grantType": "WorkloadIdentity"]
        #expect(try Self.account(identity, secret: nil)?.signIn == .workloadIdentity)
        for name in ["resourceManagerEndpoint", "activeDirectoryEndpoint"] {
            let elsewhere: JSONTree = ["grantType": "WorkloadIdentity", "endpoints": [(name): "https://elsewhere.test/"]]
            #expect(try Self.reason(elsewhere) == .endpointNotTrusted)
            #expect(try Self.account(elsewhere, secret: nil, trusted: ["https://elsewhere.test"]) != nil)
        }
        #expect(
            try Self.reason(["grantType": "WorkloadIdentity", "authorizationServerURL": "https://elsewhere.test"]) == .endpointNotTrusted)
    }
}

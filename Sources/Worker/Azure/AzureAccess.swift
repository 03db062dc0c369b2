import AzureMySQL
import DBMMOMySQLAPI
import HTTPCalls

/// With what the calls of Azure are made for a database, as its spec says.
struct AzureAccess: Sendable {
    private let azure: DBMMOMySQL.Azure

    init(_ azure: DBMMOMySQL.Azure) {
        self.azure = azure
    }

    /// The Secret and the key in it with the secret of the application; nil when none is needed from there.
    var secretReference: (name: String, key: String)? {
        guard azure.needsSecret, azure.clientSecret?.isEmpty != false, let reference = azure.clientSecretRef, let name = reference.name
        else { return nil }
        return (name, reference.key ?? "AZURE_CLIENT_SECRET")
    }

    enum Outcome: Sendable {
        case account(AzureAccount)
        case trouble(StatusReport.Remark)
    }

    /// - Parameters:
    ///   - secret: What the Secret holds.
    ///   - trusted: Where the tokens of our own identity may go, besides the clouds.
    func account(secret: Secret?, trusted: Set<String>) -> Outcome {
        guard let tenant = azure.tenantID, let client = azure.clientID, let endpoints else {
            return .trouble((.invalidSpec, "spec.azure does not say who signs in where"))
        }
        let signIn: SignIn
        if azure.needsSecret {
            guard let text = secret ?? azure.clientSecret.map({ Secret($0) }) else {
                return .trouble((.secretMissing, "spec.azure has no secret to sign in with"))
            }
            signIn = .clientSecret(text)
        } else if azure.grantType == "WorkloadIdentity" {
            guard isTrusted(endpoints, trusted) else {
                let way = "list it in --azure-trusted-endpoint, or use a service principal"
                return .trouble((.endpointNotTrusted, "the workload identity is not shown to \(endpoints.authority); \(way)"))
            }
            signIn = .workloadIdentity
        } else {
            signIn = .deviceCode
        }
        return .account(
            AzureAccount(endpoints: endpoints, tenant: tenant, client: client, signIn: signIn, userAgent: azure.userAgent))
    }

    /// Where its calls go, as far as the spec says.
    var resourceManager: String { endpoints?.resourceManager ?? "" }

    private var cloud: AzureEndpoints? { AzureEndpoints.cloud(named: azure.cloudOrDefault) }

    /// Those of the cloud, but for what the spec names itself.
    private var endpoints: AzureEndpoints? {
        guard var endpoints = cloud else { return nil }
        func named(_ name: String) -> String? {
            azure.endpoints.first { $0.name == name && !$0.value.isEmpty }.map { Self.withoutSlash($0.value) }
        }
        if let manager = named("resourceManagerEndpoint") { (endpoints.resourceManager, endpoints.audience) = (manager, manager) }
        if let audience = named("tokenAudience") { endpoints.audience = audience }
        let server = azure.authorizationServerURL.flatMap { $0.isEmpty ? nil : Self.withoutSlash($0) }
        if let authority = server ?? named("activeDirectoryEndpoint") { endpoints.authority = authority }
        return endpoints
    }

    private func isTrusted(_ endpoints: AzureEndpoints, _ trusted: Set<String>) -> Bool {
        [(endpoints.authority, cloud?.authority), (endpoints.resourceManager, cloud?.resourceManager)].allSatisfy { url, known in
            url == known || trusted.contains(url)
        }
    }

    static func withoutSlash(_ url: String) -> String { url.hasSuffix("/") ? String(url.dropLast()) : url }
}

public import HTTPCalls

/// Where an Azure cloud is; absolute URLs without a slash at the end.
public struct AzureEndpoints: Sendable, Hashable {
    /// The Resource Manager, such as `https://management.azure.com`.
    public var resourceManager: String
    /// Who gives tokens, such as `https://login.microsoftonline.com`.
    public var authority: String
    /// For what tokens are asked, such as `https://management.azure.com`.
    public var audience: String

    public init(resourceManager: String, authority: String, audience: String) {
        self.resourceManager = resourceManager
        self.authority = authority
        self.audience = audience
    }
}

/// How to sign in.
public enum SignIn: Sendable, Hashable {
    /// OAuth 2.0 client credentials (RFC 6749, section 4.4).
    case clientSecret(Secret)
    /// A human signs in at another device (RFC 8628).
    case deviceCode
    /// With the token of our service account, which a webhook of Azure's mounts (RFC 7523): `AZURE_FEDERATED_TOKEN_FILE`.
    case workloadIdentity
}

/// Who calls Azure, and where.
public struct AzureAccount: Sendable, Hashable {
    public var endpoints: AzureEndpoints
    public var tenant: String
    public var client: String
    public var signIn: SignIn
    /// Added to ours.
    public var userAgent: String?

    public init(endpoints: AzureEndpoints, tenant: String, client: String, signIn: SignIn, userAgent: String? = nil) {
        self.endpoints = endpoints
        self.tenant = tenant
        self.client = client
        self.signIn = signIn
        self.userAgent = userAgent
    }
}

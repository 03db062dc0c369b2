import HTTPCalls

/// A form that is sent to an authority.
struct TokenRequest: Sendable {
    enum Endpoint: String {
        case token
        case deviceCode = "devicecode"
    }

    /// Without the authority.
    let path: String
    let fields: [(name: String, value: String)]
    /// What must not be seen of it.
    let secrets: [Secret]

    /// RFC 6749, section 4.4.
    static func clientSecret(_ account: AzureAccount, _ secret: Secret) -> TokenRequest {
        TokenRequest(
            account, .token, grant: "client_credentials", [("scope", account.scope), ("client_secret", secret.value)], secrets: [secret])
    }

    /// RFC 7523, section 2.2.
    static func assertion(_ account: AzureAccount, _ assertion: Secret) -> TokenRequest {
        TokenRequest(
            account, .token, grant: "client_credentials",
            [
                ("scope", account.scope), ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
                ("client_assertion", assertion.value)
            ], secrets: [assertion])
    }

    /// RFC 8628, section 3.1.
    static func deviceCode(_ account: AzureAccount) -> TokenRequest {
        TokenRequest(account, .deviceCode, grant: nil, [("scope", "\(account.scope) offline_access")], secrets: [])
    }

    /// RFC 8628, section 3.4.
    static func poll(_ account: AzureAccount, _ code: DeviceCode) -> TokenRequest {
        TokenRequest(
            account, .token, grant: "urn:ietf:params:oauth:grant-type:device_code", [("device_code", code.deviceCode.value)],
            secrets: [code.deviceCode])
    }

    /// RFC 6749, section 6.
    static func refresh(_ account: AzureAccount, _ token: Secret) -> TokenRequest {
        TokenRequest(
            account, .token, grant: "refresh_token", [("scope", "\(account.scope) offline_access"), ("refresh_token", token.value)],
            secrets: [token])
    }

    private init(
        _ account: AzureAccount, _ endpoint: Endpoint, grant: String?, _ fields: [(name: String, value: String)], secrets: [Secret]
    ) {
        path = "/\(PercentEncoding.escaped(account.tenant))/oauth2/v2.0/\(endpoint.rawValue)"
        self.fields = [("client_id", account.client)] + (grant.map { [("grant_type", $0)] } ?? []) + fields
        self.secrets = secrets
    }

    var title: String { "POST \(path)" }
}

extension AzureAccount {
    /// All that the account may do. Where the audience ends with a slash, so does that of the token, and two slashes stand here.
    ///
    /// https://learn.microsoft.com/entra/identity-platform/scopes-oidc#trailing-slash-and-default
    fileprivate var scope: String { "\(endpoints.audience)/.default" }
}

import NIOHTTP1

extension AzureClient {
    public func firewallRules(of id: ServerID, _ account: AzureAccount) async throws(AzureError) -> [FirewallRule] {
        try await list(AzureRequest(.GET, id, ["firewallRules"]), account) { value throws(MalformedDocument) in try FirewallRule(value) }
    }

    public func set(_ rule: FirewallRule, of id: ServerID, _ account: AzureAccount) async throws(AzureError) -> AzureOperation? {
        try await write(AzureRequest(.PUT, id, ["firewallRules", rule.name], body: rule.body), account)
    }

    public func deleteFirewallRule(_ name: String, of id: ServerID, _ account: AzureAccount) async throws(AzureError) -> AzureOperation? {
        try await remove(AzureRequest(.DELETE, id, ["firewallRules", name]), account)
    }

    public func parameters(of id: ServerID, _ account: AzureAccount) async throws(AzureError) -> [ServerParameter] {
        try await list(AzureRequest(.GET, id, ["configurations"]), account) { value throws(MalformedDocument) in try ServerParameter(value)
        }
    }

    /// Looks at the parameters first where one is to get its default.
    public func set(_ values: [String: String?], of id: ServerID, _ account: AzureAccount) async throws(AzureError) -> AzureOperation? {
        guard !values.isEmpty else { return nil }
        var defaults: [String: String] = [:]
        if values.values.contains(nil) {
            for parameter in try await parameters(of: id, account) { defaults[parameter.name] = parameter.defaultValue }
        }
        let batch = ParameterBatch(values: values, defaults: defaults)
        return try await write(AzureRequest(.POST, id, ["updateConfigurations"], body: batch.body), account)
    }
}

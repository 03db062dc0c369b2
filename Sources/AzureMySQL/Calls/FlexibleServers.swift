public import HTTPCalls

/// The calls of Azure Database for MySQL Flexible Server that a database needs.
public protocol FlexibleServers: Sendable {
    /// - Returns: Nil when there is none.
    func server(_ id: ServerID, _ account: AzureAccount) async throws(AzureError) -> Server?

    /// - Returns: What Azure goes on with; nil when it is done at once. So for all changes.
    func create(_ server: NewServer, at id: ServerID, _ account: AzureAccount) async throws(AzureError) -> AzureOperation?
    func change(_ id: ServerID, _ changes: ServerChanges, _ account: AzureAccount) async throws(AzureError) -> AzureOperation?
    func delete(_ id: ServerID, _ account: AzureAccount) async throws(AzureError) -> AzureOperation?

    func firewallRules(of id: ServerID, _ account: AzureAccount) async throws(AzureError) -> [FirewallRule]
    func set(_ rule: FirewallRule, of id: ServerID, _ account: AzureAccount) async throws(AzureError) -> AzureOperation?
    func deleteFirewallRule(_ name: String, of id: ServerID, _ account: AzureAccount) async throws(AzureError) -> AzureOperation?

    func parameters(of id: ServerID, _ account: AzureAccount) async throws(AzureError) -> [ServerParameter]
    /// - Parameter values: By name; nil for the server's default.
    func set(_ values: [String: String?], of id: ServerID, _ account: AzureAccount) async throws(AzureError) -> AzureOperation?

    /// - Parameter secrets: What the operation was begun with, which Azure might repeat.
    func state(of operation: AzureOperation, hiding secrets: [Secret], _ account: AzureAccount) async throws(AzureError) -> OperationState

    /// Closes all connections. What is under way fails.
    func shutdown() async
}

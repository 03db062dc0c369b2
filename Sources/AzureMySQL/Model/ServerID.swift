/// Which flexible server: its Resource Manager ID.
///
/// https://learn.microsoft.com/rest/api/mysql/flexibleserver/servers
public struct ServerID: Sendable, CustomStringConvertible {
    public let subscription: String
    public let resourceGroup: String
    public let name: String

    public init(subscription: String, resourceGroup: String, name: String) {
        self.subscription = subscription
        self.resourceGroup = resourceGroup
        self.name = name
    }

    /// - Parameter text: `/subscriptions/…/resourceGroups/…/providers/Microsoft.DBforMySQL/flexibleServers/…`; nil when it is something else.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let fixed = [0: "", 1: "subscriptions", 3: "resourcegroups", 5: "providers", 6: "microsoft.dbformysql", 7: "flexibleservers"]
        guard parts.count == 9, fixed.allSatisfy({ parts[$0.key].lowercased() == $0.value }), !parts[2].isEmpty, !parts[4].isEmpty,
            !parts[8].isEmpty
        else { return nil }
        self.init(subscription: parts[2], resourceGroup: parts[4], name: parts[8])
    }

    public var description: String {
        "/subscriptions/\(subscription)/resourceGroups/\(resourceGroup)/providers/Microsoft.DBforMySQL/flexibleServers/\(name)"
    }
}

extension ServerID: Hashable {
    /// Resource Manager does not tell upper from lower case.
    public static func == (one: ServerID, other: ServerID) -> Bool { one.description.lowercased() == other.description.lowercased() }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(description.lowercased())
    }
}

public import HTTPCalls
import JSON

/// A flexible server of the emulated Azure.
public struct EmulatedServer: Sendable, Equatable {
    /// `properties.state`
    public enum State: String, Sendable {
        case ready = "Ready"
        case dropping = "Dropping"
        case disabled = "Disabled"
        case starting = "Starting"
        case stopping = "Stopping"
        case stopped = "Stopped"
        case updating = "Updating"
    }

    /// Addresses that may connect, from the first to the last.
    public struct FirewallRule: Sendable, Hashable {
        public var name: String
        public var startIP: String
        public var endIP: String

        public init(name: String, startIP: String, endIP: String) {
            self.name = name
            self.startIP = startIP
            self.endIP = endIP
        }
    }

    public let subscription: String
    /// As it was spelt when the server was created.
    public let resourceGroup: String
    public let name: String
    /// Without blanks, such as `westeurope`.
    public var location: String
    public var tags: [String: String]
    public var skuName: String
    public var skuTier: String
    public var version: String
    public var administratorLogin: String
    public var storageGB: Int64
    public var growsByItself = true
    public var backupDays: Int64 = 7
    public var isPublic = true
    public var state = State.ready
    public var firewallRules: [FirewallRule] = []
    /// The values of parameters that somebody has set.
    public var parameters: [String: String] = [:]
    /// The parameters that were set, and will take effect at the next start.
    public var waitingForRestart: Set<String> = []
    /// Of the administrator.
    public var password: Secret

    public init(
        subscription: String, resourceGroup: String, name: String, location: String = "westeurope", tags: [String: String] = [:],
        skuName: String = "Standard_B1ms", skuTier: String = "Burstable", version: String = "8.0.21", storageGB: Int64 = 20,
        administratorLogin: String = "somebody", password: String = "Some-Body-1"
    ) {
        self.subscription = subscription
        self.resourceGroup = resourceGroup
        self.name = name
        self.location = location
        self.tags = tags
        self.skuName = skuName
        self.skuTier = skuTier
        self.version = version
        self.storageGB = storageGB
        self.administratorLogin = administratorLogin
        self.password = Secret(password)
    }

    public var id: String {
        "/subscriptions/\(subscription)/resourceGroups/\(resourceGroup)/providers/Microsoft.DBforMySQL/flexibleServers/\(name)"
    }

    public var host: String { "\(name).mysql.database.azure.com" }

    /// Whether the administrator can sign in with this password.
    public func opens(password: String) -> Bool { self.password.value == password }

    /// The value of a parameter; nil when there is no such parameter.
    public func value(of parameter: String) -> String? {
        parameters[parameter] ?? Parameter.named(parameter)?.defaultValue
    }

    /// As the Resource Manager tells of it.
    var json: JSONTree {
        [
            "id": .string(id), "name": .string(name), "type": "Microsoft.DBforMySQL/flexibleServers",
            "location": .string(Region.displayName(of: location)),
            "tags": .object(tags.sorted { $0.key < $1.key }.map { .init(name: $0.key, value: .string($0.value)) }),
            "sku": ["name": .string(skuName), "tier": .string(skuTier)],
            "properties": [
                "administratorLogin": .string(administratorLogin), "version": .string(version), "state": .string(state.rawValue),
                "fullyQualifiedDomainName": .string(host),
                "storage": [
                    "storageSizeGB": .integer(storageGB), "iops": 360, "autoGrow": .string(growsByItself ? "Enabled" : "Disabled"),
                    "autoIoScaling": "Enabled", "storageSku": "Premium_LRS"
                ],
                "backup": ["backupRetentionDays": .integer(backupDays), "geoRedundantBackup": "Disabled"],
                "network": ["publicNetworkAccess": .string(isPublic ? "Enabled" : "Disabled")],
                "highAvailability": ["mode": "Disabled", "state": "NotEnabled"],
                "replicationRole": "None", "replicaCapacity": 10, "availabilityZone": "1"
            ]
        ]
    }

    func json(of rule: FirewallRule) -> JSONTree {
        [
            "id": .string("\(id)/firewallRules/\(rule.name)"), "name": .string(rule.name),
            "type": "Microsoft.DBforMySQL/flexibleServers/firewallRules",
            "properties": ["startIpAddress": .string(rule.startIP), "endIpAddress": .string(rule.endIP)]
        ]
    }

    func json(of parameter: Parameter) -> JSONTree {
        let (set, waits) = (parameters[parameter.name], waitingForRestart.contains(parameter.name))
        return [
            "id": .string("\(id)/configurations/\(parameter.name)"), "name": .string(parameter.name),
            "type": "Microsoft.DBforMySQL/flexibleServers/configurations",
            "properties": [
                "value": .string(set ?? parameter.defaultValue),
                "currentValue": .string(waits ? parameter.defaultValue : set ?? parameter.defaultValue),
                "defaultValue": .string(parameter.defaultValue), "dataType": .string(parameter.dataType.rawValue),
                "allowedValues": .string(parameter.allowed), "source": .string(set == nil ? "system-default" : "user-override"),
                "isReadOnly": .string(parameter.isReadOnly ? "True" : "False"),
                "isDynamicConfig": .string(parameter.isDynamic ? "True" : "False"),
                "isConfigPendingRestart": .string(waits ? "True" : "False")
            ]
        ]
    }

    /// - Parameter value: Nil for the default.
    mutating func set(_ parameter: Parameter, to value: String?) {
        guard value != parameters[parameter.name] else { return }
        parameters[parameter.name] = value
        if !parameter.isDynamic { waitingForRestart.insert(parameter.name) }
    }
}

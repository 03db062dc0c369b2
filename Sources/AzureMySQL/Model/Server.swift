public import HTTPCalls

/// A flexible server as Azure tells of it.
public struct Server: Sendable, Equatable {
    /// `properties.state`; Azure may know more than these.
    public struct State: RawRepresentable, Sendable, Hashable {
        public static let ready = State(rawValue: "Ready")
        public static let dropping = State(rawValue: "Dropping")
        public static let disabled = State(rawValue: "Disabled")
        public static let starting = State(rawValue: "Starting")
        public static let stopping = State(rawValue: "Stopping")
        public static let stopped = State(rawValue: "Stopped")
        public static let updating = State(rawValue: "Updating")

        public let rawValue: String

        public init(rawValue: String) {
            self.rawValue = rawValue
        }
    }

    /// As Azure spells it.
    public var id: String
    public var name: String
    /// `Microsoft.DBforMySQL/flexibleServers`
    public var type: String
    /// As Azure spells it, such as `West Europe`.
    public var location: String
    public var tags: [String: String]
    public var sku: SKU?
    /// Azure's name of the version, such as `8.0.21`.
    public var version: String?
    public var administratorLogin: String?
    public var state: State?
    public var storageGB: Int64?
    /// Where clients connect.
    public var host: String?

    public init(id: String, name: String, type: String, location: String, tags: [String: String]) {
        self.id = id
        self.name = name
        self.type = type
        self.location = location
        self.tags = tags
    }
}

/// The size of the machine.
public struct SKU: Sendable, Hashable {
    /// Such as `Standard_B1ms`.
    public let name: String
    /// `Burstable`, `GeneralPurpose` or `MemoryOptimized`.
    public let tier: String

    public init(name: String, tier: String) {
        self.name = name
        self.tier = tier
    }
}

/// What a server is created with.
public struct NewServer: Sendable, Equatable {
    public var location: String
    public var tags: [String: String]
    public var sku: SKU
    /// Azure's name of the version.
    public var version: String
    public var administratorLogin: String
    public var administratorPassword: Secret
    public var storageGB: Int64

    public init(
        location: String, tags: [String: String], sku: SKU, version: String, administratorLogin: String, administratorPassword: Secret,
        storageGB: Int64
    ) {
        self.location = location
        self.tags = tags
        self.sku = sku
        self.version = version
        self.administratorLogin = administratorLogin
        self.administratorPassword = administratorPassword
        self.storageGB = storageGB
    }
}

/// What is to change in a server; nil stays.
public struct ServerChanges: Sendable, Equatable {
    /// All of them: those that are left out go.
    public var tags: [String: String]?
    public var sku: SKU?
    public var version: String?
    public var administratorPassword: Secret?
    public var storageGB: Int64?

    public init() {}

    public var isEmpty: Bool { self == ServerChanges() }
}

/// Addresses that may connect, from the first to the last.
public struct FirewallRule: Sendable, Hashable {
    public let name: String
    public let startIP: String
    public let endIP: String

    public init(name: String, startIP: String, endIP: String) {
        self.name = name
        self.startIP = startIP
        self.endIP = endIP
    }
}

/// A server parameter ("configuration" in the API).
public struct ServerParameter: Sendable, Hashable {
    public let name: String
    public let value: String
    /// What the server has where nobody has set it.
    public let defaultValue: String?
    public let isReadOnly: Bool
    /// Whether the value is in effect only after a restart.
    public let needsRestart: Bool

    public init(name: String, value: String, defaultValue: String? = nil, isReadOnly: Bool = false, needsRestart: Bool = false) {
        self.name = name
        self.value = value
        self.defaultValue = defaultValue
        self.isReadOnly = isReadOnly
        self.needsRestart = needsRestart
    }
}

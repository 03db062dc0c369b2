import AzureMySQL
import DBMMOMySQLAPI

/// How a server on Azure is to be. What the spec does not say stays as it is where there is a server, and gets its default where there is none.
struct AzureSettings: Sendable {
    static let defaultLogin = "dbmmo_admin"
    static let defaultSKU = SKU(name: "Standard_B1ms", tier: "Burstable")
    static let defaultStorageGB: Int64 = 20

    /// On the server: the uid of its DBMMOMySQL. A server without it is not ours.
    static let uidTag = "dbmmo-uid"
    /// On the server, for people: namespace and name of its DBMMOMySQL.
    static let nameTag = "dbmmo-object"
    /// On the server: which version of which Secret its password was last taken from. It tells nothing of the password.
    static let secretTag = "dbmmo-secret"

    let id: ServerID
    let location: String
    let login: String
    let sku: SKU?
    let storageGB: Int64?
    /// The series of MySQL.
    let version: String?
    let rules: [FirewallRule]
    /// Names in lower case.
    let parameters: [String: String]

    /// Nil when the spec does not say which server.
    init?(_ database: DBMMOMySQL) {
        let spec = database.spec
        guard let azure = spec.azure, let id = Self.id(azure), let location = azure.location else { return nil }
        self.id = id
        self.location = location
        login = spec.credentials?.login.flatMap { $0.isEmpty ? nil : $0 } ?? Self.defaultLogin
        sku = azure.skuName.map { SKU(name: $0, tier: azure.skuTier ?? Self.tier(of: $0)) }
        storageGB = azure.storageGB
        version = spec.version
        rules = azure.firewallRules.compactMap { rule in
            guard let name = rule.name, let start = rule.startIP, let end = rule.endIP, !name.isEmpty else { return nil }
            return FirewallRule(name: name, startIP: start, endIP: end)
        }
        parameters = Dictionary(azure.parameters.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { $1 })
    }

    /// The tier that the machines of a family belong to.
    private static func tier(of name: String) -> String {
        switch name.lowercased().dropFirst("standard_".count).first {
        case "d": "GeneralPurpose"
        case "e": "MemoryOptimized"
        default: defaultSKU.tier
        }
    }

    /// Which server the spec means.
    static func id(_ azure: DBMMOMySQL.Azure) -> ServerID? {
        guard let subscription = azure.subscriptionID, let group = azure.resourceGroup, let name = azure.serverName else { return nil }
        return ServerID(subscription: subscription, resourceGroup: group, name: name)
    }

    /// What a new server is made with.
    func newServer(tags: [String: String], password: AdministratorPassword) -> NewServer {
        NewServer(
            location: location, tags: tags, sku: sku ?? Self.defaultSKU,
            version: AzureVersion.name(of: version ?? Settings.defaultVersion), administratorLogin: login,
            administratorPassword: password.text, storageGB: storageGB ?? Self.defaultStorageGB)
    }

    /// Azure writes a region in more than one way.
    static func isSameLocation(_ one: String, _ other: String) -> Bool {
        func plain(_ text: String) -> String { text.lowercased().filter { !$0.isWhitespace } }
        return plain(one) == plain(other)
    }
}

/// Azure's names of the series of MySQL.
enum AzureVersion {
    static func name(of series: String) -> String { series == "8.0" ? "8.0.21" : series }

    static func series(of name: String) -> String { name.split(separator: ".").prefix(2).joined(separator: ".") }
}

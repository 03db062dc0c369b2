import HTTPCalls

/// What is asked of the values of a server.
///
/// https://learn.microsoft.com/azure/mysql/flexible-server
enum ServerRules {
    static func check(name: String) throws(Refusal) {
        let fits = name.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-") }
        guard fits, (3...63).contains(name.count), name.first != "-", name.last != "-" else {
            throw Refusal(
                400, "InvalidServerName", "The server name '\(name)' has to be 3 to 63 of a-z, 0-9 and '-', the latter only in between.")
        }
    }

    private static let reservedLogins: Set = ["admin", "administrator", "azure_superuser", "guest", "public", "root"]

    private static func check(login: String) throws(Refusal) {
        let fits = login.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        guard fits, (1...32).contains(login.count), login.first?.isNumber == false, !reservedLogins.contains(login.lowercased()) else {
            throw Refusal(400, "InvalidAdministratorLogin", "The administrator login '\(login)' is not allowed.")
        }
    }

    private static func check(password: String, login: String) throws(Refusal) {
        let kinds = [
            password.contains(where: \.isUppercase), password.contains(where: \.isLowercase), password.contains(where: \.isNumber),
            password.contains { !$0.isLetter && !$0.isNumber }
        ]
        guard (8...128).contains(password.count), kinds.filter({ $0 }).count >= 3,
            !password.lowercased().contains(login.lowercased())
        else {
            throw Refusal(
                400, "PasswordNotComplex",
                "The password has to be 8 to 128 characters of three kinds among upper and lower case letters, digits and others, and must "
                    + "not contain the login.")
        }
    }

    /// The server that a PUT asks for.
    static func new(_ body: ServerBody, _ place: ResourcePlace) throws(Refusal) -> EmulatedServer {
        try check(name: place.name)
        guard let location = body.location else {
            throw Refusal(400, "LocationRequired", "The location property is required for this definition.")
        }
        guard let region = Region.name(location) else {
            throw Refusal(
                400, "LocationNotAvailableForResourceType",
                "The location '\(location)' is not available for the resource type "
                    + "'Microsoft.DBforMySQL/flexibleServers'.")
        }
        guard let login = body.login, let password = body.password else {
            throw Refusal(
                400, "MissingRequiredParameter", "administratorLogin and administratorLoginPassword are required to create a server.",
                complaint: "a server was created without login or password")
        }
        try check(login: login)
        try check(password: password, login: login)
        guard let sku = body.sku else { throw Refusal(400, "MissingSku", "sku is required to create a server.") }
        var server = EmulatedServer(
            subscription: place.subscription, resourceGroup: place.group, name: place.name, location: region, tags: body.tags ?? [:],
            skuName: sku.name, skuTier: sku.tier, version: body.version ?? "8.0.21", storageGB: body.storageGB ?? 32,
            administratorLogin: login, password: password)
        server.growsByItself = body.growsByItself ?? true
        server.backupDays = body.backupDays ?? 7
        server.isPublic = body.isPublic ?? true
        return server
    }

    /// The server after a change.
    ///
    /// - Parameter replaces: Whether what the body leaves out goes, as with PUT.
    static func changed(_ old: EmulatedServer, by body: ServerBody, replaces: Bool) throws(Refusal) -> EmulatedServer {
        var server = old
        if let location = body.location, Region.name(location) != old.location {
            throw Refusal(
                409, "InvalidResourceLocation",
                "The resource '\(old.name)' already exists in location '\(old.location)' in resource group "
                    + "'\(old.resourceGroup)'. A resource with the same name cannot be created in location '\(location)'.")
        }
        if let login = body.login, login != old.administratorLogin {
            throw .badValue("The administrator login cannot be changed.")
        }
        if let password = body.password {
            try check(password: password, login: old.administratorLogin)
            server.password = Secret(password)
        }
        if let storage = body.storageGB {
            guard storage >= old.storageGB else {
                throw Refusal(
                    400, "StorageDownscaleNotSupported", "The storage size \(storage) GB is smaller than the current \(old.storageGB) GB.")
            }
            server.storageGB = storage
        }
        if let version = body.version {
            try checkUpgrade(from: old.version, to: version)
            server.version = version
        }
        if let sku = body.sku { (server.skuName, server.skuTier) = sku }
        if let tags = body.tags ?? (replaces ? [:] : nil) { server.tags = tags }
        server.growsByItself = body.growsByItself ?? old.growsByItself
        server.backupDays = body.backupDays ?? old.backupDays
        server.isPublic = body.isPublic ?? old.isPublic
        return server
    }

    private static func checkUpgrade(from old: String, to new: String) throws(Refusal) {
        let places = [old, new].compactMap { ServerBody.versions.firstIndex(of: $0) }
        guard let from = places.first, let to = places.last, (from...(from + 1)).contains(to) else {
            throw Refusal(400, "InvalidUpgradeVersion", "A server of version '\(old)' cannot become version '\(new)'.")
        }
    }

    /// Refuses a firewall rule that makes no sense.
    static func check(_ rule: EmulatedServer.FirewallRule) throws(Refusal) {
        let name = rule.name
        let fits = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
        guard fits, (1...80).contains(name.count), name.first != "-", name.first != "_", name.last != "-" else {
            throw Refusal(400, "InvalidFirewallRuleName", "The firewall rule name '\(name)' is not allowed.")
        }
        guard let start = address(rule.startIP), let end = address(rule.endIP) else {
            throw .badValue("The addresses of a firewall rule have to be IPv4 addresses.")
        }
        guard start <= end else {
            throw Refusal(400, "InvalidIpAddressRange", "The start of the firewall rule '\(name)' is behind its end.")
        }
    }

    private static func address(_ text: String) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { part in UInt8(part).flatMap { String($0) == part ? $0 : nil } }
        return parts.count == 4 && bytes.count == 4 ? bytes.reduce(0) { $0 << 8 | UInt32($1) } : nil
    }
}

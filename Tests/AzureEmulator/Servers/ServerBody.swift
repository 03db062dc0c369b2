import HTTPCalls
import JSON

/// What a PUT or PATCH of a server says.
struct ServerBody: Sendable {
    static let creation = shape(
        ["location": .string, "id": .string, "name": .string, "type": .string],
        [
            "administratorLogin": .string, "createMode": .word(["Default"]), "availabilityZone": .string, "state": .string,
            "fullyQualifiedDomainName": .string
        ])
    static let update = shape([:], [:])

    /// What both may have, and some more.
    private static func shape(_ top: [String: Shape], _ properties: [String: Shape]) -> Shape {
        let common: [String: Shape] = [
            "administratorLoginPassword": .string, "version": .string,
            "storage": .object(["storageSizeGB": .integer, "autoGrow": .word(enabling)]),
            "backup": .object(["backupRetentionDays": .integer, "geoRedundantBackup": .word(["Disabled"])]),
            "highAvailability": .object(["mode": .word(["Disabled"])]), "network": .object(["publicNetworkAccess": .word(enabling)])
        ]
        let members: [String: Shape] = [
            "tags": .strings, "sku": .object(["name": .string, "tier": .word(Size.tiers)]),
            "properties": .object(common.merging(properties) { $1 })
        ]
        return .object(members.merging(top) { $1 })
    }

    private static let enabling = ["Enabled", "Disabled"]

    let location: String?
    let tags: [String: String]?
    let sku: (name: String, tier: String)?
    let version: String?
    let login: String?
    let password: String?
    let storageGB: Int64?
    let growsByItself: Bool?
    let backupDays: Int64?
    let isPublic: Bool?

    /// Reads a body that has the shape, and checks what does not need a server to be checked.
    init(_ json: JSONValue) throws(Refusal) {
        let properties = json["properties"]
        location = json["location"]?.string
        tags = json["tags"].map { Dictionary($0.members.map { ($0.name, $0.value.string ?? "") }) { $1 } }
        version = properties?["version"]?.string
        login = properties?["administratorLogin"]?.string
        password = properties?["administratorLoginPassword"]?.string
        storageGB = properties?["storage"]?["storageSizeGB"]?.integer
        growsByItself = (properties?["storage"]?["autoGrow"]?.string).map { $0.lowercased() == "enabled" }
        backupDays = properties?["backup"]?["backupRetentionDays"]?.integer
        isPublic = (properties?["network"]?["publicNetworkAccess"]?.string).map { $0.lowercased() == "enabled" }
        if let sku = json["sku"] {
            guard let name = sku["name"]?.string, let tier = sku["tier"]?.string else { throw .badBody("sku needs name and tier") }
            guard let known = Size.find(name, tier: tier) else {
                throw Refusal(400, "InvalidSku", "The sku '\(name)' is not available in the tier '\(tier)'.")
            }
            self.sku = known
        } else {
            sku = nil
        }
        try checkValues()
    }

    private func checkValues() throws(Refusal) {
        if let tags { try Self.check(tags: tags) }
        if let version, !Self.versions.contains(version) {
            throw Refusal(400, "InvalidServerVersion", "The version '\(version)' is not supported.")
        }
        if let storageGB, !(20...16384).contains(storageGB) {
            throw Refusal(400, "InvalidStorageSize", "The storage size \(storageGB) GB is not between 20 and 16384 GB.")
        }
        if let backupDays, !(1...35).contains(backupDays) {
            throw .badValue("The backup retention \(backupDays) is not between 1 and 35 days.")
        }
    }

    /// From old to new.
    static let versions = ["5.7", "8.0.21", "8.4"]

    /// https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources#limitations
    private static func check(tags: [String: String]) throws(Refusal) {
        guard tags.count <= 50 else { throw Refusal(400, "TooManyTags", "A resource can have 50 tags at most.") }
        guard Set(tags.keys.map { $0.lowercased() }).count == tags.count else {
            throw Refusal(400, "DuplicateTagName", "The names of tags do not tell upper from lower case.")
        }
        for (name, value) in tags {
            guard !name.isEmpty, name.count <= 512, !name.contains(where: { "<>%&\\?/".contains($0) }) else {
                throw Refusal(400, "InvalidTagName", "The tag name '\(name)' is not allowed.")
            }
            guard value.count <= 256 else { throw Refusal(400, "InvalidTagValue", "The value of the tag '\(name)' is too long.") }
        }
    }
}

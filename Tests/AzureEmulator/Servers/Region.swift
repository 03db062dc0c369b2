/// Where a server can be.
enum Region {
    /// By their names without blanks.
    private static let displayNames = [
        "australiaeast": "Australia East", "brazilsouth": "Brazil South", "centralindia": "Central India", "centralus": "Central US",
        "eastus": "East US", "eastus2": "East US 2", "francecentral": "France Central", "germanywestcentral": "Germany West Central",
        "japaneast": "Japan East", "northeurope": "North Europe", "southeastasia": "Southeast Asia", "swedencentral": "Sweden Central",
        "switzerlandnorth": "Switzerland North", "uksouth": "UK South", "westeurope": "West Europe", "westus2": "West US 2"
    ]

    static func displayName(of name: String) -> String { displayNames[name] ?? name }

    /// The name without blanks of a region in either spelling; nil when there is none.
    static func name(_ text: String) -> String? {
        let name = text.lowercased().filter { $0 != " " }
        return displayNames[name] == nil ? nil : name
    }
}

/// The machines there are, by what they are good for.
enum Size {
    private static let names = [
        "Burstable": ["Standard_B1s", "Standard_B1ms", "Standard_B2s", "Standard_B2ms", "Standard_B4ms", "Standard_B8ms"],
        "GeneralPurpose": [
            "Standard_D2ds_v4", "Standard_D4ds_v4", "Standard_D8ds_v4", "Standard_D16ds_v4", "Standard_D2ads_v5", "Standard_D4ads_v5",
            "Standard_D8ads_v5"
        ],
        "MemoryOptimized": ["Standard_E2ds_v4", "Standard_E4ds_v4", "Standard_E8ds_v4", "Standard_E2ads_v5", "Standard_E4ads_v5"]
    ]

    static let tiers = ["Burstable", "GeneralPurpose", "MemoryOptimized"]

    /// The name and the tier as Azure spells them; nil when they do not fit.
    static func find(_ name: String, tier: String) -> (name: String, tier: String)? {
        guard let tier = tiers.first(where: { $0.lowercased() == tier.lowercased() }),
            let name = names[tier]?.first(where: { $0.lowercased() == name.lowercased() })
        else { return nil }
        return (name, tier)
    }
}

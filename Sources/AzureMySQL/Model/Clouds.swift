extension AzureEndpoints {
    /// The clouds of Microsoft, by the names that Azure's tools give them.
    ///
    /// https://learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure,
    /// https://learn.microsoft.com/azure/china/resources-developer-guide
    ///
    /// - Returns: Nil for others.
    public static func cloud(named name: String) -> AzureEndpoints? {
        switch name {
        case "AzurePublicCloud": cloud("https://management.azure.com", authority: "https://login.microsoftonline.com")
        case "AzureChinaCloud": cloud("https://management.chinacloudapi.cn", authority: "https://login.chinacloudapi.cn")
        case "AzureUSGovernmentCloud": cloud("https://management.usgovcloudapi.net", authority: "https://login.microsoftonline.us")
        default: nil
        }
    }

    private static func cloud(_ resourceManager: String, authority: String) -> AzureEndpoints {
        AzureEndpoints(resourceManager: resourceManager, authority: authority, audience: resourceManager)
    }
}

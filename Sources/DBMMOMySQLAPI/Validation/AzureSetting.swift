import KubernetesAPI

/// A setting without which there is no server on Azure.
struct AzureSetting: Sendable {
    let name: String
    let meaning: String
    let isGUID: Bool
    /// Whether it says which server it is: another value would be another server.
    let isIdentity: Bool
    let value: @Sendable (DBMMOMySQL.Azure) -> String?

    var field: FieldPath { FieldPath("spec", "azure", name) }

    func isSet(in azure: DBMMOMySQL.Azure?) -> Bool {
        azure.flatMap(value)?.isEmpty == false
    }

    /// Whether two objects mean the same by it: Azure tells neither case nor `West Europe` from `westeurope`.
    func isSame(in one: DBMMOMySQL.Azure, and other: DBMMOMySQL.Azure) -> Bool {
        let texts = [one, other].map { value($0)?.lowercased().filter { !$0.isWhitespace } ?? "" }
        return texts.first == texts.last
    }

    static let serverName = AzureSetting(
        name: "serverName", meaning: "the name of the Azure server (3-63 of a-z, 0-9, -)", isGUID: false, isIdentity: true,
        value: \.serverName)

    /// What every server on Azure needs.
    static let required: [AzureSetting] = [
        serverName,
        AzureSetting(
            name: "subscriptionID", meaning: "the Azure subscription (a GUID)", isGUID: true, isIdentity: true, value: \.subscriptionID),
        AzureSetting(name: "tenantID", meaning: "the Azure AD tenant (a GUID)", isGUID: true, isIdentity: true, value: \.tenantID),
        AzureSetting(
            name: "clientID", meaning: "the application that signs in to Azure (a GUID)", isGUID: true, isIdentity: false, value: \.clientID
        ),
        AzureSetting(
            name: "resourceGroup", meaning: "the resource group that holds the server", isGUID: false, isIdentity: true,
            value: \.resourceGroup),
        AzureSetting(
            name: "location", meaning: "the Azure region of the server, such as westeurope", isGUID: false, isIdentity: true,
            value: \.location)
    ]
}

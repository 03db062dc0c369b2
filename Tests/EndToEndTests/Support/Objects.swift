/// The texts of objects.
enum Objects {
    /// An object of any content.
    static func object(_ name: String, _ version: Version = .v1, metadata: String = "", spec: String) -> String {
        #"{"apiVersion":"cache.my.domain/\#(version.rawValue)","kind":"DBMMOMySQL","#
            + #""metadata":{"name":"\#(name)"\#(metadata.isEmpty ? "" : ",")\#(metadata)},"spec":\#(spec)}"#
    }

    /// A database on the cluster, in v1, with nothing said that has a default.
    static func onCluster(_ name: String, metadata: String = "") -> String {
        object(name, metadata: metadata, spec: #"{"onCluster":{"storage":{"capacity":"20Gi","storageClassName":"fast"}}}"#)
    }

    /// All that an Azure server needs, as a v1 spec's `azure`.
    static let azure = """
        {"serverName":"ledger-server","subscriptionID":"5b1c7e52-93d4-4c0e-8a5f-6d2f0b7a9e01",\
        "tenantID":"c3a90f14-2be7-4f6d-9b18-0e47d5c6a802","clientID":"8d64e2b7-71fa-4a39-b3c5-9f1a2e8d4c03",\
        "clientSecretRef":{"name":"identity"},"resourceGroup":"rg-ledger","location":"westeurope"}
        """

    /// A v1alpha1 object that fills in every field group a legacy installation uses.
    static func legacyAzure(_ name: String, clientSecret: String = "a-secret") -> String {
        object(name, .v1alpha1, spec: legacyAzureSpec(clientSecret: clientSecret))
    }

    static func legacyAzureSpec(clientSecret: String = "a-secret") -> String {
        """
        {"size":1,"deployment":{"deploymentType":"Azure","serverName":"ledger-server","configurationName":"outer",\
        "storageCapacity":"5Gi","confirmMigrate":false,"ingress":{"enabled":false},\
        "envFrom":[{"prefix":"A_","configMapRef":{"name":"settings","optional":true}},{"secretRef":{"name":"passwords"}}],\
        "serverCredentials":{"mysqlAdministratorLogin":"ledger","mysqlAdministratorLoginPassword":"Pass-word-1"},\
        "azureConfig":{"clientID":"8d64e2b7-71fa-4a39-b3c5-9f1a2e8d4c03","clientSecret":"\(clientSecret)",\
        "tenantID":"c3a90f14-2be7-4f6d-9b18-0e47d5c6a802","subscriptionID":"5b1c7e52-93d4-4c0e-8a5f-6d2f0b7a9e01",\
        "baseGroupName":"rg-ledger","locationDefault":"westeurope","configurationName":"","oauthGrantType":0,"userAgent":"",\
        "cloudName":"AzurePublicCloud","useDeviceFlow":false,"keepResources":true,\
        "fwRule":{"firewallRuleName":"office","startIPAddr":"203.0.113.16","endIPAddr":"203.0.113.31"},\
        "environment":{"name":"AzurePublicCloud","resourceIdentifiers":{"graph":"https://graph.windows.net/"}}}}}
        """
    }

    /// A v1alpha1 Azure object with three settings missing and one malformed.
    static func incompleteLegacyAzure(_ name: String) -> String {
        object(
            name, .v1alpha1,
            spec: """
                {"size":1,"deployment":{"deploymentType":"Azure","serverName":"","azureConfig":{\
                "subscriptionID":"5b1c7e52","clientID":"8d64e2b7-71fa-4a39-b3c5-9f1a2e8d4c23","clientSecret":"a-secret",\
                "locationDefault":"westeurope","oauthGrantType":0}}}
                """)
    }
}

/// The fields of `v1alpha1` in the order of the API reference, in which violations are reported.
enum V1alpha1Fields {
    static let order: [String] =
        [
            "metadata.name",
            "spec.size",
            "spec.deployment.deploymentType", "spec.deployment.serverName", "spec.deployment.configurationName",
            "spec.deployment.storageCapacity", "spec.deployment.confirmMigrate", "spec.deployment.ingress", "spec.deployment.envFrom",
            "spec.deployment.serverCredentials.mysqlAdministratorLogin",
            "spec.deployment.serverCredentials.mysqlAdministratorLoginPassword"
        ]
        + [
            "clientID", "clientSecret", "tenantID", "subscriptionID", "baseGroupName", "locationDefault", "configurationName",
            "authorizationServerURL", "cloudName", "userAgent", "oauthGrantType", "useDeviceFlow", "keepResources", "fwRule",
            "environment"
        ].map { "spec.deployment.azureConfig.\($0)" }
        + ["metadata.annotations"]

    /// The members of `spec.deployment.azureConfig.environment` that are strings: the endpoints of an Azure cloud.
    static let endpointNames = [
        "name", "managementPortalURL", "publishSettingsURL", "serviceManagementEndpoint", "resourceManagerEndpoint",
        "activeDirectoryEndpoint", "galleryEndpoint", "keyVaultEndpoint", "graphEndpoint", "serviceBusEndpoint",
        "batchManagementEndpoint", "storageEndpointSuffix", "cosmosDBDNSSuffix", "sqlDatabaseDNSSuffix", "trafficManagerDNSSuffix",
        "keyVaultDNSSuffix", "serviceBusEndpointSuffix", "serviceManagementVMDNSSuffix", "resourceManagerVMDNSSuffix",
        "containerRegistryDNSSuffix", "tokenAudience", "apiManagementHostNameSuffix", "synapseEndpointSuffix"
    ]
}

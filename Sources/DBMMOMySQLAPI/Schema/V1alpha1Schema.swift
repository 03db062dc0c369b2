extension Schema {
    /// The fields of a `spec` in `v1alpha1`, as the custom resource definition has them.
    static let v1alpha1 = Schema(
        """
        spec.size int32
        spec.deployment.deploymentType string
        spec.deployment.serverName string
        spec.deployment.configurationName string
        spec.deployment.storageCapacity string
        spec.deployment.confirmMigrate boolean
        spec.deployment.ingress.enabled boolean
        spec.deployment.envFrom[].prefix string
        spec.deployment.envFrom[].configMapRef.name string
        spec.deployment.envFrom[].configMapRef.optional boolean
        spec.deployment.envFrom[].secretRef.name string
        spec.deployment.envFrom[].secretRef.optional boolean
        spec.deployment.serverCredentials.mysqlAdministratorLogin string
        spec.deployment.serverCredentials.mysqlAdministratorLoginPassword string
        spec.deployment.azureConfig.clientID string
        spec.deployment.azureConfig.clientSecret string
        spec.deployment.azureConfig.tenantID string
        spec.deployment.azureConfig.subscriptionID string
        spec.deployment.azureConfig.baseGroupName string
        spec.deployment.azureConfig.locationDefault string
        spec.deployment.azureConfig.configurationName string
        spec.deployment.azureConfig.authorizationServerURL string
        spec.deployment.azureConfig.cloudName string
        spec.deployment.azureConfig.userAgent string
        spec.deployment.azureConfig.oauthGrantType integer
        spec.deployment.azureConfig.useDeviceFlow boolean
        spec.deployment.azureConfig.keepResources boolean
        spec.deployment.azureConfig.fwRule.firewallRuleName string
        spec.deployment.azureConfig.fwRule.startIPAddr string
        spec.deployment.azureConfig.fwRule.endIPAddr string
        spec.deployment.azureConfig.environment.name string
        spec.deployment.azureConfig.environment.managementPortalURL string
        spec.deployment.azureConfig.environment.publishSettingsURL string
        spec.deployment.azureConfig.environment.serviceManagementEndpoint string
        spec.deployment.azureConfig.environment.resourceManagerEndpoint string
        spec.deployment.azureConfig.environment.activeDirectoryEndpoint string
        spec.deployment.azureConfig.environment.galleryEndpoint string
        spec.deployment.azureConfig.environment.keyVaultEndpoint string
        spec.deployment.azureConfig.environment.graphEndpoint string
        spec.deployment.azureConfig.environment.serviceBusEndpoint string
        spec.deployment.azureConfig.environment.batchManagementEndpoint string
        spec.deployment.azureConfig.environment.storageEndpointSuffix string
        spec.deployment.azureConfig.environment.cosmosDBDNSSuffix string
        spec.deployment.azureConfig.environment.sqlDatabaseDNSSuffix string
        spec.deployment.azureConfig.environment.trafficManagerDNSSuffix string
        spec.deployment.azureConfig.environment.keyVaultDNSSuffix string
        spec.deployment.azureConfig.environment.serviceBusEndpointSuffix string
        spec.deployment.azureConfig.environment.serviceManagementVMDNSSuffix string
        spec.deployment.azureConfig.environment.resourceManagerVMDNSSuffix string
        spec.deployment.azureConfig.environment.containerRegistryDNSSuffix string
        spec.deployment.azureConfig.environment.tokenAudience string
        spec.deployment.azureConfig.environment.apiManagementHostNameSuffix string
        spec.deployment.azureConfig.environment.synapseEndpointSuffix string
        spec.deployment.azureConfig.environment.resourceIdentifiers.graph string
        spec.deployment.azureConfig.environment.resourceIdentifiers.keyVault string
        spec.deployment.azureConfig.environment.resourceIdentifiers.datalake string
        spec.deployment.azureConfig.environment.resourceIdentifiers.batch string
        spec.deployment.azureConfig.environment.resourceIdentifiers.operationalInsights string
        spec.deployment.azureConfig.environment.resourceIdentifiers.storage string
        spec.deployment.azureConfig.environment.resourceIdentifiers.synapse string
        spec.deployment.azureConfig.environment.resourceIdentifiers.serviceBus string
        """)
}

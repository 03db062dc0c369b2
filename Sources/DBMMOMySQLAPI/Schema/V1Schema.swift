extension Schema {
    /// The fields of a `spec` in `v1`, as the custom resource definition has them.
    static let v1 = Schema(
        """
        spec.deploymentType string
        spec.version string
        spec.replicas integer
        spec.deletionProtection boolean
        spec.credentials.login string
        spec.credentials.passwordSecretRef.name string
        spec.credentials.passwordSecretRef.key string
        spec.credentials.password string
        spec.onCluster.image string
        spec.onCluster.storage.capacity int-or-string
        spec.onCluster.storage.storageClassName string
        spec.onCluster.storage.accessModes[] string
        spec.onCluster.storage.volumeMode string
        spec.onCluster.envFrom[].prefix string
        spec.onCluster.envFrom[].configMapRef.name string
        spec.onCluster.envFrom[].configMapRef.optional boolean
        spec.onCluster.envFrom[].secretRef.name string
        spec.onCluster.envFrom[].secretRef.optional boolean
        spec.onCluster.resources.limits{} int-or-string
        spec.onCluster.resources.requests{} int-or-string
        spec.onCluster.resources.claims[].name string
        spec.onCluster.resources.claims[].request string
        spec.onCluster.ingress.enabled boolean
        spec.onCluster.ingress.host string
        spec.onCluster.ingress.className string
        spec.onCluster.service.type string
        spec.onCluster.service.annotations{} string
        spec.azure.serverName string
        spec.azure.subscriptionID string
        spec.azure.tenantID string
        spec.azure.clientID string
        spec.azure.clientSecretRef.name string
        spec.azure.clientSecretRef.key string
        spec.azure.clientSecret string
        spec.azure.resourceGroup string
        spec.azure.location string
        spec.azure.grantType string
        spec.azure.cloud string
        spec.azure.endpoints{} string
        spec.azure.authorizationServerURL string
        spec.azure.userAgent string
        spec.azure.useDeviceFlow boolean
        spec.azure.keepResources boolean
        spec.azure.configurationName string
        spec.azure.sku.name string
        spec.azure.sku.tier string
        spec.azure.storageGB integer
        spec.azure.firewallRules[].name string
        spec.azure.firewallRules[].startIP string
        spec.azure.firewallRules[].endIP string
        spec.azure.parameters{} string
        spec.migration.confirm boolean
        """)
}

extension Schema {
    /// The fields of a `spec` in `v1`, as the custom resource definition has them.
    static let v1 = Schema(
        """
        spec.deploymentType string
        spec.version string
        spec.replicas int32
        spec.deletionProtection boolean
        spec.deletionPolicy string
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
        spec.azure.storageGB int32
        spec.azure.firewallRules[].name string
        spec.azure.firewallRules[].startIP string
        spec.azure.firewallRules[].endIP string
        spec.azure.parameters{} string
        spec.migration.confirm boolean
        """)

    /// The fields of a `status` in `v1`.
    static let statusOfV1: Schema =
        Schema(
            """
            status.observedGeneration integer
            status.phase string
            status.version string
            status.conditions[].type string
            status.conditions[].status string
            status.conditions[].observedGeneration integer
            status.conditions[].lastTransitionTime string
            status.conditions[].reason string
            status.conditions[].message string
            status.endpoint.host string
            status.endpoint.port int32
            status.endpoint.secretName string
            status.onCluster.pods[] string
            status.onCluster.services[] string
            status.onCluster.persistentVolumeClaims[] string
            status.onCluster.capacity string
            status.migration.inProgress boolean
            status.migration.from string
            status.migration.to string
            status.migration.step string
            status.migration.startedAt string
            status.migration.message string
            status.azure.created boolean
            status.azure.state string
            status.azure.server.id string
            status.azure.server.name string
            status.azure.server.location string
            status.azure.server.type string
            status.azure.server.tags{} string
            """
        ).member("status") ?? .object([:])
}

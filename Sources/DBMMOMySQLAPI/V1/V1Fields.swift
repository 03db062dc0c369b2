/// The fields of `v1` in the order of the API reference, in which violations are reported.
enum V1Fields {
    static let order: [String] =
        [
            "metadata.name",
            "spec.deploymentType", "spec.version", "spec.replicas", "spec.deletionProtection",
            "spec.deletionPolicy",
            "spec.credentials.login", "spec.credentials.passwordSecretRef", "spec.credentials.password",
            "spec.onCluster.image", "spec.onCluster.storage.capacity", "spec.onCluster.storage.storageClassName",
            "spec.onCluster.storage.accessModes", "spec.onCluster.storage.volumeMode", "spec.onCluster.envFrom",
            "spec.onCluster.resources", "spec.onCluster.ingress", "spec.onCluster.service",
            "spec.azure.serverName", "spec.azure.subscriptionID", "spec.azure.tenantID", "spec.azure.clientID",
            "spec.azure.clientSecretRef", "spec.azure.clientSecret", "spec.azure.resourceGroup", "spec.azure.location",
            "spec.azure.grantType", "spec.azure.cloud", "spec.azure.endpoints", "spec.azure.authorizationServerURL",
            "spec.azure.userAgent", "spec.azure.useDeviceFlow", "spec.azure.keepResources", "spec.azure.configurationName",
            "spec.azure.sku", "spec.azure.storageGB", "spec.azure.firewallRules", "spec.azure.parameters",
            "spec.migration.confirm"
        ]
}

/// Where `v1alpha1` users find what `v1` has at a path, written apart from the product's own table.
private let v1alpha1Paths = [
    "metadata.name": "metadata.name",
    "spec.deploymentType": "spec.deployment.deploymentType",
    "spec.replicas": "spec.size",
    "spec.migration.confirm": "spec.deployment.confirmMigrate",
    "spec.credentials.login": "spec.deployment.serverCredentials.mysqlAdministratorLogin",
    "spec.credentials.password": "spec.deployment.serverCredentials.mysqlAdministratorLoginPassword",
    "spec.onCluster": "spec.deployment",
    "spec.onCluster.storage.capacity": "spec.deployment.storageCapacity",
    "spec.onCluster.ingress.enabled": "spec.deployment.ingress.enabled",
    "spec.azure": "spec.deployment.azureConfig",
    "spec.azure.serverName": "spec.deployment.serverName",
    "spec.azure.subscriptionID": "spec.deployment.azureConfig.subscriptionID",
    "spec.azure.tenantID": "spec.deployment.azureConfig.tenantID",
    "spec.azure.clientID": "spec.deployment.azureConfig.clientID",
    "spec.azure.clientSecret": "spec.deployment.azureConfig.clientSecret",
    "spec.azure.clientSecretRef": "spec.deployment.azureConfig.clientSecret",
    "spec.azure.resourceGroup": "spec.deployment.azureConfig.baseGroupName",
    "spec.azure.location": "spec.deployment.azureConfig.locationDefault",
    "spec.azure.cloud": "spec.deployment.azureConfig.cloudName",
    "spec.azure.authorizationServerURL": "spec.deployment.azureConfig.authorizationServerURL",
    "spec.azure.userAgent": "spec.deployment.azureConfig.userAgent",
    "spec.azure.endpoints[graphEndpoint]": "spec.deployment.azureConfig.environment.graphEndpoint",
    "spec.azure.endpoints[managementPortalURL]": "spec.deployment.azureConfig.environment.managementPortalURL",
    "spec.azure.endpoints[name]": "spec.deployment.azureConfig.environment.name",
    "spec.azure.firewallRules[0]": "spec.deployment.azureConfig.fwRule",
    "spec.azure.firewallRules[0].name": "spec.deployment.azureConfig.fwRule.firewallRuleName",
    "spec.azure.firewallRules[0].startIP": "spec.deployment.azureConfig.fwRule.startIPAddr",
    "spec.azure.firewallRules[0].endIP": "spec.deployment.azureConfig.fwRule.endIPAddr"
]

/// Where everything else is kept.
let annotationPath = "metadata.annotations[cache.my.domain/conversion-data]"

extension RuleCase.Line {
    /// The same said to somebody who writes `v1alpha1`.
    var inV1alpha1: RuleCase.Line {
        switch self {
        case .fault(let path, let message):
            if let path = Self.path(path) { return .fault(path, message) }
            return .fault(annotationPath, Self.naming(path, in: message))
        case .warning(let text):
            let path = text.prefix { $0 != " " && $0 != ":" }
            guard path.hasPrefix("spec.") else { return self }
            return .warning((Self.path(String(path)) ?? "\(path) (v1)") + text.dropFirst(path.count))
        }
    }

    private static func path(_ path: String) -> String? {
        let environment = "spec.onCluster.envFrom"
        if path.hasPrefix(environment) { return "spec.deployment.envFrom" + path.dropFirst(environment.count) }
        return v1alpha1Paths[path]
    }

    /// The path goes between what Kubernetes says of a value and what the rule says of it.
    private static func naming(_ path: String, in message: String) -> String {
        let title = message.prefix { $0 != ":" }
        var head = "\(title): "
        var rest = message.dropFirst(head.count)
        if ["Invalid value", "Unsupported value", "Duplicate value"].contains(title) {
            let value = rest.hasPrefix("\"") ? rest.dropFirst().prefix { $0 != "\"" }.count + 2 : rest.prefix { $0 != ":" }.count
            head += "\(rest.prefix(value)): "
            rest = rest.dropFirst(value).drop { ": ".contains($0) }
        }
        return head + (rest.isEmpty ? path : "\(path): \(rest)")
    }
}

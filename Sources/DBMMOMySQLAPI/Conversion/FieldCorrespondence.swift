/// A field that both versions have: where it stands in each and how its value reads there.
///
/// This table is the only place that knows what corresponds to what. Conversion, the translation of field paths in answers and
/// the defaulting of `v1alpha1` objects all follow it.
struct FieldCorrespondence: Sendable {
    /// Its place in the table.
    let id: Int
    let v1alpha1: [String]
    let v1: [String]
    let value: ValueConversion

    func path(in version: ServedVersion) -> [String] {
        switch version {
        case .v1alpha1: v1alpha1
        case .v1: v1
        }
    }
}

/// An object that corresponds as such: when it is empty in one version it is empty in the other.
struct ContainerCorrespondence: Sendable {
    let v1alpha1: [String]
    let v1: [String]

    func path(in version: ServedVersion) -> [String] {
        switch version {
        case .v1alpha1: v1alpha1
        case .v1: v1
        }
    }
}

extension FieldCorrespondence {
    /// The list in `v1` whose first element is an object of its own in `v1alpha1`. Within the table its elements are named by
    /// their index.
    static let listInV1 = ["spec", "azure", "firewallRules"]

    static let all: [FieldCorrespondence] = rows.enumerated().map { id, row in
        FieldCorrespondence(id: id, v1alpha1: names(row.v1alpha1), v1: names(row.v1), value: row.value)
    }

    private typealias Row = (v1alpha1: String, v1: String, value: ValueConversion)

    private static let rows: [Row] =
        under(
            "spec", "spec",
            [
                ("size", "replicas", .integer),
                ("deployment.deploymentType", "deploymentType", .string),
                ("deployment.serverName", "azure.serverName", .string),
                ("deployment.storageCapacity", "onCluster.storage.capacity", .string),
                ("deployment.confirmMigrate", "migration.confirm", .boolean),
                ("deployment.ingress.enabled", "onCluster.ingress.enabled", .boolean),
                ("deployment.envFrom", "onCluster.envFrom", .unchanged),
                ("deployment.serverCredentials.mysqlAdministratorLogin", "credentials.login", .string),
                ("deployment.serverCredentials.mysqlAdministratorLoginPassword", "credentials.password", .string)
            ])
        + under(
            "spec.deployment.azureConfig", "spec.azure",
            [
                ("clientID", "clientID", .string),
                ("clientSecret", "clientSecret", .string),
                ("tenantID", "tenantID", .string),
                ("subscriptionID", "subscriptionID", .string),
                ("baseGroupName", "resourceGroup", .string),
                ("locationDefault", "location", .string),
                ("configurationName", "configurationName", .string),
                ("authorizationServerURL", "authorizationServerURL", .string),
                ("cloudName", "cloud", .string),
                ("userAgent", "userAgent", .string),
                ("oauthGrantType", "grantType", .grantType),
                ("useDeviceFlow", "useDeviceFlow", .boolean),
                ("keepResources", "keepResources", .boolean),
                ("fwRule.firewallRuleName", "firewallRules.0.name", .string),
                ("fwRule.startIPAddr", "firewallRules.0.startIP", .string),
                ("fwRule.endIPAddr", "firewallRules.0.endIP", .string)
            ])
        + under("spec.deployment.azureConfig.environment", "spec.azure.endpoints", V1alpha1Fields.endpointNames.map { ($0, $0, .string) })
        + under(
            "status", "status",
            [
                ("nodes", "onCluster.pods", .unchanged),
                ("services", "onCluster.services", .unchanged),
                ("persistentVolumeClaims", "onCluster.persistentVolumeClaims", .unchanged),
                ("migrationInProgress", "migration.inProgress", .boolean),
                ("azureStatus.created", "azure.created", .boolean),
                ("azureStatus.azureState", "azure.state", .azureState),
                ("azureStatus.mysqlServer.id", "azure.server.id", .string),
                ("azureStatus.mysqlServer.name", "azure.server.name", .string),
                ("azureStatus.mysqlServer.location", "azure.server.location", .string),
                ("azureStatus.mysqlServer.type", "azure.server.type", .string),
                ("azureStatus.mysqlServer.tags", "azure.server.tags", .unchanged)
            ])

    private static func under(_ v1alpha1: String, _ v1: String, _ rows: [Row]) -> [Row] {
        rows.map { ("\(v1alpha1).\($0.v1alpha1)", "\(v1).\($0.v1)", $0.value) }
    }
}

extension ContainerCorrespondence {
    static let all: [ContainerCorrespondence] = [
        ("spec", "spec"),
        ("spec.deployment.serverCredentials", "spec.credentials"),
        ("spec.deployment.ingress", "spec.onCluster.ingress"),
        ("spec.deployment.azureConfig", "spec.azure"),
        ("spec.deployment.azureConfig.environment", "spec.azure.endpoints"),
        ("status", "status"),
        ("status.azureStatus", "status.azure"),
        ("status.azureStatus.mysqlServer", "status.azure.server")
    ].map { ContainerCorrespondence(v1alpha1: names($0.0), v1: names($0.1)) }
}

private func names(_ path: String) -> [String] {
    path.split(separator: ".").map(String.init)
}

/// The shape of a `DBMMOMySQL` as its API reference gives it, written apart from the product's own table so that the two check
/// each other.
public indirect enum ObjectSchema: Sendable {
    case string
    case integer
    case boolean
    case quantity
    case map(ObjectSchema)
    case list(ObjectSchema)
    case object([(name: String, schema: ObjectSchema)])

    public static func of(version: String) -> ObjectSchema {
        version == "v1" ? v1 : v1alpha1
    }

    /// What `v1alpha1` keeps of the status of `v1`: made by conversion alone.
    static let keptStatusName = "conversionData"

    private static func strings(_ names: String) -> [(name: String, schema: ObjectSchema)] {
        names.split(separator: " ").map { (String($0), .string) }
    }

    private static let envFrom = ObjectSchema.list(
        .object([
            ("prefix", .string),
            ("configMapRef", .object([("name", .string), ("optional", .boolean)])),
            ("secretRef", .object([("name", .string), ("optional", .boolean)]))
        ]))

    private static let secretReference = ObjectSchema.object(strings("name key"))

    private static let v1alpha1 = ObjectSchema.object([
        (
            "spec",
            .object([
                ("size", .integer),
                (
                    "deployment",
                    .object(
                        strings("deploymentType serverName configurationName storageCapacity") + [
                            ("confirmMigrate", .boolean),
                            ("ingress", .object([("enabled", .boolean)])),
                            ("envFrom", envFrom),
                            ("serverCredentials", .object(strings("mysqlAdministratorLogin mysqlAdministratorLoginPassword"))),
                            (
                                "azureConfig",
                                .object(
                                    strings(
                                        "clientID clientSecret tenantID subscriptionID baseGroupName locationDefault configurationName "
                                            + "authorizationServerURL cloudName userAgent") + [
                                            ("oauthGrantType", .integer),
                                            ("useDeviceFlow", .boolean),
                                            ("keepResources", .boolean),
                                            ("fwRule", .object(strings("firewallRuleName startIPAddr endIPAddr"))),
                                            (
                                                "environment",
                                                .object(
                                                    strings(
                                                        "name managementPortalURL publishSettingsURL serviceManagementEndpoint "
                                                            + "resourceManagerEndpoint activeDirectoryEndpoint galleryEndpoint "
                                                            + "keyVaultEndpoint graphEndpoint serviceBusEndpoint "
                                                            + "batchManagementEndpoint storageEndpointSuffix cosmosDBDNSSuffix "
                                                            + "sqlDatabaseDNSSuffix trafficManagerDNSSuffix keyVaultDNSSuffix "
                                                            + "serviceBusEndpointSuffix serviceManagementVMDNSSuffix "
                                                            + "resourceManagerVMDNSSuffix containerRegistryDNSSuffix tokenAudience "
                                                            + "apiManagementHostNameSuffix synapseEndpointSuffix")
                                                        + [
                                                            (
                                                                "resourceIdentifiers",
                                                                .object(
                                                                    strings(
                                                                        "graph keyVault datalake batch operationalInsights storage synapse serviceBus"
                                                                    ))
                                                            )
                                                        ])
                                            )
                                        ])
                            )
                        ])
                )
            ])
        ),
        (
            "status",
            .object([
                ("nodes", .list(.string)), ("services", .list(.string)), ("persistentVolumeClaims", .list(.string)),
                ("migrationInProgress", .boolean), (ObjectSchema.keptStatusName, .string),
                (
                    "azureStatus",
                    .object([
                        ("created", .boolean), ("azureState", .string),
                        ("mysqlServer", .object(strings("id name location type") + [("tags", .map(.string))]))
                    ])
                )
            ])
        )
    ])

    private static let v1 = ObjectSchema.object([
        (
            "spec",
            .object([
                ("deploymentType", .string), ("version", .string), ("replicas", .integer), ("deletionProtection", .boolean),
                ("deletionPolicy", .string),
                ("credentials", .object(strings("login password") + [("passwordSecretRef", secretReference)])),
                (
                    "onCluster",
                    .object([
                        ("image", .string),
                        (
                            "storage",
                            .object([
                                ("capacity", .quantity), ("storageClassName", .string), ("accessModes", .list(.string)),
                                ("volumeMode", .string)
                            ])
                        ),
                        ("envFrom", envFrom),
                        (
                            "resources",
                            .object([
                                ("limits", .map(.quantity)), ("requests", .map(.quantity)),
                                ("claims", .list(.object(strings("name request"))))
                            ])
                        ),
                        ("ingress", .object([("enabled", .boolean), ("host", .string), ("className", .string)])),
                        ("service", .object([("type", .string), ("annotations", .map(.string))]))
                    ])
                ),
                (
                    "azure",
                    .object(
                        strings(
                            "serverName subscriptionID tenantID clientID clientSecret resourceGroup location grantType cloud "
                                + "authorizationServerURL userAgent configurationName") + [
                                ("clientSecretRef", secretReference),
                                ("endpoints", .map(.string)),
                                ("useDeviceFlow", .boolean), ("keepResources", .boolean),
                                ("sku", .object(strings("name tier"))),
                                ("storageGB", .integer),
                                ("firewallRules", .list(.object(strings("name startIP endIP")))),
                                ("parameters", .map(.string))
                            ])
                ),
                ("migration", .object([("confirm", .boolean)]))
            ])
        ),
        (
            "status",
            .object([
                ("observedGeneration", .integer), ("phase", .string), ("version", .string),
                (
                    "conditions",
                    .list(.object(strings("type status reason message lastTransitionTime") + [("observedGeneration", .integer)]))
                ),
                ("endpoint", .object(strings("host secretName") + [("port", .integer)])),
                (
                    "onCluster",
                    .object([
                        ("pods", .list(.string)), ("services", .list(.string)), ("persistentVolumeClaims", .list(.string)),
                        ("capacity", .string)
                    ])
                ),
                ("migration", .object(strings("from to step startedAt message") + [("inProgress", .boolean)])),
                (
                    "azure",
                    .object([
                        ("created", .boolean), ("state", .string),
                        ("server", .object(strings("id name location type") + [("tags", .map(.string))]))
                    ])
                )
            ])
        )
    ])
}

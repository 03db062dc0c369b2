import DBMMOMySQLAPI
import Testing

/// A1-A4: which server on Azure.
@Suite("The rules on what every Azure server needs")
struct AzureSettingRuleTests {
    @Test("answer as the table says", arguments: cases)
    func answer(row: RuleCase) throws { try row.check() }

    private static let aGUID = "must be a GUID, as 2f0f2c3a-0000-4000-8000-000000000001"
    private static let aServerName = "must be 3-63 of a-z, 0-9 and -, and not begin or end with -"
    private static let aGroup = "must be 1-90 of letters, digits, _, -, ., ( and ), and not end with a period"
    private static let created = #"{"azure":{"created":true,"state":"Created"}}"#
    private static let another = "Forbidden: cannot change while the server exists on Azure"

    static let cases = a1 + a2 + a3 + a4

    private static let a1: [RuleCase] = [
        RuleCase(.a1, "all settings are there", create: azure()),
        RuleCase(.a1, "a GUID in upper case", create: azure("tenantID", #""2F0F2C3A-0000-4000-8000-00000000ABCD""#)),
        RuleCase(.a1, "a workload identity has no secret", create: azure(["clientSecretRef": nil, "grantType": #""WorkloadIdentity""#])),
        RuleCase(.a1, "a device flow has no secret", create: azure(["clientSecretRef": nil, "grantType": #""DeviceFlow""#])),
        RuleCase(.a1, "useDeviceFlow has no secret", create: azure(["clientSecretRef": nil, "useDeviceFlow": "true"])),
        RuleCase(.a1, "on the cluster nothing of Azure is needed", create: #"{"deploymentType":"OnCluster","azure":{"tenantID":"no"}}"#),
        RuleCase(
            .a1, "nothing is there", create: #"{"deploymentType":"Azure"}"#,
            .fault("spec.azure.serverName", "Required value: the name of the Azure server (3-63 of a-z, 0-9, -)"),
            .fault("spec.azure.subscriptionID", "Required value: the Azure subscription (a GUID)"),
            .fault("spec.azure.tenantID", "Required value: the Azure AD tenant (a GUID)"),
            .fault("spec.azure.clientID", "Required value: the application that signs in to Azure (a GUID)"),
            .fault("spec.azure.clientSecretRef", "Required value: the secret of the application that signs in to Azure"),
            .fault("spec.azure.resourceGroup", "Required value: the resource group that holds the server"),
            .fault("spec.azure.location", "Required value: the Azure region of the server, such as westeurope"),
            // The fields of v1alpha1 stand in another order.
            v1alpha1: [
                .fault("spec.deployment.serverName", "Required value: the name of the Azure server (3-63 of a-z, 0-9, -)"),
                .fault("spec.deployment.azureConfig.clientID", "Required value: the application that signs in to Azure (a GUID)"),
                .fault("spec.deployment.azureConfig.clientSecret", "Required value: the secret of the application that signs in to Azure"),
                .fault("spec.deployment.azureConfig.tenantID", "Required value: the Azure AD tenant (a GUID)"),
                .fault("spec.deployment.azureConfig.subscriptionID", "Required value: the Azure subscription (a GUID)"),
                .fault("spec.deployment.azureConfig.baseGroupName", "Required value: the resource group that holds the server"),
                .fault("spec.deployment.azureConfig.locationDefault", "Required value: the Azure region of the server, such as westeurope")
            ]),
        RuleCase(
            .a1, "an empty setting is none", create: azure("location", #""""#),
            .fault("spec.azure.location", "Required value: the Azure region of the server, such as westeurope")),
        RuleCase(
            .a1, "a digit too few", create: azure("tenantID", #""2f0f2c3a-0000-4000-8000-00000000001""#),
            .fault("spec.azure.tenantID", #"Invalid value: "2f0f2c3a-0000-4000-8000-00000000001": \#(aGUID)"#)),
        RuleCase(
            .a1, "a letter beyond f", create: azure("clientID", #""2f0f2c3g-0000-4000-8000-000000000001""#),
            .fault("spec.azure.clientID", #"Invalid value: "2f0f2c3g-0000-4000-8000-000000000001": \#(aGUID)"#)),
        RuleCase(
            .a1, "a name in place of a GUID", create: azure("subscriptionID", #""production""#),
            .fault("spec.azure.subscriptionID", #"Invalid value: "production": \#(aGUID)"#)),
        RuleCase(
            .a1, "a service principal without a secret", create: azure("clientSecretRef", nil),
            .fault("spec.azure.clientSecretRef", "Required value: the secret of the application that signs in to Azure")),
        RuleCase(
            .a1, "an empty secret is none", create: azure(["clientSecretRef": nil, "clientSecret": #""""#]),
            .fault("spec.azure.clientSecretRef", "Required value: the secret of the application that signs in to Azure")),
        RuleCase(
            .a1, "the secret given twice", create: azure("clientSecret", #""s3cret""#),
            .fault(
                "spec.azure.clientSecret", "Forbidden: clientSecretRef is there too; keep that one and remove the plain text"),
            .warning("spec.azure.clientSecret is plain text; use spec.azure.clientSecretRef"),
            v1alpha1: [
                .fault(
                    "spec.deployment.azureConfig.clientSecret",
                    "Forbidden: clientSecretRef is there too; keep that one and remove the plain text"),
                .warning("spec.deployment.azureConfig.clientSecret is plain text; in v1 use spec.azure.clientSecretRef")
            ])
    ]

    private static let a2: [RuleCase] = [
        RuleCase(.a2, "a name that only begins like a placeholder", create: azure("resourceGroup", #""todo-list""#)),
        RuleCase(.a2, "one in a side that is not in use", create: #"{"azure":{"tenantID":"<req>"},"credentials":{"login":"TODO"}}"#),
        RuleCase(
            .a2, "in the place of a GUID", create: azure("subscriptionID", #""<req>""#),
            .fault("spec.azure.subscriptionID", #"Invalid value: "<req>": is a placeholder, not the Azure subscription (a GUID)"#)),
        RuleCase(
            .a2, "in the place of a name, in any case", create: azure("serverName", #""ChangeMe""#),
            .fault(
                "spec.azure.serverName",
                #"Invalid value: "ChangeMe": is a placeholder, not the name of the Azure server (3-63 of a-z, 0-9, -)"#)),
        RuleCase(
            .a2, "in the place of a region", create: azure("location", #""TODO""#),
            .fault(
                "spec.azure.location",
                #"Invalid value: "TODO": is a placeholder, not the Azure region of the server, such as westeurope"#)),
        RuleCase(
            .a2, "in an address", create: azure("firewallRules", #"[{"name":"office","startIP":"<first>","endIP":"203.0.113.7"}]"#),
            .fault("spec.azure.firewallRules[0].startIP", #"Invalid value: "<first>": is a placeholder, not a value"#)),
        RuleCase(
            .a2, "in an endpoint, also one that is no URL", create: azure("endpoints", #"{"name":"todo","graphEndpoint":"<url>"}"#),
            .fault("spec.azure.endpoints[name]", #"Invalid value: "todo": is a placeholder, not a value"#),
            .fault("spec.azure.endpoints[graphEndpoint]", #"Invalid value: "<url>": is a placeholder, not a value"#)),
        RuleCase(
            .a2, "in a server parameter", create: azure("parameters", #"{"time_zone":"<zone>"}"#),
            .fault("spec.azure.parameters[time_zone]", #"Invalid value: "<zone>": is a placeholder, not a value"#)),
        RuleCase(
            .a2, "in a reference to a secret", create: azure("clientSecretRef", #"{"name":"<secret>"}"#),
            .fault("spec.azure.clientSecretRef.name", #"Invalid value: "<secret>": is a placeholder, not a value"#)),
        RuleCase(
            .a2, "in the login", create: azure(more: #","credentials":{"login":"<login>"}"#),
            .fault("spec.credentials.login", #"Invalid value: "<login>": is a placeholder, not a value"#)),
        RuleCase(
            .a2, "in a secret, which is not shown", create: azure(["clientSecretRef": nil, "clientSecret": #""<s3cret>""#]),
            .fault("spec.azure.clientSecret", #"Invalid value: "(hidden)": is a placeholder, not a secret"#),
            .warning("spec.azure.clientSecret is plain text; use spec.azure.clientSecretRef"),
            v1alpha1: [
                .fault("spec.deployment.azureConfig.clientSecret", #"Invalid value: "(hidden)": is a placeholder, not a secret"#),
                .warning("spec.deployment.azureConfig.clientSecret is plain text; in v1 use spec.azure.clientSecretRef")
            ]),
        RuleCase(
            .a2, "in the password, which is not shown and not judged otherwise",
            create: azure(more: #","credentials":{"password":"changeme"}"#),
            .fault("spec.credentials.password", #"Invalid value: "(hidden)": is a placeholder, not a password"#),
            .warning("spec.credentials.password is plain text; use spec.credentials.passwordSecretRef"),
            v1alpha1: [
                .fault(
                    "spec.deployment.serverCredentials.mysqlAdministratorLoginPassword",
                    #"Invalid value: "(hidden)": is a placeholder, not a password"#),
                .warning(
                    "spec.deployment.serverCredentials.mysqlAdministratorLoginPassword is plain text; "
                        + "in v1 use credentials.passwordSecretRef")
            ])
    ]

    private static let a3: [RuleCase] = [
        RuleCase(.a3, "3 characters", create: azure("serverName", #""a-1""#)),
        RuleCase(.a3, "63 characters", create: azure("serverName", quoted(String(repeating: "a", count: 63)))),
        RuleCase(
            .a3, "2 characters", create: azure("serverName", #""ab""#),
            .fault("spec.azure.serverName", #"Invalid value: "ab": \#(aServerName)"#)),
        RuleCase(
            .a3, "64 characters", create: azure("serverName", quoted(String(repeating: "a", count: 64))),
            .fault("spec.azure.serverName", #"Invalid value: "\#(String(repeating: "a", count: 64))": \#(aServerName)"#)),
        RuleCase(
            .a3, "a hyphen at the end", create: azure("serverName", #""orders-""#),
            .fault("spec.azure.serverName", #"Invalid value: "orders-": \#(aServerName)"#)),
        RuleCase(
            .a3, "upper case", create: azure("serverName", #""Orders""#),
            .fault("spec.azure.serverName", #"Invalid value: "Orders": \#(aServerName)"#)),
        RuleCase(.a3, "another name before there is a server", update: azure(), to: azure("serverName", #""shop-other""#)),
        RuleCase(
            .a3, "another name of an existing server", update: azure(), to: azure("serverName", #""shop-other""#), status: created,
            .fault("spec.azure.serverName", another)),
        RuleCase(
            .a3, "another tenant, group and region", update: azure(),
            to: azure([
                "tenantID": #""2f0f2c3a-0000-4000-8000-00000000000f""#, "resourceGroup": #""rg-other""#, "location": #""eastus""#
            ]), status: created,
            .fault("spec.azure.tenantID", another), .fault("spec.azure.resourceGroup", another), .fault("spec.azure.location", another)),
        RuleCase(
            .a3, "the same region and group in better words",
            update: azure(["location": #""West Europe""#, "resourceGroup": #""RG-orders""#]),
            to: azure(), status: created),
        RuleCase(
            .a3, "another cloud", update: azure(), to: azure("cloud", #""AzureChinaCloud""#), status: created,
            .fault("spec.azure.cloud", another)),
        RuleCase(.a3, "the cloud where the server is anyway", update: azure(), to: azure("cloud", #""AzurePublicCloud""#), status: created),
        RuleCase(.a3, "a cloud without a name", update: azure("cloud", #""""#), to: azure(), status: created),
        RuleCase(
            .a1, "a name that is taken away is told of once", update: azure(), to: azure("serverName", nil), status: created,
            .fault("spec.azure.serverName", "Required value: the name of the Azure server (3-63 of a-z, 0-9, -)"))
    ]

    private static let a4: [RuleCase] = [
        RuleCase(.a4, "a group of 1 character", create: azure("resourceGroup", #""r""#)),
        RuleCase(.a4, "a group of 90 characters", create: azure("resourceGroup", quoted(String(repeating: "r", count: 90)))),
        RuleCase(.a4, "a group with all that is allowed", create: azure("resourceGroup", #""Rg_1-(über).x""#)),
        RuleCase(
            .a4, "a group of 91 characters", create: azure("resourceGroup", quoted(String(repeating: "r", count: 91))),
            .fault("spec.azure.resourceGroup", #"Invalid value: "\#(String(repeating: "r", count: 91))": \#(aGroup)"#)),
        RuleCase(
            .a4, "a group that ends with a period", create: azure("resourceGroup", #""rg.""#),
            .fault("spec.azure.resourceGroup", #"Invalid value: "rg.": \#(aGroup)"#)),
        RuleCase(
            .a4, "a group with a space", create: azure("resourceGroup", #""my group""#),
            .fault("spec.azure.resourceGroup", #"Invalid value: "my group": \#(aGroup)"#)),
        RuleCase(.a4, "a region with digits", create: azure("location", #""eastus2""#)),
        RuleCase(
            .a4, "a region as the portal shows it", create: azure("location", #""West Europe""#),
            .fault(
                "spec.azure.location",
                #"Invalid value: "West Europe": must be lower-case letters and digits; did you mean "westeurope"?"#)),
        RuleCase(
            .a4, "a region with a hyphen", create: azure("location", #""west-europe""#),
            .fault("spec.azure.location", #"Invalid value: "west-europe": must be lower-case letters and digits"#))
    ]
}

import DBMMOMySQLAPI
import Testing

/// A5-A8: how the server on Azure is.
@Suite("The rules on how an Azure server is")
struct AzureServerRuleTests {
    @Test("answer as the table says", arguments: cases)
    func answer(row: RuleCase) throws { try row.check() }

    static let cases = a5 + a6 + a7 + a8

    private static let grantTypes = #"supported values: "ServicePrincipal", "DeviceFlow", "WorkloadIdentity""#
    private static let clouds = #"supported values: "AzurePublicCloud", "AzureChinaCloud", "AzureUSGovernmentCloud""#
    private static let tiers = #"supported values: "Burstable", "GeneralPurpose", "MemoryOptimized""#
    private static let anAddress = "must be an IPv4 address, as 203.0.113.7"
    private static let aURL = "must be an absolute https URL without a user (http is for this machine only)"

    private static let a5: [RuleCase] = [
        RuleCase(
            .a5, "the choices",
            create: azure(["grantType": #""ServicePrincipal""#, "cloud": #""AzureUSGovernmentCloud""#, "sku": #"{"tier":"Burstable"}"#])),
        RuleCase(.a5, "no cloud, as typed clients of v1alpha1 write it", create: azure("cloud", #""""#)),
        RuleCase(
            .a5, "an unknown grant type", create: azure("grantType", #""Password""#),
            .fault("spec.azure.grantType", #"Unsupported value: "Password": \#(grantTypes)"#),
            // It comes from the annotation, where it reads as in v1.
            v1alpha1: [
                .fault(annotationPath, #"Unsupported value: "Password": spec.azure.grantType: \#(grantTypes)"#)
            ]),
        RuleCase(
            .a5, "a number of v1alpha1 that means nothing", create: azure("grantType", #""7""#),
            .fault("spec.azure.grantType", #"Unsupported value: "7": \#(grantTypes)"#),
            v1alpha1: [
                .fault(
                    "spec.deployment.azureConfig.oauthGrantType",
                    "Unsupported value: 7: supported values: 0 (service principal), 1 (device flow)")
            ]),
        RuleCase(
            .a5, "a grant type in the wrong case", create: azure("grantType", #""workloadIdentity""#),
            .fault("spec.azure.grantType", #"Unsupported value: "workloadIdentity": \#(grantTypes); did you mean "WorkloadIdentity"?"#),
            v1alpha1: [
                .fault(
                    annotationPath,
                    #"Unsupported value: "workloadIdentity": spec.azure.grantType: \#(grantTypes); did you mean "WorkloadIdentity"?"#)
            ]),
        RuleCase(
            .a5, "a cloud with a letter too few", create: azure("cloud", #""AzurePublicClod""#),
            .fault("spec.azure.cloud", #"Unsupported value: "AzurePublicClod": \#(clouds); did you mean "AzurePublicCloud"?"#)),
        RuleCase(
            .a5, "a cloud that is nowhere near", create: azure("cloud", #""AzureGermanCloud""#),
            .fault("spec.azure.cloud", #"Unsupported value: "AzureGermanCloud": \#(clouds)"#)),
        RuleCase(
            .a5, "a tier of the old service", create: azure("sku", #"{"tier":"Basic"}"#),
            .fault("spec.azure.sku.tier", #"Unsupported value: "Basic": \#(tiers)"#))
    ]

    private static func firewall(_ rules: String) -> String { azure("firewallRules", "[\(rules)]") }
    private static func firewall(_ start: String, _ end: String) -> String {
        firewall(#"{"name":"office","startIP":"\#(start)","endIP":"\#(end)"}"#)
    }

    private static let a6: [RuleCase] = [
        RuleCase(.a6, "one address", create: firewall("203.0.113.7", "203.0.113.7")),
        RuleCase(.a6, "numbers compared as numbers", create: firewall("9.0.0.0", "10.0.0.0")),
        RuleCase(.a6, "nearly the whole Internet", create: firewall("0.0.0.1", "255.255.255.255")),
        RuleCase(.a6, "no rule, as typed clients of v1alpha1 write it", create: firewall(#"{"name":"","startIP":"","endIP":""}"#)),
        RuleCase(
            .a6, "a name of 80 characters",
            create: firewall(#"{"name":"\#(String(repeating: "n", count: 80))","startIP":"1.1.1.1","endIP":"1.1.1.1"}"#)),
        RuleCase(
            .a6, "the whole Internet", create: firewall("0.0.0.0", "255.255.255.255"),
            .warning("spec.azure.firewallRules[0] lets the whole Internet connect")),
        RuleCase(
            .a6, "nothing said", create: firewall("{}"),
            .fault("spec.azure.firewallRules[0].name", "Required value: the name of the firewall rule"),
            .fault("spec.azure.firewallRules[0].startIP", "Required value: an IPv4 address, as 203.0.113.7"),
            .fault("spec.azure.firewallRules[0].endIP", "Required value: an IPv4 address, as 203.0.113.7")),
        RuleCase(
            .a6, "a name of 81 characters",
            create: firewall(#"{"name":"\#(String(repeating: "n", count: 81))","startIP":"1.1.1.1","endIP":"1.1.1.1"}"#),
            .fault(
                "spec.azure.firewallRules[0].name",
                #"Invalid value: "\#(String(repeating: "n", count: 81))": must be 1-80 of letters, digits, _ and -"#)),
        RuleCase(
            .a6, "a name with a space", create: firewall(#"{"name":"my office","startIP":"1.1.1.1","endIP":"1.1.1.1"}"#),
            .fault("spec.azure.firewallRules[0].name", #"Invalid value: "my office": must be 1-80 of letters, digits, _ and -"#)),
        RuleCase(
            .a6, "a name twice",
            create: firewall(
                #"{"name":"office","startIP":"1.1.1.1","endIP":"1.1.1.1"},{"name":"Office","startIP":"1.1.1.2","endIP":"1.1.1.2"}"#),
            .fault("spec.azure.firewallRules[1].name", #"Duplicate value: "Office""#)),
        RuleCase(
            .a6, "a leading zero, which some read as octal", create: firewall("010.0.0.1", "10.0.0.1"),
            .fault("spec.azure.firewallRules[0].startIP", #"Invalid value: "010.0.0.1": \#(anAddress)"#)),
        RuleCase(
            .a6, "a number beyond 255", create: firewall("10.0.0.1", "10.0.0.256"),
            .fault("spec.azure.firewallRules[0].endIP", #"Invalid value: "10.0.0.256": \#(anAddress)"#)),
        RuleCase(
            .a6, "IPv6, and a network", create: firewall("::1", "10.0.0.0/8"),
            .fault("spec.azure.firewallRules[0].startIP", #"Invalid value: "::1": \#(anAddress)"#),
            .fault("spec.azure.firewallRules[0].endIP", #"Invalid value: "10.0.0.0/8": \#(anAddress)"#)),
        RuleCase(
            .a6, "the end before the start", create: firewall("10.0.0.2", "10.0.0.1"),
            .fault("spec.azure.firewallRules[0].endIP", #"Invalid value: "10.0.0.1": must not be before startIP, "10.0.0.2""#)),
        RuleCase(
            .a6, "a faulty rule that another one moves up is left alone",
            update: firewall(#"{"name":"a","startIP":"1.1.1.1","endIP":"1.1.1.1"},{"name":"b c","startIP":"1.1.1.2","endIP":"1.1.1.2"}"#),
            to: firewall(#"{"name":"b c","startIP":"1.1.1.2","endIP":"1.1.1.2"}"#),
            .warning(#"spec.azure.firewallRules[0].name: Invalid value: "b c": must be 1-80 of letters, digits, _ and -"#)),
        RuleCase(
            .a6, "a fault that is new beside an old one",
            update: firewall(#"{"name":"a b","startIP":"1.1.1.1","endIP":"1.1.1.1"}"#),
            to: firewall(#"{"name":"a b","startIP":"1.1.1.1","endIP":"1.1.1"}"#),
            .fault("spec.azure.firewallRules[0].endIP", #"Invalid value: "1.1.1": \#(anAddress)"#),
            .warning(#"spec.azure.firewallRules[0].name: Invalid value: "a b": must be 1-80 of letters, digits, _ and -"#))
    ]

    private static func server(_ url: String) -> String { azure("authorizationServerURL", quoted(url)) }
    private static func refused(_ url: String) -> RuleCase.Line {
        .fault("spec.azure.authorizationServerURL", #"Invalid value: \#(quoted(url)): \#(aURL)"#)
    }

    private static let a7: [RuleCase] = [
        RuleCase(.a7, "https", create: server("https://login.microsoftonline.com/")),
        RuleCase(.a7, "https with a port and a query", create: server("HTTPS://login.example:8443?a=b")),
        RuleCase(.a7, "an empty one is none", create: server("")),
        RuleCase(.a7, "http to this machine", create: server("http://localhost:8080/oauth")),
        RuleCase(.a7, "http to this machine by number", create: server("http://127.1.2.3/")),
        RuleCase(.a7, "http to this machine by number of IPv6", create: server("http://[::1]:8080")),
        RuleCase(
            .a7, "endpoints; suffixes are no URLs",
            create: azure("endpoints", #"{"graphEndpoint":"https://graph.example","storageEndpointSuffix":"core.windows.net"}"#)),
        RuleCase(.a7, "http", create: server("http://login.example"), refused("http://login.example")),
        RuleCase(
            .a7, "http to a host that only sounds like this machine", create: server("http://localhost.example"),
            refused("http://localhost.example")),
        RuleCase(.a7, "another scheme", create: server("ftp://login.example"), refused("ftp://login.example")),
        RuleCase(.a7, "no scheme", create: server("login.microsoftonline.com"), refused("login.microsoftonline.com")),
        RuleCase(.a7, "no host", create: server("https:///oauth"), refused("https:///oauth")),
        RuleCase(.a7, "a port that is none", create: server("https://login.example:+443"), refused("https://login.example:+443")),
        RuleCase(.a7, "a host yet to be filled in", create: server("https://<host>/"), refused("https://<host>/")),
        RuleCase(
            .a7, "a user, whose password is not shown", create: server("https://me:s3cret@login.example"),
            .fault("spec.azure.authorizationServerURL", #"Invalid value: "(hidden)": \#(aURL)"#)),
        RuleCase(
            .a7, "a query, which may hold a token, is not shown", create: server("http://login.example/x?token=s3cret"),
            refused("http://login.example/x")),
        RuleCase(
            .a7, "an endpoint", create: azure("endpoints", #"{"managementPortalURL":"portal"}"#),
            .fault("spec.azure.endpoints[managementPortalURL]", #"Invalid value: "portal": \#(aURL)"#))
    ]

    private static let a8: [RuleCase] = [
        RuleCase(.a8, "20 GB", create: azure("storageGB", "20")),
        RuleCase(.a8, "16384 GB", create: azure("storageGB", "16384")),
        RuleCase(
            .a8, "19 GB", create: azure("storageGB", "19"),
            .fault("spec.azure.storageGB", "Invalid value: 19: must be between 20 and 16384")),
        RuleCase(
            .a8, "16385 GB", create: azure("storageGB", "16385"),
            .fault("spec.azure.storageGB", "Invalid value: 16385: must be between 20 and 16384")),
        RuleCase(.a8, "8.4 is offered", create: azure(more: #","version":"8.4""#)),
        RuleCase(
            .a8, "9.1 is not", create: azure(more: #","version":"9.1""#),
            .fault("spec.version", #"Unsupported value: "9.1": supported values: "5.7", "8.0", "8.4"; Azure offers no other"#)),
        RuleCase(
            .a8, "9.1 is not, and the move to Azure makes it a fault", update: azure(type: "OnCluster", more: #","version":"9.1""#),
            to: azure(more: #","version":"9.1""#),
            .fault("spec.version", #"Unsupported value: "9.1": supported values: "5.7", "8.0", "8.4"; Azure offers no other"#)),
        RuleCase(.a8, "growing", update: azure("storageGB", "20"), to: azure("storageGB", "64")),
        RuleCase(.a8, "a first size", update: azure(), to: azure("storageGB", "20")),
        RuleCase(
            .a8, "shrinking", update: azure("storageGB", "64"), to: azure("storageGB", "32"),
            .fault("spec.azure.storageGB", "Forbidden: cannot shrink from 64 to 32; storage on Azure only grows")),
        RuleCase(
            .a8, "shrinking what was never in use", update: azure(["storageGB": "64"], type: "OnCluster"),
            to: azure(["storageGB": "32"], type: "OnCluster"))
    ]
}

import KubernetesAPI

/// A: the server on Azure.
extension Rule {
    static let azureRules: [Rule] = [
        .value(.a1) { change in
            guard change.side == .azure else { return [] }
            let azure = change.new.spec.azure
            let settings = AzureSetting.required.compactMap { setting -> Finding? in
                guard let value = azure.flatMap(setting.value), !value.isEmpty else {
                    return .violation(.required(setting.field, setting.meaning))
                }
                guard setting.isGUID, !Placeholder.matches(value), !Format.isGUID(value) else { return nil }
                return .violation(
                    .invalid(setting.field, value: FieldError.quoted(value), "must be a GUID, as 2f0f2c3a-0000-4000-8000-000000000001"))
            }
            return settings + credentials(of: azure)
        },

        .value(.a2) { change in
            guard change.side == .azure, let azure = change.new.spec.azure else { return [] }
            let settings = AzureSetting.required.compactMap { setting -> Finding? in
                guard let value = setting.value(azure), Placeholder.matches(value) else { return nil }
                return .violation(.invalid(setting.field, value: FieldError.quoted(value), "is a placeholder, not \(setting.meaning)"))
            }
            guard let secret = azure.clientSecret, Placeholder.matches(secret) else { return settings }
            return settings + [.violation(.invalid(clientSecret, value: hidden, "is a placeholder, not a secret"))]
        },

        .value(.a3) { change in
            guard change.side == .azure, let name = change.new.spec.azure?.serverName, !name.isEmpty, !Placeholder.matches(name),
                !Format.isServerName(name)
            else { return [] }
            return [
                .violation(
                    .invalid(
                        AzureSetting.serverName.field, value: FieldError.quoted(name),
                        "must be 3-63 of a-z, 0-9 and -, and not begin or end with -"))
            ]
        },

        .transition(.a3) { change in
            guard let old = change.old, old.status.isAzureServerCreated, let before = old.spec.azure else { return [] }
            guard let after = change.new.spec.azure else { return [] }
            var changed: [FieldPath] = AzureSetting.required.filter(\.isIdentity).compactMap { setting in
                guard let value = setting.value(before), !value.isEmpty, setting.value(after) != value else { return nil }
                return setting.field
            }
            if (before.cloud ?? Side.defaultCloud) != (after.cloud ?? Side.defaultCloud) {
                changed.append(field("cloud"))
            }
            return changed.map { .violation(.forbidden($0, "cannot change while the server exists on Azure")) }
        },

        .value(.a4) { change in
            guard change.side == .azure, let azure = change.new.spec.azure else { return [] }
            var findings: [Finding] = []
            if let group = azure.resourceGroup, !group.isEmpty, !Placeholder.matches(group), !Format.isResourceGroup(group) {
                findings.append(
                    .violation(
                        .invalid(
                            field("resourceGroup"), value: FieldError.quoted(group),
                            "must be 1-90 of letters, digits, _, -, ., ( and ), and not end with a period")))
            }
            if let location = azure.location, !location.isEmpty, !Placeholder.matches(location), !Format.isLocation(location) {
                let meant = location.lowercased().filter { !$0.isWhitespace }
                let hint = Format.isLocation(meant) ? "; did you mean \(FieldError.quoted(meant))?" : ""
                findings.append(
                    .violation(
                        .invalid(field("location"), value: FieldError.quoted(location), "must be lower-case letters and digits\(hint)")))
            }
            return findings
        },

        .value(.a5) { change in
            guard change.side == .azure, let azure = change.new.spec.azure else { return [] }
            let choices: [(name: String, value: String?, supported: [String])] = [
                ("grantType", azure.grantType, ["ServicePrincipal", "DeviceFlow", "WorkloadIdentity"]),
                ("cloud", azure.cloud, ["AzurePublicCloud", "AzureChinaCloud", "AzureUSGovernmentCloud"])
            ]
            let tier = (
                field: field("sku").appending("tier"), value: azure.skuTier, supported: ["Burstable", "GeneralPurpose", "MemoryOptimized"]
            )
            return (choices.map { (field: field($0.name), value: $0.value, supported: $0.supported) } + [tier]).compactMap { choice in
                guard let value = choice.value, !choice.supported.contains(value) else { return nil }
                return .violation(
                    .notSupported(
                        choice.field, value: FieldError.quoted(value), supported: choice.supported,
                        detail: Suggestion.text(for: value, among: choice.supported)))
            }
        },

        .value(.a6) { change in
            guard change.side == .azure else { return [] }
            return firewallFindings(change.new.spec.azure?.firewallRules ?? [])
        },

        .value(.a7) { change in
            guard change.side == .azure, let azure = change.new.spec.azure else { return [] }
            let endpoints = azure.endpoints.filter { $0.name.hasSuffix("URL") || $0.name.hasSuffix("Endpoint") }
                .map { (field: field("endpoints").appending(key: $0.name), value: $0.value) }
            let server = azure.authorizationServerURL.map { [(field: field("authorizationServerURL"), value: $0)] } ?? []
            return (endpoints + server).compactMap { url in
                guard !url.value.isEmpty, !EndpointURL.isAcceptable(url.value) else { return nil }
                return .violation(
                    .invalid(
                        url.field, value: FieldError.quoted(url.value),
                        "must be an absolute https URL without a user (http is for this machine only)"))
            }
        },

        .value(.a8) { change in
            guard change.side == .azure else { return [] }
            var findings: [Finding] = []
            if let size = change.new.spec.azure?.storageGB, !(20...16384).contains(size) {
                findings.append(.violation(.invalid(field("storageGB"), value: String(size), "must be between 20 and 16384")))
            }
            // What is no version at all is the matter of S2.
            if let version = change.new.spec.version, MySQLSeries(version) != nil, !MySQLSeries.onAzure.contains(version) {
                findings.append(
                    .violation(
                        .notSupported(
                            FieldPath("spec", "version"), value: FieldError.quoted(version), supported: MySQLSeries.onAzure,
                            detail: "Azure offers no other"),
                        of: [FieldPath("spec", "version"), FieldPath("spec", "deploymentType")]))
            }
            return findings
        },

        .transition(.a8) { change in
            guard change.wasInUse(.azure), let before = change.old?.spec.azure?.storageGB, let after = change.new.spec.azure?.storageGB,
                after < before
            else { return [] }
            return [.violation(.forbidden(field("storageGB"), "cannot shrink from \(before) to \(after); storage on Azure only grows"))]
        }
    ]

    /// In place of a value that must not be shown.
    static let hidden = FieldError.quoted("(hidden)")
    private static let clientSecret = field("clientSecret")
    private static let clientSecretRef = field("clientSecretRef")

    private static func field(_ name: String) -> FieldPath {
        FieldPath("spec", "azure", name)
    }

    /// A service principal signs in with a secret, given once.
    private static func credentials(of azure: DBMMOMySQL.Azure?) -> [Finding] {
        let grantType = azure?.grantType ?? "ServicePrincipal"
        guard grantType == "ServicePrincipal", azure?.usesDeviceFlow != true else { return [] }
        let fields = [clientSecret, clientSecretRef, field("grantType"), field("useDeviceFlow")]
        switch (azure?.clientSecret?.isEmpty == false, azure?.clientSecretRef != nil) {
        case (false, false):
            return [.violation(.required(clientSecretRef, "the secret of the application that signs in to Azure"), of: fields)]
        case (true, true):
            return [
                .violation(.forbidden(clientSecret, "clientSecretRef is there too; keep that one and remove the plain text"), of: fields)
            ]
        case (true, false), (false, true):
            return []
        }
    }

    private static func firewallFindings(_ rules: [DBMMOMySQL.Azure.FirewallRule]) -> [Finding] {
        let list = field("firewallRules")
        return rules.enumerated().flatMap { index, rule -> [Finding] in
            // How v1alpha1 objects of typed clients spell that there is no rule.
            if rule.name == "", rule.startIP == "", rule.endIP == "" { return [] }
            let path = list.appending(index: index)
            var findings: [Finding] = []
            if rule.name?.isEmpty != false {
                findings.append(.violation(.required(path.appending("name"), "the name of the firewall rule")))
            } else if let name = rule.name, !Format.isFirewallRuleName(name) {
                findings.append(
                    .violation(
                        .invalid(path.appending("name"), value: FieldError.quoted(name), "must be 1-80 of letters, digits, _ and -")))
            } else if let name = rule.name, rules[..<index].contains(where: { $0.name == name }) {
                findings.append(.violation(.duplicate(path.appending("name"), value: FieldError.quoted(name)), of: [list]))
            }
            return findings + addressFindings(rule, at: path)
        }
    }

    private static func addressFindings(_ rule: DBMMOMySQL.Azure.FirewallRule, at path: FieldPath) -> [Finding] {
        let ends = [(name: "startIP", value: rule.startIP), (name: "endIP", value: rule.endIP)]
        let faults = ends.compactMap { end -> Finding? in
            guard let value = end.value, !value.isEmpty else {
                return .violation(.required(path.appending(end.name), "an IPv4 address, as 203.0.113.7"))
            }
            guard IPv4Address(value) == nil else { return nil }
            return .violation(
                .invalid(path.appending(end.name), value: FieldError.quoted(value), "must be an IPv4 address, as 203.0.113.7"))
        }
        guard faults.isEmpty, let start = rule.startIP.flatMap(IPv4Address.init), let end = rule.endIP.flatMap(IPv4Address.init) else {
            return faults
        }
        if end < start {
            return [
                .violation(
                    .invalid(
                        path.appending("endIP"), value: FieldError.quoted(rule.endIP ?? ""),
                        "must not be before startIP, \(FieldError.quoted(rule.startIP ?? ""))"),
                    of: [path])
            ]
        }
        return start == .first && end == .last ? [.warning(path, "lets the whole Internet connect")] : []
    }
}

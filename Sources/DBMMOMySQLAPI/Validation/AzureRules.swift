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
            return settings + credentials(change)
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
                guard setting.isSet(in: before), !setting.isSame(in: before, and: after) else { return nil }
                // That an Azure server lacks it is said by A1.
                return setting.isSet(in: after) || change.side != .azure ? setting.field : nil
            }
            if before.cloudOrDefault != after.cloudOrDefault { changed.append(field("cloud")) }
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
            let choices: [(field: FieldPath, value: String?, supported: [String])] = [
                (field("grantType"), azure.grantType, ["ServicePrincipal", "DeviceFlow", "WorkloadIdentity"]),
                (field("cloud"), azure.cloudOrDefault, ["AzurePublicCloud", "AzureChinaCloud", "AzureUSGovernmentCloud"]),
                (field("sku").appending("tier"), azure.skuTier, ["Burstable", "GeneralPurpose", "MemoryOptimized"])
            ]
            return choices.compactMap { choice in
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
                guard !url.value.isEmpty, !Placeholder.matches(url.value), !EndpointURL.isAcceptable(url.value) else { return nil }
                return .violation(
                    .invalid(
                        url.field, value: EndpointURL.shown(url.value) ?? hidden,
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
    private static func credentials(_ change: Change) -> [Finding] {
        let azure = change.new.spec.azure
        guard azure?.needsSecret != false else { return [] }
        let neededNone = change.old?.spec.azure?.needsSecret == false
        let fields = [clientSecret, clientSecretRef] + (neededNone ? [field("grantType"), field("useDeviceFlow")] : [])
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
        var names: Set<String> = []
        return rules.enumerated().flatMap { index, rule -> [Finding] in
            // How v1alpha1 objects of typed clients spell that there is no rule.
            if rule.name == "", rule.startIP == "", rule.endIP == "" { return [] }
            let path = list.appending(index: index)
            return nameFindings(rule.name, at: path.appending("name"), of: list, others: &names) + addressFindings(rule, at: path)
        }
    }

    private static func nameFindings(
        _ name: String?, at field: FieldPath, of list: FieldPath, others: inout Set<String>
    ) -> [Finding] {
        guard let name, !name.isEmpty else { return [.violation(.required(field, "the name of the firewall rule"))] }
        guard !Placeholder.matches(name) else { return [] }
        guard Format.isFirewallRuleName(name) else {
            return [.violation(.invalid(field, value: FieldError.quoted(name), "must be 1-80 of letters, digits, _ and -"))]
        }
        // Azure does not distinguish case here.
        guard others.insert(name.lowercased()).inserted else {
            return [.violation(.duplicate(field, value: FieldError.quoted(name)), of: [list])]
        }
        return []
    }

    private static func addressFindings(_ rule: DBMMOMySQL.Azure.FirewallRule, at path: FieldPath) -> [Finding] {
        let ends = [(name: "startIP", value: rule.startIP), (name: "endIP", value: rule.endIP)]
        let faults = ends.compactMap { end -> Finding? in
            guard let value = end.value, !value.isEmpty else {
                return .violation(.required(path.appending(end.name), "an IPv4 address, as 203.0.113.7"))
            }
            guard !Placeholder.matches(value), IPv4Address(value) == nil else { return nil }
            return .violation(
                .invalid(path.appending(end.name), value: FieldError.quoted(value), "must be an IPv4 address, as 203.0.113.7"))
        }
        guard let first = rule.startIP, let last = rule.endIP, let start = IPv4Address(first), let end = IPv4Address(last) else {
            return faults
        }
        guard start <= end else {
            return [
                .violation(
                    .invalid(
                        path.appending("endIP"), value: FieldError.quoted(last), "must not be before startIP, \(FieldError.quoted(first))"),
                    of: [path])
            ]
        }
        return start == .first && end == .last ? [.warning(path, "lets the whole Internet connect")] : []
    }
}

extension DBMMOMySQL.Azure {
    /// An empty name is how typed clients of v1alpha1 spell that there is none.
    public var cloudOrDefault: String {
        guard let cloud, !cloud.isEmpty else { return Side.defaultCloud }
        return cloud
    }

    /// Whether a service principal signs in, which takes a secret.
    public var needsSecret: Bool { (grantType ?? "ServicePrincipal") == "ServicePrincipal" && !usesDeviceFlow }

    var hasSecret: Bool { clientSecret?.isEmpty == false || clientSecretRef != nil }
}

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
                guard setting.isGUID, !Placeholder.matches(value), !isGUID(value) else { return nil }
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
                !AzureSetting.isServerName(name)
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
                changed.append(FieldPath("spec", "azure", "cloud"))
            }
            return changed.map { .violation(.forbidden($0, "cannot change while the server exists on Azure")) }
        }
    ]

    /// A value that must not be shown.
    private static let hidden = FieldError.quoted("(hidden)")
    private static let clientSecret = FieldPath("spec", "azure", "clientSecret")
    private static let clientSecretRef = FieldPath("spec", "azure", "clientSecretRef")

    /// A service principal signs in with a secret, given once.
    private static func credentials(of azure: DBMMOMySQL.Azure?) -> [Finding] {
        let grantType = azure?.grantType ?? "ServicePrincipal"
        guard grantType == "ServicePrincipal", azure?.usesDeviceFlow != true else { return [] }
        let fields = [clientSecret, clientSecretRef, FieldPath("spec", "azure", "grantType"), FieldPath("spec", "azure", "useDeviceFlow")]
        switch (azure?.clientSecret?.isEmpty == false, azure?.hasClientSecretRef == true) {
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

    private static func isGUID(_ text: String) -> Bool {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        return groups.map(\.utf8.count) == [8, 4, 4, 4, 12] && groups.allSatisfy { $0.utf8.allSatisfy(\.isHexDigit) }
    }
}

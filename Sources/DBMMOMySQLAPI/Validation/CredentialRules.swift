import KubernetesAPI

/// C: who signs in, and with what.
extension Rule {
    static let credentialRules: [Rule] = [
        .value(.c1) { change in
            guard change.side == .azure, let login = change.new.spec.credentials?.login, !login.isEmpty, !Placeholder.matches(login)
            else { return [] }
            let value = FieldError.quoted(login)
            if reservedLogins.contains(login.lowercased()) || login.lowercased().hasPrefix("mysql.") {
                return [.violation(.invalid(Rule.login, value: value, "is reserved on Azure; choose another"))]
            }
            guard !Format.isLogin(login) else { return [] }
            return [
                .violation(.invalid(Rule.login, value: value, "must be 1-32 of letters, digits and _, and not begin with a digit"))
            ]
        },

        .transition(.c1) { change in
            guard let old = change.old, old.status.isAzureServerCreated, let before = old.spec.credentials?.login, !before.isEmpty,
                change.new.spec.credentials?.login != before
            else { return [] }
            return [.violation(.forbidden(login, "cannot change while the server exists on Azure"))]
        },

        .value(.c2) { change in
            let credentials = change.new.spec.credentials
            var findings = plainTextWarnings(change)
            if credentials?.password?.isEmpty == false, credentials?.passwordSecretRef != nil {
                findings.append(
                    .violation(
                        .forbidden(password, "passwordSecretRef is there too; keep that one and remove the plain text"),
                        of: [password, passwordSecretRef]))
            }
            guard change.side == .azure, let text = credentials?.password, !text.isEmpty, !Placeholder.matches(text) else {
                return findings
            }
            return findings
                + passwordFaults(text, login: credentials?.login).map { fault in
                    .violation(.invalid(password, value: hidden, fault), of: [password, login])
                }
        },

        .value(.c3) { change in
            let password = change.new.spec.credentials?.passwordSecretRef.map { (field: passwordSecretRef, reference: $0) }
            let azure = change.side == .azure ? change.new.spec.azure?.clientSecretRef : nil
            let client = azure.map { (field: FieldPath("spec", "azure", "clientSecretRef"), reference: $0) }
            return [password, client].compactMap { $0 }.flatMap { referenceFindings($0.reference, at: $0.field, on: change.side) }
        }
    ]

    private static let reservedLogins: Set<String> = ["azure_superuser", "admin", "administrator", "root", "guest", "public"]

    private static let login = FieldPath("spec", "credentials", "login")
    private static let password = FieldPath("spec", "credentials", "password")
    private static let passwordSecretRef = FieldPath("spec", "credentials", "passwordSecretRef")

    /// Secrets that stand in the object itself, where everybody reads them who may read the object.
    private static func plainTextWarnings(_ change: Change) -> [Finding] {
        let azure = FieldPath("spec", "azure")
        let isV1 = change.words == .v1
        // In v1alpha1 the path of the password leaves no room for all of the other one.
        let secrets = [
            (field: azure.appending("clientSecret"), value: change.new.spec.azure?.clientSecret, other: "spec.azure.clientSecretRef"),
            (field: password, value: change.new.spec.credentials?.password, other: "\(isV1 ? "spec." : "")credentials.passwordSecretRef")
        ]
        return secrets.compactMap { secret in
            guard secret.value?.isEmpty == false else { return nil }
            return .warning(secret.field, "is plain text; \(isV1 ? "" : "in v1 ")use \(secret.other)")
        }
    }

    /// What Azure finds wrong with a password, in words that do not tell it.
    private static func passwordFaults(_ password: String, login: String?) -> [String] {
        var faults: [String] = []
        if !(8...128).contains(password.count) { faults.append("must be 8-128 characters") }
        let classes: [(UInt8) -> Bool] = [
            \.isLowercaseLetter, \.isUppercaseLetter, \.isDigit,
            { !$0.isLowercaseLetter && !$0.isUppercaseLetter && !$0.isDigit }
        ]
        if classes.filter({ password.utf8.contains(where: $0) }).count < 3 {
            faults.append("must have three of: lower-case letters, upper-case letters, digits, others")
        }
        if let login, !login.isEmpty, password.lowercased().contains(login.lowercased()) { faults.append("must not contain the login") }
        return faults
    }

    private static func referenceFindings(_ reference: DBMMOMySQL.SecretReference, at field: FieldPath, on side: Side?) -> [Finding] {
        var findings: [Finding] = []
        // On Azure a placeholder is the matter of A2.
        let isPlaceholder = { (text: String) in side == .azure && Placeholder.matches(text) }
        if let name = reference.name, !name.isEmpty {
            if !Format.isDNSSubdomain(name), !isPlaceholder(name) {
                findings.append(
                    .violation(
                        .invalid(field.appending("name"), value: FieldError.quoted(name), "must be the name of a Secret (a-z, 0-9, -, .)")))
            }
        } else {
            findings.append(.violation(.required(field.appending("name"), "the name of a Secret in the same namespace"), of: [field]))
        }
        if let key = reference.key, !Format.isSecretKey(key), !isPlaceholder(key) {
            findings.append(
                .violation(
                    .invalid(field.appending("key"), value: FieldError.quoted(key), "must be a key of a Secret (A-Z, a-z, 0-9, -, _, .)")))
        }
        return findings
    }
}

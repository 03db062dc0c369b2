import JSON
import KubernetesAPI

/// A2: what was meant to be filled in.
extension Rule {
    static let placeholderRules: [Rule] = [
        .value(.a2) { change in
            guard change.side == .azure else { return [] }
            return [credentials, azure].flatMap { section -> [Finding] in
                change.new.json[field: section.elements].map { placeholders(in: $0, at: section) } ?? []
            }
        }
    ]

    private static let credentials = FieldPath("spec", "credentials")
    private static let azure = FieldPath("spec", "azure")

    /// Objects whose members the user names.
    private static let maps: Set<FieldPath> = [azure.appending("endpoints"), azure.appending("parameters")]

    /// Fields with a list of supported values, which says more (A5).
    private static let choices: Set<FieldPath> = [
        azure.appending("grantType"), azure.appending("cloud"), azure.appending("sku").appending("tier")
    ]

    private static let secrets: [FieldPath: String] = [
        azure.appending("clientSecret"): "a secret", credentials.appending("password"): "a password"
    ]

    private static let meanings = Dictionary(uniqueKeysWithValues: AzureSetting.required.map { ($0.field, $0.meaning) })

    private static func placeholders(in value: JSONValue, at field: FieldPath) -> [Finding] {
        switch value.kind {
        case .object:
            return value.members.flatMap { name, member in
                placeholders(in: member, at: maps.contains(field) ? field.appending(key: name) : field.appending(name))
            }
        case .array:
            return value.elements.enumerated().flatMap { placeholders(in: $0.element, at: field.appending(index: $0.offset)) }
        case .string:
            guard let text = value.string, Placeholder.matches(text), !choices.contains(field) else { return [] }
            if let secret = secrets[field] { return [.violation(.invalid(field, value: hidden, "is a placeholder, not \(secret)"))] }
            return [
                .violation(.invalid(field, value: FieldError.quoted(text), "is a placeholder, not \(meanings[field] ?? "a value")"))
            ]
        case .null, .boolean, .number:
            return []
        }
    }
}

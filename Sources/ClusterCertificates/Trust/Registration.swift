import KubernetesAPI
import KubernetesClient

/// An object that tells API servers where the webhooks are, and whom to trust there.
struct Registration: Sendable, Hashable, CustomStringConvertible {
    enum Kind: String, Sendable, CaseIterable {
        case validating, mutating, conversion

        var type: ResourceType {
            switch self {
            case .validating: .validatingWebhookConfigurations
            case .mutating: .mutatingWebhookConfigurations
            case .conversion: .customResourceDefinitions
            }
        }
    }

    let kind: Kind
    let name: String

    var description: String { "\(kind.type)/\(name)" }
}

extension ResourceType {
    static let secrets = ResourceType(version: "v1", resource: "secrets", kind: "Secret")

    fileprivate static let validatingWebhookConfigurations = ResourceType(
        group: "admissionregistration.k8s.io", version: "v1", resource: "validatingwebhookconfigurations",
        kind: "ValidatingWebhookConfiguration", isNamespaced: false)

    fileprivate static let mutatingWebhookConfigurations = ResourceType(
        group: "admissionregistration.k8s.io", version: "v1", resource: "mutatingwebhookconfigurations",
        kind: "MutatingWebhookConfiguration", isNamespaced: false)

    fileprivate static let customResourceDefinitions = ResourceType(
        group: "apiextensions.k8s.io", version: "v1", resource: "customresourcedefinitions", kind: "CustomResourceDefinition",
        isNamespaced: false)
}

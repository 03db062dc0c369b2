import AzureMySQL
import DBMMOMySQLAPI
import JSON

/// The firewall rules and parameters of a server that came from the spec, so that those which the spec names no longer can be taken back, and those of
/// others are left alone. An annotation of the DBMMOMySQL keeps them, written before the first of them is.
struct ManagedNames: Sendable, Equatable {
    static let annotation = "\(ServedVersion.group)/azure-managed"

    var rules: Set<String> = []
    var parameters: Set<String> = []

    init(_ settings: AzureSettings) {
        rules = Set(settings.rules.map { $0.name.lowercased() })
        parameters = Set(settings.parameters.keys)
    }

    /// - Parameter text: The annotation; what cannot be read counts as nothing.
    init(reading text: String?) {
        guard let text, let json = try? JSONDocument(parsing: text).root else { return }
        func names(_ member: String) -> Set<String> { Set(json[member]?.elements.compactMap { $0.string?.lowercased() } ?? []) }
        rules = names("firewallRules")
        parameters = names("parameters")
    }

    var text: String {
        func list(_ names: Set<String>) -> JSONTree { .array(names.sorted().map { .string($0) }) }
        return (["firewallRules": list(rules), "parameters": list(parameters)] as JSONTree).text
    }

    func covers(_ other: ManagedNames) -> Bool { rules.isSuperset(of: other.rules) && parameters.isSuperset(of: other.parameters) }

    func union(_ other: ManagedNames) -> ManagedNames {
        var all = self
        all.rules.formUnion(other.rules)
        all.parameters.formUnion(other.parameters)
        return all
    }
}

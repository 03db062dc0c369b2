/// What a path of the Resource Manager leads to.
struct ResourcePlace: Sendable {
    enum Kind: Sendable, Equatable {
        case servers, server
        case rules
        case rule(String)
        case parameters
        case parameter(String)
        case updateParameters
        /// How an operation stands, as `Azure-AsyncOperation` names it.
        case operationStatus(String)
        /// What became of it, as `Location` names it.
        case operationResult(String)
    }

    let subscription: String
    /// Empty when the path names none, as with ``name``.
    let group: String
    let name: String
    let kind: Kind

    /// - Returns: Nil when the path leads nowhere.
    init?(_ segments: [String]) {
        let words = segments.map { $0.lowercased() }
        func isProvider(at index: Int) -> Bool { words.dropFirst(index).starts(with: ["providers", "microsoft.dbformysql"]) }
        guard words.first == "subscriptions", segments.count > 4 else { return nil }
        subscription = segments[1]
        if isProvider(at: 2), words[4] == "locations", words.count == 8 {
            (group, name) = ("", "")
            switch words[6] {
            case "azureasyncoperation": kind = .operationStatus(words[7])
            case "operationresults": kind = .operationResult(words[7])
            default: return nil
            }
            return
        }
        if isProvider(at: 2), words[4] == "flexibleservers", words.count == 5 {
            (group, name, kind) = ("", "", .servers)
            return
        }
        guard words[2] == "resourcegroups", isProvider(at: 4), words.count > 6, words[6] == "flexibleservers" else { return nil }
        group = segments[3]
        name = words.count > 7 ? segments[7] : ""
        switch words.dropFirst(8).first {
        case nil: kind = words.count == 7 ? .servers : .server
        case "firewallrules" where words.count < 11: kind = words.count == 9 ? .rules : .rule(segments[9])
        case "configurations" where words.count < 11: kind = words.count == 9 ? .parameters : .parameter(segments[9])
        case "updateconfigurations" where words.count == 9: kind = .updateParameters
        default: return nil
        }
    }

    /// Whether the server is in the resource group of the path.
    func names(_ server: EmulatedServer) -> Bool {
        (group.isEmpty || server.resourceGroup.lowercased() == group.lowercased())
            && (name.isEmpty || server.name.lowercased() == name.lowercased())
    }
}

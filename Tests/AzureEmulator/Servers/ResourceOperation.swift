import JSON

/// Something that goes on with a server after the answer.
struct ResourceOperation: Sendable {
    /// What becomes of a server whose creation fails.
    enum Leftover: Sendable {
        case nothing
        /// A server in the state `Disabled`.
        case disabledServer
    }

    struct Failure: Sendable {
        let code: String
        let message: String
        let leftover: Leftover
    }

    enum Status: String, Sendable {
        case inProgress = "InProgress"
        case succeeded = "Succeeded"
        case failed = "Failed"
    }

    /// What a fault does to an operation.
    enum Disturbance: Sendable {
        case failure(Failure)
        /// It goes on until it is released.
        case stall
    }

    /// What is done; it decides about the result too.
    enum Work: Sendable {
        case create
        case change(EmulatedServer)
        case delete
        case setRule(EmulatedServer.FirewallRule)
        case deleteRule(name: String)
        /// Nil for the default.
        case setParameters([(parameter: Parameter, value: String?)])

        /// As Azure calls it in the answer.
        var title: String {
            switch self {
            case .create, .change: "UpsertServerManagementOperationV2"
            case .delete: "DropServerManagementOperation"
            case .setRule: "UpsertServerFirewallRulesManagementOperation"
            case .deleteRule: "DropServerFirewallRulesManagementOperation"
            case .setParameters: "UpdateServerParametersManagementOperation"
            }
        }

        /// - Returns: Nil when the server is gone.
        func applied(to server: EmulatedServer) -> EmulatedServer? {
            var result = server
            switch self {
            case .create: break
            case .change(let changed):
                // What changes beside a server may have been edited meanwhile.
                result = changed
                (result.firewallRules, result.parameters) = (server.firewallRules, server.parameters)
                result.waitingForRestart = server.waitingForRestart
            case .delete: return nil
            case .setRule(let rule):
                result.firewallRules.removeAll { $0.name.lowercased() == rule.name.lowercased() }
                result.firewallRules.append(rule)
                result.firewallRules.sort { $0.name < $1.name }
            case .deleteRule(let name): result.firewallRules.removeAll { $0.name.lowercased() == name.lowercased() }
            case .setParameters(let values):
                for (parameter, value) in values { result.set(parameter, to: value) }
            }
            return result
        }

        /// What the call would have answered, had it been done at once; nil for no body.
        func result(_ server: EmulatedServer) -> JSONTree? {
            switch self {
            case .create, .change: return server.json
            case .delete, .deleteRule: return nil
            case .setRule(let rule): return server.json(of: rule)
            case .setParameters(let values):
                let all = values.map { server.json(of: $0.parameter) }
                return values.count == 1 ? all.first : ["value": .array(all)]
            }
        }
    }

    let id: String
    /// Of the server, in lower case.
    let key: String
    let location: String
    let work: Work
    /// A part of its URL that cannot be guessed.
    let ticket: String
    let startedAt: ContinuousClock.Instant
    /// Nil as long as it stalls.
    var endsAt: ContinuousClock.Instant?
    var failure: Failure?
    /// The state to go back to.
    let stateBefore: EmulatedServer.State
    var status = Status.inProgress
    /// Before then nobody should ask how it stands; nil when somebody knows how it ended.
    var askAgainAt: ContinuousClock.Instant?

    var isRunning: Bool { status == .inProgress }
}

import JSON

// Firewall rules and parameters.
extension EmulatedSubscription {
    private static let ruleShape = Shape.object([
        "id": .string, "name": .string, "type": .string, "properties": .object(["startIpAddress": .string, "endIpAddress": .string])
    ])

    private static let sources = Shape.word(["system-default", "user-override"])

    func rule(_ name: String, of server: EmulatedServer) -> EmulatedServer.FirewallRule? {
        server.firewallRules.first { $0.name.lowercased() == name.lowercased() }
    }

    func noRule(_ name: String, _ visit: Visit) -> Refusal {
        Refusal(404, "FirewallRuleNotExist", "The firewall rule '\(name)' does not exist on the server '\(visit.place.name)'.")
    }

    mutating func putRule(_ name: String, _ visit: Visit) throws(Refusal) -> Answer {
        let properties = try visit.call.json(Self.ruleShape)["properties"]
        guard let start = properties?["startIpAddress"]?.string, let end = properties?["endIpAddress"]?.string else {
            throw .badBody("a firewall rule needs startIpAddress and endIpAddress")
        }
        let server = try idleServer(visit)
        let old = rule(name, of: server)
        let rule = EmulatedServer.FirewallRule(name: old?.name ?? name, startIP: start, endIP: end)
        try ServerRules.check(rule)
        guard old != nil || server.firewallRules.count < 500 else {
            throw Refusal(400, "FirewallRuleLimitReached", "A server can have 500 firewall rules at most.")
        }
        return detail(.setRule(rule), on: server, visit, createdStatus: old == nil ? 201 : 200)
    }

    mutating func deleteRule(_ name: String, _ visit: Visit) throws(Refusal) -> Answer {
        let server = try idleServer(visit)
        guard let old = rule(name, of: server) else { return .empty(204) }
        return detail(.deleteRule(name: old.name), on: server, visit, createdStatus: 200)
    }

    func parameter(_ name: String) throws(Refusal) -> Parameter {
        guard let parameter = Parameter.named(name) else {
            throw Refusal(404, "ConfigurationNotExists", "The configuration '\(name)' does not exist.")
        }
        return parameter
    }

    mutating func putParameter(_ name: String, _ visit: Visit) throws(Refusal) -> Answer {
        let json = try visit.call.json(
            .object([
                "id": .string, "name": .string, "type": .string,
                "properties": .object(["value": .string, "currentValue": .string, "source": Self.sources])
            ]))
        let server = try idleServer(visit)
        return detail(.setParameters([try value(of: name, json["properties"])]), on: server, visit, createdStatus: 200)
    }

    mutating func updateParameters(_ visit: Visit) throws(Refusal) -> Answer {
        let element = Shape.object(["name": .string, "properties": .object(["value": .string, "source": Self.sources])])
        let json = try visit.call.json(.object(["value": .array(element), "resetAllToDefault": .word(["True", "False"])]))
        let server = try idleServer(visit)
        var values: [(parameter: Parameter, value: String?)] = []
        if json["resetAllToDefault"]?.string?.lowercased() == "true" {
            values = server.parameters.keys.sorted().compactMap { name in Parameter.named(name).map { ($0, nil) } }
        }
        for element in json["value"]?.elements ?? [] {
            guard let name = element["name"]?.string else { throw .badBody("a parameter without a name") }
            let value = try value(of: name, element["properties"])
            guard !values.contains(where: { $0.parameter.name == value.parameter.name }) else {
                throw .badBody("the parameter '\(name)' twice")
            }
            values.append(value)
        }
        if values.isEmpty { complaints.append("POST \(visit.call.path): no parameter to set") }
        return detail(.setParameters(values), on: server, visit, createdStatus: 200)
    }

    /// What a parameter is to be; nil for the default.
    private func value(of name: String, _ properties: JSONValue?) throws(Refusal) -> (parameter: Parameter, value: String?) {
        let parameter = try parameter(name)
        guard !parameter.isReadOnly else {
            throw Refusal(400, "ReadOnlyConfiguration", "The configuration '\(name)' is read only.")
        }
        let given = properties?["value"]?.string
        if properties?["source"]?.string?.lowercased() == "system-default" { return (parameter, nil) }
        guard let given else { throw .badBody("the parameter '\(name)' has no value") }
        guard let value = parameter.canonical(given) else {
            throw .badValue("The value of the configuration '\(name)' is not among the allowed values '\(parameter.allowed)'.")
        }
        return (parameter, value)
    }

    /// - Parameter createdStatus: Of the answer, when it is done at once.
    private mutating func detail(
        _ work: ResourceOperation.Work, on server: EmulatedServer, _ visit: Visit, createdStatus: Int
    ) -> Answer {
        let operation = beginWork(work, on: server, for: options.detailTime, visit.disturbance, at: visit.now)
        guard options.detailTime == .zero, visit.disturbance == nil else { return accepted(operation) }
        advance(to: visit.now)
        let changed = servers[operation.key] ?? server
        return Answer(status: createdStatus, body: work.result(changed))
    }
}

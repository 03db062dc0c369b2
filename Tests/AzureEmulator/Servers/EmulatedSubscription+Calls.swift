import JSON
import NIOHTTP1

/// A call that was let in, and when.
struct Visit: Sendable {
    let call: Call
    let place: ResourcePlace
    let now: ContinuousClock.Instant
    /// What is to happen to the operation that the call begins.
    let disturbance: ResourceOperation.Disturbance?
}

extension EmulatedSubscription {
    static let apiVersion = "2023-12-30"

    /// Answers a call of somebody who has signed in.
    mutating func answer(
        _ call: Call, _ disturbance: ResourceOperation.Disturbance?, at now: ContinuousClock.Instant
    ) -> Answer {
        advance(to: now)
        do throws(Refusal) {
            guard let place = ResourcePlace(call.segments) else {
                throw Refusal(404, "InvalidResourceType", "There is no such resource type.", complaint: "an unknown path")
            }
            try check(call, place)
            return try answer(Visit(call: call, place: place, now: now, disturbance: disturbance))
        } catch {
            if let complaint = error.complaint { complaints.append("\(call.method) \(call.path): \(complaint)") }
            return error.answer
        }
    }

    private func check(_ call: Call, _ place: ResourcePlace) throws(Refusal) {
        guard let version = call.parameter("api-version") else {
            throw Refusal(
                400, "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests.",
                complaint: "no api-version")
        }
        guard version == Self.apiVersion else {
            let isDate = version.split(separator: "-").prefix(3).map(\.count) == [4, 2, 2]
            throw Refusal(
                400, isDate ? "NoRegisteredProviderFound" : "InvalidApiVersionParameter",
                "The api-version '\(version)' is invalid for the type 'flexibleServers'. The supported versions are '\(Self.apiVersion)'.",
                complaint: "an api-version that is not \(Self.apiVersion)")
        }
        guard place.subscription.lowercased() == options.subscription.lowercased() else {
            throw Refusal(404, "SubscriptionNotFound", "The subscription '\(place.subscription)' could not be found.")
        }
        guard place.group.isEmpty || options.resourceGroups.contains(where: { $0.lowercased() == place.group.lowercased() }) else {
            throw Refusal(404, "ResourceGroupNotFound", "Resource group '\(place.group)' could not be found.")
        }
    }

    private mutating func answer(_ visit: Visit) throws(Refusal) -> Answer {
        switch (visit.place.kind, visit.call.method) {
        case (.servers, "GET"):
            let names = servers.keys.sorted().compactMap { self.visible($0, at: visit.now) }.filter { visit.place.names($0) }
            return try page(names.map(\.json), visit)
        case (.server, "GET"): return .ok(try server(visit).json)
        case (.server, "PUT"): return try put(visit)
        case (.server, "PATCH"): return try patch(visit)
        case (.server, "DELETE"): return try delete(visit)
        case (.rules, "GET"):
            let server = try server(visit)
            return try page(server.firewallRules.map { server.json(of: $0) }, visit)
        case (.rule(let name), "GET"):
            let server = try server(visit)
            guard let rule = rule(name, of: server) else { throw noRule(name, visit) }
            return .ok(server.json(of: rule))
        case (.rule(let name), "PUT"): return try putRule(name, visit)
        case (.rule(let name), "DELETE"): return try deleteRule(name, visit)
        case (.parameters, "GET"):
            let server = try awakeServer(visit)
            return try page(Parameter.all.map { server.json(of: $0) }, visit)
        case (.parameter(let name), "GET"):
            let server = try awakeServer(visit)
            return .ok(server.json(of: try parameter(name)))
        case (.parameter(let name), "PUT"), (.parameter(let name), "PATCH"): return try putParameter(name, visit)
        case (.updateParameters, "POST"): return try updateParameters(visit)
        case (.operationStatus(let id), "GET"): return try operation(id, visit, isStatus: true)
        case (.operationResult(let id), "GET"): return try operation(id, visit, isStatus: false)
        default:
            throw Refusal(405, "HttpMethodNotSupported", "The method is not supported here.", complaint: "a method that is not supported")
        }
    }

    // MARK: Servers

    /// The server of the path as it looks.
    func server(_ visit: Visit) throws(Refusal) -> EmulatedServer {
        guard let server = visible(visit.place.name, at: visit.now), visit.place.names(server) else {
            throw .noResource("Microsoft.DBforMySQL/flexibleServers", visit.place.name, visit.place.group)
        }
        return server
    }

    /// The server of the path, whose parameters can be read.
    private func awakeServer(_ visit: Visit) throws(Refusal) -> EmulatedServer {
        let server = try server(visit)
        guard ![.stopped, .stopping, .disabled, .dropping].contains(server.state) else { throw unavailable(server) }
        return server
    }

    private func unavailable(_ server: EmulatedServer) -> Refusal {
        Refusal(
            409, "ServerUnavailableForOperation",
            "The operation cannot be performed as server '\(server.name)' is currently in state '\(server.state.rawValue)'.")
    }

    /// The server of the path as it is, when it can be changed now.
    ///
    /// - Parameter needsReady: Whether it has to be running for that.
    func idleServer(_ visit: Visit, needsReady: Bool = true) throws(Refusal) -> EmulatedServer {
        guard let server = servers[visit.place.name.lowercased()], visit.place.names(server) else {
            throw .noResource("Microsoft.DBforMySQL/flexibleServers", visit.place.name, visit.place.group)
        }
        guard runningOperation(on: server.name) == nil else {
            throw Refusal(
                409, "ServerIsBusy", "Cannot complete the operation because the server '\(server.name)' is busy with another operation.")
        }
        guard server.state == .ready || !needsReady else { throw unavailable(server) }
        return server
    }

    private mutating func put(_ visit: Visit) throws(Refusal) -> Answer {
        let body = try ServerBody(try visit.call.json(ServerBody.creation))
        let key = visit.place.name.lowercased()
        if let existing = servers[key], visit.place.names(existing) {
            let old = try idleServer(visit)
            return accepted(change(old, try ServerRules.changed(old, by: body, replaces: true), visit))
        }
        let server = try ServerRules.new(body, visit.place)
        guard servers[key] == nil, !options.takenNames.contains(key) else {
            throw Refusal(409, "ServerNameAlreadyExists", "Specified server name is already used.")
        }
        return accepted(beginCreation(server, visit.disturbance, at: visit.now))
    }

    private mutating func patch(_ visit: Visit) throws(Refusal) -> Answer {
        let json = try visit.call.json(ServerBody.update)
        let body = try ServerBody(json)
        if json.isEmptyContainer { complaints.append("PATCH \(visit.call.path): nothing to change") }
        let old = try idleServer(visit)
        return accepted(change(old, try ServerRules.changed(old, by: body, replaces: false), visit))
    }

    private mutating func change(_ old: EmulatedServer, _ new: EmulatedServer, _ visit: Visit) -> ResourceOperation {
        beginWork(.change(new), on: old, for: options.changeTime, visit.disturbance, at: visit.now)
    }

    private mutating func delete(_ visit: Visit) throws(Refusal) -> Answer {
        guard let there = servers[visit.place.name.lowercased()], visit.place.names(there) else { return .empty(204) }
        let server = try idleServer(visit, needsReady: false)
        return accepted(beginWork(.delete, on: server, for: options.deletionTime, visit.disturbance, at: visit.now))
    }

    // MARK: Lists

    /// A part of a list, and where the next is.
    private mutating func page(_ elements: [JSONTree], _ visit: Visit) throws(Refusal) -> Answer {
        var start = 0
        if let token = visit.call.parameter("$skiptoken") {
            guard let known = pages[token] else {
                throw Refusal(400, "InvalidSkipToken", "The skip token is invalid.", complaint: "a nextLink that was never given")
            }
            start = known
        }
        let end = start + max(1, options.pageSize)
        var next: JSONTree?
        if end < elements.count {
            let token = random.hex()
            pages[token] = end
            next = .string("\(url)\(visit.call.path)?api-version=\(Self.apiVersion)&%24skiptoken=\(token)")
        }
        return .ok(["value": .array(Array(elements.dropFirst(start).prefix(end - start))), "nextLink": next])
    }
}

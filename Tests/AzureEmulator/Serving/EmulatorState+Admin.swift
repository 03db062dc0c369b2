import JSON

// What Swift code does with ``AzureEmulator`` can be done through HTTP too: paths under /emulator.
extension EmulatorState {
    /// The codes that somebody has to type in to sign in.
    var pendingUserCodes: [String] {
        signIn.devices.values.filter { $0.decision == .pending }.map(\.userCode).sorted()
    }

    private static let faultShape = Shape.object([
        "effect": .word([
            "answer", "delay", "dropBeforeHandling", "dropAfterHandling", "failOperation", "stallOperation"
        ]),
        "method": .string, "path": .string, "skipping": .integer, "times": .integer, "percent": .integer, "status": .integer,
        "code": .string, "message": .string, "retryAfter": .integer, "milliseconds": .integer,
        "leaves": .word(["nothing", "disabledServer"])
    ])

    private static let serverShape = Shape.object([
        "resourceGroup": .string, "tags": .strings, "skuName": .string, "skuTier": .string, "storageGB": .integer, "state": .string,
        "parameters": .strings,
        "firewallRules": .array(.object(["name": .string, "startIP": .string, "endIP": .string]))
    ])

    mutating func administer(_ call: Call, at now: ContinuousClock.Instant) -> Answer {
        azure.advance(to: now)
        do throws(Refusal) {
            return try administered(call, at: now)
        } catch {
            return error.answer
        }
    }

    private mutating func administered(_ call: Call, at now: ContinuousClock.Instant) throws(Refusal) -> Answer {
        let parts = call.segments.dropFirst()
        let name = parts.dropFirst().joined(separator: "/")
        switch (call.method, parts.first ?? "", name) {
        case ("GET", "servers", ""): return .ok(.array(azure.servers.values.sorted { $0.name < $1.name }.map(\.json)))
        case ("PUT", "servers", _), ("PATCH", "servers", _):
            try edit(name, try call.json(Self.serverShape), makes: call.method == "PUT")
        case ("DELETE", "servers", _): azure.servers[name.lowercased()] = nil
        case ("GET", "requests", ""):
            return .ok(
                .array(
                    requests.map { request in
                        [
                            "at": .string(azure.text(of: request.at)), "method": .string(request.method), "path": .string(request.path),
                            "status": request.status.map { .integer(Int64($0)) }
                        ]
                    }))
        case ("GET", "complaints", ""): return .ok(.array(complaints.map { .string($0) }))
        case ("POST", "faults", ""): return .ok(["id": .integer(Int64(faults.add(try fault(try call.json(Self.faultShape)))))])
        case ("DELETE", "faults", _): faults.remove(Int(name))
        case ("POST", "release", ""): azure.release(at: now)
        case ("POST", "throttle", _):
            guard let seconds = Int(name) else { throw .badBody("/emulator/throttle/SECONDS") }
            throttledUntil = now + .seconds(seconds)
        case ("POST", "expire-tokens", ""): signIn.expireTokens(at: now)
        case ("POST", "revoke-sign-ins", ""): signIn.revokeSignIns()
        case ("PUT", "secret", ""): signIn.secret = try call.json(.object(["secret": .string]))["secret"]?.string ?? ""
        case ("GET", "device", ""): return .ok(.array(pendingUserCodes.map { .string($0) }))
        case ("POST", "device", "approve"): _ = signIn.decide(.approved)
        case ("POST", "device", "deny"): _ = signIn.decide(.denied)
        default: throw Refusal(404, "NotFound", "There is no such path of the emulator.")
        }
        return .empty(204)
    }

    private func fault(_ json: JSONValue) throws(Refusal) -> Fault {
        func number(_ name: String) -> Int? { (json[name]?.integer).flatMap { Int(exactly: $0) } }
        let (code, message) = (json["code"]?.string ?? "InternalServerError", json["message"]?.string ?? "A fault was injected.")
        let effect: Fault.Effect
        switch json["effect"]?.string {
        case "answer": effect = .answer(status: number("status") ?? 500, code: code, message: message, retryAfter: number("retryAfter"))
        case "delay": effect = .delay(.milliseconds(number("milliseconds") ?? 1000))
        case "dropBeforeHandling": effect = .dropBeforeHandling
        case "dropAfterHandling": effect = .dropAfterHandling
        case "failOperation":
            let leaves = (json["leaves"]?.string).flatMap(Fault.Leftover.init) ?? .nothing
            effect = .failOperation(code: code, message: message, leaves: leaves)
        case "stallOperation": effect = .stallOperation
        default: throw .badBody("a fault needs an effect")
        }
        return Fault(
            effect, method: json["method"]?.string, path: json["path"]?.string, skipping: number("skipping") ?? 0,
            times: json["times"]?.integer == 0 ? nil : number("times") ?? 1, probability: Double(number("percent") ?? 100) / 100)
    }

    /// - Parameter makes: Whether a server is made where there is none.
    private mutating func edit(_ name: String, _ json: JSONValue, makes: Bool) throws(Refusal) {
        let group = json["resourceGroup"]?.string ?? azure.options.resourceGroups.first ?? ""
        let new = EmulatedServer(subscription: azure.options.subscription, resourceGroup: group, name: name)
        guard var server = azure.servers[name.lowercased()] ?? (makes ? new : nil) else {
            throw .noResource("servers", name, group)
        }
        func strings(_ name: String) -> [String: String]? {
            json[name].map { Dictionary($0.members.map { ($0.name, $0.value.string ?? "") }) { $1 } }
        }
        if let text = json["state"]?.string {
            guard let state = EmulatedServer.State(rawValue: text) else { throw .badValue("There is no state '\(text)'.") }
            server.state = state
        }
        server.tags = strings("tags") ?? server.tags
        server.parameters = strings("parameters") ?? server.parameters
        server.skuName = json["skuName"]?.string ?? server.skuName
        server.skuTier = json["skuTier"]?.string ?? server.skuTier
        server.storageGB = json["storageGB"]?.integer ?? server.storageGB
        if let rules = json["firewallRules"] {
            server.firewallRules = rules.elements.map {
                .init(
                    name: $0["name"]?.string ?? "", startIP: $0["startIP"]?.string ?? "", endIP: $0["endIP"]?.string ?? "")
            }
        }
        azure.servers[name.lowercased()] = server
    }
}

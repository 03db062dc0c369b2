import AzureMySQL
import DBMMOMySQLAPI

/// What brings a server on Azure to what the spec says: it is made where there is none, and put right in what the spec names. One write at a time,
/// since Azure does one at a time.
struct AzureProvision: Sendable {
    private(set) var work: SideWork

    private let situation: Situation
    private let settings: AzureSettings
    private let sight: AzureSight
    private var status: AzureStatus

    init(_ situation: Situation, _ settings: AzureSettings, _ sight: AzureSight) {
        self.situation = situation
        self.settings = settings
        self.sight = sight
        status = situation.azureStatus
        work = SideWork(situation.lastReadiness)
        work.isBlind = true
        settle()
        // One that there is nothing left to do about is no trouble any more.
        let isBusy = sight.wait != nil || !work.actions.isEmpty
        work.troubles += sight.failures.values.filter { $0.isResting || isBusy }.map(\.remark).sorted { $0.message < $1.message }
        work.azure = status
    }

    private mutating func settle() {
        if let block = sight.block { return work.tell(block) }
        if status.created, settings.id != sight.id {
            let message = "spec.azure names \(settings.id), and the server is \(sight.id); name that one again"
            return work.troubles.append((.identityChanged, message))
        }
        if let wait = sight.wait { work.progress.append(wait) }
        if let server = sight.server, !situation.owner.owns(server) { return leaveAlone(server) }
        work.isBlind = false
        guard let server = sight.server else { return create() }
        note(server)
        keep(server)
    }

    private mutating func leaveAlone(_ server: Server) {
        var way = "does not belong to this DBMMOMySQL; it is left alone. Choose another spec.azure.serverName"
        if status.created {
            // It was ours, and whoever took the tag away has not moved the data.
            way = "has lost the tag \(AzureSettings.uidTag) with the uid of this DBMMOMySQL; it is left alone until it has it again"
        } else {
            status = .nothing
            work.readiness = Condition(.ready, false, .notCreated, "the server \(server.name) is not ours")
        }
        work.troubles.append((.nameConflict, "the server \(server.id) \(way)"))
    }

    private func mayWrite(_ kind: AzureChange.Kind) -> Bool { sight.wait == nil && !sight.rests(kind) }

    private var isCreationRefused: Bool { sight.failures[.creation] != nil || sight.failures[.any] != nil }

    // MARK: Making

    private mutating func create() {
        work.readiness = Condition(.ready, false, .notCreated, "there is no server \(settings.id.name) yet")
        if status.created {
            status.state = .error
            let way = "restore it there; an empty one is made only for a new DBMMOMySQL"
            return work.troubles.append((.serverMissing, "the server \(sight.id) is gone from Azure; \(way)"))
        }
        guard mayWrite(.creation) else {
            if status.server != nil { status.state = isCreationRefused ? .error : .creating }
            return
        }
        guard let password = situation.administratorPassword else {
            return noPassword()
        }
        work.progress.append((.provisioning, "the server \(settings.id.name) is made in \(settings.location)"))
        let isNoted = status.server.flatMap { ServerID($0.id) } == settings.id && status.state != .notCreated
        if !isNoted {
            let note = AzureStatus.ServerNote(id: "\(settings.id)", name: settings.id.name, location: settings.location)
            status = AzureStatus(created: false, state: .creating, server: note)
            work.mustTellFirst = true
            return
        }
        status.state = isCreationRefused ? .error : .creating
        work.actions.append(.azure(.create(settings.newServer(tags: tags(password), password: password))))
    }

    private mutating func noPassword() {
        if let trouble = sight.passwordTrouble { return work.troubles.append(trouble) }
        // Ours is made before the server.
        guard situation.owned(.credentials) != nil else { return }
        let title = Part.credentials.title(for: situation.name)
        work.troubles.append((.credentialsMissing, "\(title) has no key \(Settings.passwordKey)"))
    }

    private func tags(_ password: AdministratorPassword?) -> [String: String] {
        var tags = [AzureSettings.uidTag: situation.owner.uid, AzureSettings.nameTag: "\(situation.owner.key)"]
        if let password { tags[AzureSettings.secretTag] = password.version }
        return tags
    }

    // MARK: Keeping

    private mutating func note(_ server: Server) {
        // One that we did not ask for and that is ours was whole before.
        if !situation.mayHaveServer { status.created = true }
        status.server = AzureStatus.ServerNote(server)
        switch server.state {
        case .ready?, .stopped?, .stopping?: (status.created, status.state) = (true, .created)
        case .disabled?: status.state = .error
        case .dropping?: status.state = .deleting
        default: status.state = status.created ? .created : .creating
        }
        if isCreationRefused, !status.created { status.state = .error }
    }

    private mutating func keep(_ server: Server) {
        func no(_ reason: Condition.Reason, _ message: String) -> Condition { Condition(.ready, false, reason, message) }
        let title = "the server \(server.name)"
        let serves = Condition(.ready, true, .ready, "\(title) serves clients at \(server.host ?? "?")\(restartNote)")
        switch server.state {
        case .ready?:
            work.readiness = serves
            guard sight.wait == nil else { return }
            change(server)
            if work.actions.isEmpty { arrange() }
            if work.actions.isEmpty { upgrade(server) }
        case .stopped?: work.readiness = no(.stopped, "\(title) is stopped on Azure")
        case .disabled?:
            work.readiness = no(.serverUnavailable, "\(title) is disabled on Azure")
            let way = status.created ? "see there why" : "it was never whole. Delete it there, and it is made anew"
            work.troubles.append((.serverUnavailable, "\(title) is disabled on Azure; \(way)"))
            // What failed while it was made may be mended by asking once more, which is all that is done.
            if !status.created, mayWrite(.creation), let password = situation.administratorPassword {
                let tags = server.tags.merging(tags(password)) { $1 }
                work.actions.append(.azure(.create(settings.newServer(tags: tags, password: password))))
            }
        default:
            let state = server.state?.rawValue ?? "?"
            // One that was whole goes on serving while most things of it change.
            let serves = status.created && server.state == .updating ? serves : nil
            work.readiness = serves ?? no(.serverUnavailable, "\(title) is \(state) on Azure")
            if work.progress.isEmpty { work.progress.append((status.created ? .updating : .provisioning, "\(title) is \(state) on Azure")) }
        }
    }

    private var restartNote: String {
        let names = settings.parameters.keys.filter { sight.parameters[$0]?.needsRestart == true }.sorted()
        return names.isEmpty ? "" : "; \(names.joined(separator: ", ")) will be in effect after a restart of the server"
    }

    private mutating func change(_ server: Server) {
        if !AzureSettings.isSameLocation(server.location, settings.location) {
            work.troubles.append((.cannotChange, "spec.azure.location: the server is in \(server.location), and stays there"))
        }
        if let login = server.administratorLogin, login != settings.login {
            work.troubles.append((.cannotChange, "spec.credentials.login: the server has \(login), and keeps it"))
        }
        if let trouble = sight.passwordTrouble { work.troubles.append(trouble) }
        guard let change = changes(of: server).map(AzureChange.change).first(where: { !sight.rests($0.kind) }) else { return }
        write(change)
    }

    /// All that is to be different in the server itself, but for its version: one call for each kind, since Azure refuses a call as a whole.
    private func changes(of server: Server) -> [ServerChanges] {
        func changes(_ set: (inout ServerChanges) -> Void) -> ServerChanges {
            var changes = ServerChanges()
            set(&changes)
            return changes
        }
        var all: [ServerChanges] = []
        let password = situation.administratorPassword
        let wanted = server.tags.merging(tags(password)) { $1 }
        if wanted != server.tags {
            // The tag tells which password was set.
            let isNew = password.map { server.tags[AzureSettings.secretTag] != $0.version } ?? false
            all.append(changes { ($0.tags, $0.administratorPassword) = (wanted, isNew ? password?.text : nil) })
        }
        if let sku = settings.sku, let old = server.sku, sku.name.lowercased() != old.name.lowercased() || sku.tier != old.tier {
            all.append(changes { $0.sku = sku })
        }
        // It may have grown by itself, and never shrinks.
        if let size = settings.storageGB, let old = server.storageGB, size > old { all.append(changes { $0.storageGB = size }) }
        return all
    }

    private mutating func write(_ change: AzureChange) {
        work.progress.append((change.kind == .version ? .upgrading : .updating, "the server changes: \(change)"))
        work.actions.append(.azure(change))
    }

    /// After all else: it takes long and cannot be undone.
    private mutating func upgrade(_ server: Server) {
        guard let wanted = settings.version, let name = server.version else { return }
        let old = AzureVersion.series(of: name)
        guard old != wanted else { return }
        switch UpgradePath.step(from: old, to: wanted) {
        case .allowed:
            var changes = ServerChanges()
            changes.version = AzureVersion.name(of: wanted)
            if !sight.rests(.version) { write(.change(changes)) }
        case .downgrade: work.troubles.append((.unsupportedUpgrade, "MySQL cannot go back from \(old) to \(wanted)"))
        case .skips(let next):
            work.troubles.append((.unsupportedUpgrade, "MySQL cannot go from \(old) to \(wanted) at once; upgrade to \(next) first"))
        }
    }

    // MARK: Rules and parameters

    private mutating func arrange() {
        if let trouble = sight.insideTrouble { return work.troubles.append(trouble) }
        let (noted, wanted) = (situation.managedNames, ManagedNames(settings))
        guard noted.covers(wanted) else { return work.actions.append(.noteManaged(noted.union(wanted))) }
        let changes = ruleChanges(noted, wanted) + [parameterChange(noted, wanted)].compactMap { $0 }
        if let change = changes.first(where: { !sight.rests($0.kind) }) {
            write(change)
        } else if changes.isEmpty, noted != wanted, work.troubles.isEmpty {
            work.actions.append(.noteManaged(wanted))
        }
    }

    private func ruleChanges(_ noted: ManagedNames, _ wanted: ManagedNames) -> [AzureChange] {
        let present = Dictionary(sight.rules.map { ($0.name.lowercased(), $0) }, uniquingKeysWith: { $1 })
        let new = settings.rules.filter { rule in
            let old = present[rule.name.lowercased()]
            return old?.startIP != rule.startIP || old?.endIP != rule.endIP
        }
        let old = noted.rules.subtracting(wanted.rules).sorted().compactMap { present[$0] }
        return new.map(AzureChange.setRule) + old.map { .deleteRule($0.name) }
    }

    private mutating func parameterChange(_ noted: ManagedNames, _ wanted: ManagedNames) -> AzureChange? {
        var values: [String: String?] = [:]
        for (name, value) in settings.parameters.sorted(by: { $0.key < $1.key }) {
            guard let parameter = sight.parameters[name] else {
                work.troubles.append((.refused, "spec.azure.parameters: Azure knows no parameter \(name)"))
                continue
            }
            guard parameter.value.lowercased() != value.lowercased() else { continue }
            if parameter.isReadOnly {
                work.troubles.append((.refused, "spec.azure.parameters: \(name) cannot be set on Azure; it is \(parameter.value)"))
            } else {
                values[parameter.name] = value
            }
        }
        for name in noted.parameters.subtracting(wanted.parameters) {
            guard let parameter = sight.parameters[name], !parameter.isReadOnly, let standard = parameter.defaultValue,
                parameter.value != standard
            else { continue }
            values[parameter.name] = .some(nil)
        }
        return values.isEmpty ? nil : .setParameters(values)
    }
}

extension Owner {
    /// Whether a server is ours: by the tag with our uid. Azure does not tell upper from lower case in the names of tags.
    func owns(_ server: Server) -> Bool {
        server.tags.contains { $0.key.lowercased() == AzureSettings.uidTag && $0.value == uid }
    }
}

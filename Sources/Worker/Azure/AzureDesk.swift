import AzureMySQL
import DBMMOMySQLAPI
import HTTPCalls
import KubernetesClient
import Logging
import NIOConcurrencyHelpers

/// Looks at servers on Azure and writes there, for one database at a time, and never waits for what Azure goes on with.
final class AzureDesk: Sendable {
    private let servers: any FlexibleServers
    private let client: KubernetesClient
    private let options: AzureOptions
    private let metrics: WorkerMetrics
    private let logger: Logger
    private let memories = NIOLockedValueBox<[ObjectKey: (uid: String, memory: AzureMemory)]>([:])

    init(
        _ servers: any FlexibleServers, client: KubernetesClient, options: AzureOptions, metrics: WorkerMetrics, logger: Logger
    ) {
        self.servers = servers
        self.client = client
        self.options = options
        self.metrics = metrics
        self.logger = logger
    }

    /// How long until Azure has to be looked at again; nil when it was not looked at.
    func pause(for owner: Owner) -> Duration? {
        memory(of: owner).nextLook.map { max(.milliseconds(100), $0 - .now) }
    }

    /// Another process may have worked meanwhile.
    func forgetAll() {
        memories.withLockedValue { $0 = [:] }
    }

    /// The database is gone.
    func forget(_ database: ObjectKey) {
        memories.withLockedValue { $0[database] = nil }
    }

    // MARK: Looking

    func look(at id: ServerID, for situation: Situation) async -> AzureSight {
        var memory = self.memory(of: situation.owner)
        defer { keep(memory, situation.owner) }
        var sight = AzureSight(id)
        // Its own status, written for the failure before, may have woken it.
        if let remark = memory.blindness(generation: situation.generation, at: .now) {
            sight.block = remark
            return sight
        }
        await findPassword(&sight, situation)
        let account: AzureAccount
        switch await self.account(situation, memory) {
        case .account(let found): account = found
        case .trouble(let remark):
            sight.block = remark
            memory.blinded(remark, options.secretInterval, generation: situation.generation, at: .now)
            return sight
        }
        memory.account = account
        do throws(AzureError) {
            await follow(&memory, account, [sight.password ?? situation.administratorPassword].compactMap { $0?.text }, situation)
            memory.forgetPast(generation: situation.generation, at: .now)
            let server = try await servers.server(id, account)
            memory.saw(server, at: .now)
            sight.server = server
            metrics.countAzure(.success)
        } catch {
            sight.block = error.remark
            memory.blinded(error.remark, error.retryAfter, generation: situation.generation, at: .now)
            log(error, situation)
            return sight
        }
        await lookInside(&sight, account, situation)
        memory.complete(&sight, situation, at: .now)
        if sight.passwordTrouble != nil || sight.insideTrouble != nil { memory.look(within: options.secretInterval, at: .now) }
        return sight
    }

    private func follow(_ memory: inout AzureMemory, _ account: AzureAccount, _ secrets: [Secret], _ situation: Situation) async {
        guard let running = memory.running, running.due <= .now else { return }
        do throws(AzureError) {
            let state = try await servers.state(of: running.operation, hiding: secrets, account)
            memory.saw(state, generation: situation.generation, at: .now)
        } catch {
            memory.lost(error, at: .now)
            log(error, situation)
        }
    }

    /// Looks at what only a server that is to be kept has to have right.
    private func lookInside(_ sight: inout AzureSight, _ account: AzureAccount, _ situation: Situation) async {
        guard let server = sight.server, server.state == .ready, situation.owner.owns(server), !situation.database.metadata.isBeingDeleted
        else { return }
        let noted = situation.managedNames
        let all = noted.union(AzureSettings(situation.database).map(ManagedNames.init) ?? noted)
        do throws(AzureError) {
            if !all.rules.isEmpty { sight.rules = try await servers.firewallRules(of: sight.id, account) }
            guard !all.parameters.isEmpty else { return }
            let parameters = try await servers.parameters(of: sight.id, account)
            sight.parameters = Dictionary(parameters.map { ($0.name.lowercased(), $0) }, uniquingKeysWith: { $1 })
        } catch {
            sight.insideTrouble = error.remark
            log(error, situation)
        }
    }

    // MARK: Writing

    /// - Returns: What is known afterwards.
    func write(_ change: AzureChange, _ sight: AzureSight, for situation: Situation) async -> AzureSight {
        var memory = self.memory(of: situation.owner)
        defer { keep(memory, situation.owner) }
        guard let account = memory.account else { return sight }
        var sight = sight
        var mayBeDone = true
        let metadata: Logger.Metadata = ["object": "\(situation.owner.key)", "azure.server": "\(sight.id)"]
        do throws(AzureError) {
            let operation = try await send(change, sight.id, account)
            logger.info("Azure: \(change)", metadata: metadata)
            metrics.countAzure(.success)
            memory.accepted(change, operation, generation: situation.generation, at: .now)
        } catch {
            mayBeDone = error.isAmbiguous
            memory.refused(change, error, generation: situation.generation, at: .now)
            log(error, situation)
        }
        memory.complete(&sight, situation, at: .now)
        sight.wrote(change, mayBeDone: mayBeDone)
        return sight
    }

    private func send(_ change: AzureChange, _ id: ServerID, _ account: AzureAccount) async throws(AzureError) -> AzureOperation? {
        switch change {
        case .create(let server): try await servers.create(server, at: id, account)
        case .change(let changes): try await servers.change(id, changes, account)
        case .setRule(let rule): try await servers.set(rule, of: id, account)
        case .deleteRule(let name): try await servers.deleteFirewallRule(name, of: id, account)
        case .setParameters(let values): try await servers.set(values, of: id, account)
        case .delete: try await servers.delete(id, account)
        }
    }

    // MARK: Secrets

    private func account(_ situation: Situation, _ memory: AzureMemory) async -> AzureAccess.Outcome {
        guard let azure = situation.database.spec.azure else {
            return memory.account.map { .account($0) } ?? .trouble((.invalidSpec, "spec.azure is missing"))
        }
        let access = AzureAccess(azure)
        guard let reference = access.secretReference else { return access.account(secret: nil, trusted: options.trustedEndpoints) }
        switch await secret(reference.name, reference.key, situation) {
        case .success(let password): return access.account(secret: password.text, trusted: options.trustedEndpoints)
        case .failure(let trouble):
            // Where a whole namespace is deleted, the Secret goes first.
            if situation.database.metadata.isBeingDeleted, let account = memory.account { return .account(account) }
            return .trouble(trouble.remark)
        }
    }

    private func findPassword(_ sight: inout AzureSight, _ situation: Situation) async {
        guard situation.database.side == .azure, let reference = situation.database.spec.credentials?.passwordSecretRef,
            let name = reference.name
        else { return }
        switch await secret(name, reference.key ?? Settings.passwordKey, situation) {
        case .success(let password): sight.password = password
        case .failure(let trouble): sight.passwordTrouble = trouble.remark
        }
    }

    private struct Trouble: Error {
        let remark: StatusReport.Remark
    }

    private func secret(_ name: String, _ key: String, _ situation: Situation) async -> Result<AdministratorPassword, Trouble> {
        do throws(KubernetesError) {
            let secret = try await client.get(.secrets, ObjectKey(namespace: situation.owner.key.namespace, name: name))
            guard let json = try? secret.json(), let content = AdministratorPassword(json, key: key) else {
                return .failure(Trouble(remark: (.secretMissing, "Secret \(name) has no key \(key)")))
            }
            return .success(content)
        } catch {
            let reason = error.isNotFound ? "does not exist" : "cannot be read: \(error)"
            return .failure(Trouble(remark: (.secretMissing, "Secret \(name) \(reason)")))
        }
    }

    // MARK: Memory

    private func memory(of owner: Owner) -> AzureMemory {
        let known = memories.withLockedValue { $0[owner.key] }
        return known.flatMap { $0.uid == owner.uid ? $0.memory : nil } ?? AzureMemory(options)
    }

    /// One database is worked on once at a time, so that nobody else changes its memory meanwhile.
    private func keep(_ memory: AzureMemory, _ owner: Owner) {
        memories.withLockedValue { $0[owner.key] = (owner.uid, memory) }
    }

    private func log(_ error: AzureError, _ situation: Situation) {
        metrics.countAzure(error.metric)
        logger.warning("not done on Azure", metadata: ["object": "\(situation.owner.key)", "error": "\(error)"])
    }
}

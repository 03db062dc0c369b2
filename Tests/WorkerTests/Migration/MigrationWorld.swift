import AzureMySQL
import DBMMOMySQLAPI
import JSON
import KubernetesAPI
import TestSupport
import Testing

@testable import Worker

/// A database, its user, the cluster's controllers, Azure, and a process that may be killed between any two writes. It watches over what must always
/// hold.
struct MigrationWorld {
    var cluster: ModelCluster
    /// Where the data is that the user relies on: it changes by what the user confirms, and by nothing else.
    private(set) var truth: Side
    /// Whether the migration in progress was confirmed at a time when it could be.
    private(set) var isConfirmed = false
    private(set) var isDeleted = false
    /// Whether a server was left on Azure because the user wanted it.
    private(set) var hasLeftServer = false
    /// Whether that ever was so. It may have been half made then, and come to nothing.
    private var hasEverLeftServer = false
    private(set) var broken: [String] = []
    private(set) var steps: Set<String> = []
    /// What the process knew when it last did something.
    private var known: ModelCluster?
    /// How many servers had been made when the migration began.
    private var creationsBefore = 0

    static let azure: JSONTree = [
        "serverName": "shop-orders", "subscriptionID": "5b1c7e52-93d4-4c0e-8a5f-6d2f0b7a9e01",
        "tenantID": "c3a90f14-2be7-4f6d-9b18-0e47d5c6a802", "clientID": "8d64e2b7-71fa-4a39-b3c5-9f1a2e8d4c03",
        "clientSecretRef": ["name": "identity", "key": "AZURE_CLIENT_SECRET"], "resourceGroup": "rg-orders", "location": "westeurope",
        "sku": ["name": "Standard_B1ms", "tier": "Burstable"], "storageGB": 20
    ]

    init(on side: Side, azure: JSONTree = Self.azure) {
        cluster = ModelCluster(["deploymentType": .string(side.rawValue), "credentials": ["login": "dbmmo_admin"], "azure": azure])
        truth = side
    }

    // MARK: The process

    /// One piece of work.
    ///
    /// - Parameters:
    ///   - limit: The process is killed after so many writes.
    ///   - lag: How the watches lag behind what others have done since the last piece of work; nil where they do not.
    ///   - interrupt: Called after each plan, before anything of it is done: what it changes the plan does not know of.
    /// - Returns: How many writes were made.
    @discardableResult
    mutating func reconcile(
        limit: Int = .max, lag: SeededGenerator? = nil, interrupt: (inout MigrationWorld) throws -> Void = { _ in }
    ) throws -> Int {
        var view = cluster
        if var lag, let known { view = cluster.seen(since: known, &lag) }
        (view.sight, view.absent, view.sawOrphan) = (nil, [], false)
        defer { known = cluster }
        var (writes, done) = (0, Set<String>())
        for _ in 0..<12 {
            if !isEstablished { truth = view.side }
            let object = try view.object.value
            let plan = try view.plan
            try interrupt(&self)
            let actions = plan.actions.filter { done.insert("\($0)").inserted }
            for action in actions {
                if writes == limit { return writes }
                if case .look = action {} else { writes += 1 }
                let before = self
                if try view.perform(action, on: &cluster) { try before.watch(action, view).map { note($0) } }
                checkService()
            }
            guard actions.isEmpty else { continue }
            if writes == limit { return writes }
            guard let status = plan.status, let patch = status.patch(for: object, at: Timestamp(seconds: 1_000_000)),
                view.resourceVersion == cluster.resourceVersion
            else { return writes }
            writes += 1
            told(status)
            cluster.status.mergePatch(patch["status"] ?? .emptyObject)
            view.takeDatabase(of: cluster)
            if !plan.isCheckpoint { return writes }
            view.sight = nil
            done.remove("look at Azure")
        }
        return writes
    }

    mutating func kill() {
        cluster.azure.forget()
        // The next one begins with what there is.
        known = nil
    }

    private mutating func told(_ status: DatabaseStatus) {
        if status.azure?.state == .notCreated, cluster.azure.server != nil, keepsServer {
            (hasLeftServer, hasEverLeftServer) = (true, true)
        }
        if status.azure?.created == true { hasLeftServer = false }
        let old = cluster.status["migration"]?["step"]
        guard let record = status.migration else {
            if old != nil { isConfirmed = false }
            return
        }
        steps.insert(record.step.rawValue)
        if old == nil {
            creationsBefore = cluster.azure.creations
            if record.source != truth { note("a migration leaves \(record.source), where the data is not") }
        }
        if record.step.isCommitted {
            if !isConfirmed { note("\(record.step) without a confirmation") }
            truth = record.target
        }
    }

    /// Whether there is anything that may hold data.
    private var isEstablished: Bool {
        cluster.objects[.claim] != nil || cluster.status["azure"]?["created"]?.text == "true" || cluster.status["migration"] != nil
    }

    // MARK: What must hold

    private mutating func note(_ fault: String) { broken.append(fault) }

    private mutating func checkCreations() {
        guard cluster.status["migration"] != nil, cluster.azure.creations - creationsBefore > 1 else { return }
        note("a second server in one migration")
    }

    /// - Parameter view: What the process knew. Whether a pod is ready it cannot know better.
    /// - Returns: What is wrong with an action.
    private func watch(_ action: Plan.Action, _ view: ModelCluster) throws -> String? {
        guard let side = action.destroys, !isDeleted else { return nil }
        if side == truth { return "\(action) on \(side), where the data is" }
        guard let record = MigrationRecord(of: try DBMMOMySQL(try cluster.object.value)) else {
            // It was asked for, never was whole, and is no longer wanted.
            if side == .azure, cluster.status["azure"]?["created"]?.text != "true" { return nil }
            return "\(action) without a migration"
        }
        if record.step == .removingSource, side == record.source, !isTargetReady(record.target, view) {
            return "\(action) while the target is not ready"
        }
        return [.removingSource, .rollingBack].contains(record.step) ? nil : "\(action) in step \(record.step)"
    }

    private func isTargetReady(_ side: Side, _ view: ModelCluster) -> Bool {
        switch side {
        case .azure: cluster.azure.server?.state == .ready
        case .onCluster:
            view.objects[.statefulSet] != nil && view.objects[.claim] != nil && !view.pods.isEmpty && view.endpoints != nil
        }
    }

    private mutating func checkService() {
        checkCreations()
        guard let service = cluster.objects[.clientService], isEstablished, !isDeleted else { return }
        // While it is switched it may lead to either.
        if cluster.status["migration"]?["step"]?.text == #""SwitchingOver""# { return }
        let side: Side = service["spec"]?["externalName"] == nil ? .onCluster : .azure
        if side != truth { note("clients are led to \(side), and the data is on \(truth)") }
    }

    // MARK: The user

    /// Writes a spec, as far as the webhooks let it.
    ///
    /// - Parameter isGuarded: Whether they are there.
    /// - Returns: Whether it was written.
    @discardableResult
    mutating func edit(isGuarded: Bool = true, _ change: (inout JSONTree) -> Void) throws -> Bool {
        guard !isDeleted else { return false }
        var next = cluster
        change(&next.spec)
        next.generation += 1
        let (old, new) = (try DBMMOMySQL(try cluster.object.value), try DBMMOMySQL(try next.object.value))
        if isGuarded, !Validation.update(from: old, to: new, words: .v1).violations.isEmpty { return false }
        let becomesConfirmed = new.spec.isMigrationConfirmed && !old.spec.isMigrationConfirmed && new.side == old.side
        // Nobody has to have seen that it was called off for a moment.
        let isTakenUp = new.spec.isMigrationConfirmed && old.side == old.migrationSource
        let step = old.status.migrationStep
        if becomesConfirmed || isTakenUp, step?.isConfirmable == true, new.side != old.migrationSource { isConfirmed = true }
        if isGuarded, becomesConfirmed, !isConfirmed {
            note("confirmed in step \(step.map(\.rawValue) ?? "none"), and the webhook let it pass")
        }
        if !new.spec.isMigrationConfirmed || new.side == new.migrationSource, step?.isCommitted != true { isConfirmed = false }
        cluster = next
        return true
    }

    @discardableResult
    mutating func turn(to side: Side, confirm: Bool = false, isGuarded: Bool = true) throws -> Bool {
        try edit(isGuarded: isGuarded) { spec in
            spec.put(.string(side.rawValue), at: ["deploymentType"])
            spec.put(.boolean(confirm), at: ["migration", "confirm"])
        }
    }

    @discardableResult
    mutating func confirm(_ value: Bool = true, isGuarded: Bool = true) throws -> Bool {
        try edit(isGuarded: isGuarded) { $0.put(.boolean(value), at: ["migration", "confirm"]) }
    }

    mutating func delete() {
        isDeleted = true
        cluster.metadata.put("2026-11-25T12:00:00Z", at: ["deletionTimestamp"])
        cluster.generation += 1
    }

    // MARK: Everybody else

    /// The controllers and a kubelet do all that they can.
    mutating func runControllers() {
        if cluster.objects[.claim] != nil { cluster.bindClaim("20Gi") }
        if cluster.objects[.statefulSet] != nil { cluster.run() } else { (cluster.pods, cluster.endpoints) = ([], nil) }
        if cluster.objects[.clientService]?["spec"]?["externalName"] != nil { cluster.endpoints = nil }
    }

    /// All that goes on comes to its end, and nothing is in the way.
    mutating func calm() throws {
        (cluster.azure.mood, cluster.azure.isDark, cluster.azure.lag) = (.fine, false, .zero)
        var quiet = 0
        for _ in 0..<80 {
            runControllers()
            cluster.azure.finish()
            cluster.azure.pass(.seconds(301))
            quiet = try reconcile() == 0 ? quiet + 1 : 0
            if quiet == 3 { return }
        }
        note("it does not come to rest")
    }

    // MARK: Ends

    private var keepsServer: Bool { cluster.spec["azure"]?["keepResources"]?.text == "true" }

    var side: Side { cluster.side }

    var isOnCluster: Bool { !Part.database.isDisjoint(with: cluster.objects.keys) }

    /// What is wrong with a world at rest.
    var faultsAtRest: [String] {
        var faults: [String] = []
        func demand(_ holds: Bool, _ fault: String) { if !holds { faults.append(fault) } }
        if isDeleted {
            demand(
                cluster.objects.isEmpty && cluster.finalizers.isEmpty, "objects are left: \(cluster.objects.keys), \(cluster.finalizers)")
            demand(cluster.azure.server == nil || keepsServer || hasLeftServer, "a server is left")
            return faults
        }
        if hasEverLeftServer, cluster.status["conditions"]?.text.contains(#""ServerMissing""#) == true { return [] }
        guard let step = cluster.status["migration"]?["step"]?.text else {
            demand(side == truth, "at rest on \(truth), and the spec says \(side)")
            demand(isOnCluster == (side == .onCluster), "objects on the cluster: \(cluster.objects.keys.sorted())")
            demand(
                (cluster.azure.server != nil) == (side == .azure) || hasLeftServer,
                "server: \(cluster.azure.server?.state?.rawValue ?? "none")")
            demand(cluster.objects[.clientService] != nil, "no Service")
            return faults
        }
        let confirm = cluster.spec["migration"]?["confirm"]?.text == "true"
        demand(
            step == #""AwaitingConfirmation""# && !confirm || step == #""ProvisioningTarget""# && confirm,
            "rests in \(step), confirm \(confirm)")
        demand(isOnCluster && cluster.azure.server != nil, "one side is not there in \(step)")
        return faults
    }
}

extension ModelCluster {
    /// Which side the spec says.
    fileprivate var side: Side { spec["deploymentType"]?.text == #""Azure""# ? .azure : .onCluster }
}

extension Plan.Action {
    /// The side whose data it takes away.
    fileprivate var destroys: Side? {
        switch self {
        case .delete(.statefulSet, _, let orphaning): orphaning ? nil : .onCluster
        case .delete(.claim, _, _), .deletePod, .deleteStray(.claim): .onCluster
        case .azure(.delete): .azure
        default: nil
        }
    }
}

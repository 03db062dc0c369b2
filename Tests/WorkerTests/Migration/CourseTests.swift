import AzureMySQL
import DBMMOMySQLAPI
import JSON
import KubernetesAPI
import KubernetesClient
import Testing

@testable import Worker

@Suite("a migration")
struct CourseTests {
    private static func running(on side: Side) throws -> MigrationWorld {
        var world = MigrationWorld(on: side)
        try world.calm()
        try #require(world.faultsAtRest == [])
        return world
    }

    /// A migration of which the target is ready.
    private static func awaiting(from side: Side) throws -> MigrationWorld {
        var world = try running(on: side)
        try world.turn(to: side.other)
        try world.calm()
        try #require(world.step == "AwaitingConfirmation" && world.broken == [])
        return world
    }

    @Test("makes the target, waits, switches over when it is confirmed, and then removes the source", arguments: Side.allCases)
    func whole(from: Side) throws {
        var world = try Self.awaiting(from: from)
        #expect(world.condition(.ready) == "True Ready" && world.condition(.migrating) == "True AwaitingConfirmation")
        world.cluster.status.put("2026-01-01T00:00:00Z", at: ["migration", "startedAt"])
        try world.reconcile()
        #expect(world.cluster.status["migration"]?["startedAt"]?.text == #""2026-01-01T00:00:00Z""#)
        #expect(world.cluster.status["phase"]?.text == #""Migrating""#)
        #expect(try world.confirm())
        try world.calm()
        #expect(world.steps == ["ProvisioningTarget", "TargetReady", "AwaitingConfirmation", "SwitchingOver", "RemovingSource"])
        #expect(world.step == nil && world.broken == [] && world.faultsAtRest == [] && world.truth == from.other)
        #expect(world.condition(.ready) == "True Ready" && world.condition(.migrating) == "False NotMigrating")
    }

    @Test("that is called off removes the target and leaves the source as it was", arguments: Side.allCases)
    func rollback(from: Side) throws {
        var world = try Self.running(on: from)
        let (objects, server) = (world.cluster.objects.filter { $0.key != .credentials }, world.cluster.azure.server)
        try world.turn(to: from.other)
        try world.calm()
        try world.turn(to: from)
        try world.calm()
        #expect(world.step == nil && world.broken == [] && world.faultsAtRest == [] && world.truth == from)
        #expect(world.cluster.objects.filter { $0.key != .credentials }.mapValues(\.text) == objects.mapValues(\.text))
        #expect(world.cluster.azure.server == server)
        #expect(world.steps.contains("RollingBack"))
    }

    @Test("that was confirmed waits with everything until the target is ready again", arguments: Side.allCases)
    func targetLost(from: Side) throws {
        var world = try Self.awaiting(from: from)
        if from == .azure { world.cluster.run(ready: false) } else { world.cluster.azure.server?.state = .stopped }
        try world.confirm()
        try world.reconcile()
        try world.reconcile()
        #expect(world.step == "AwaitingConfirmation" && world.message(.migrating).contains("is not ready"))
        if from == .azure { world.cluster.run() } else { world.cluster.azure.server?.state = .ready }
        try world.calm()
        #expect(world.step == nil && world.broken == [] && world.faultsAtRest == [])
    }

    @Test("keeps the source as long as a target that failed late is not ready", arguments: Side.allCases)
    func targetLostLate(from: Side) throws {
        var world = try Self.awaiting(from: from)
        try world.confirm()
        var writes = 0
        while world.step != "RemovingSource", writes < 20 { writes += try world.reconcile(limit: 1) }
        if from == .azure { world.cluster.run(ready: false) } else { world.cluster.azure.server?.state = .stopped }
        for _ in 0..<4 { try world.reconcile() }
        #expect(from == .azure ? world.cluster.azure.server != nil : world.cluster.objects[.claim] != nil)
        #expect(world.step == "RemovingSource" && world.message(.migrating).contains("is not ready"))
        if from == .azure { world.cluster.run() } else { world.cluster.azure.server?.state = .ready }
        try world.calm()
        #expect(world.step == nil && world.broken == [] && world.faultsAtRest == [])
    }

    @Test("that is called off leaves no server behind that was asked for and shows up late")
    func lateServer() throws {
        var world = try Self.running(on: .onCluster)
        (world.cluster.azure.mood, world.cluster.azure.lag) = (.answerLost, .seconds(200))
        try world.turn(to: .azure)
        try world.reconcile()
        try world.reconcile()
        world.cluster.azure.finish()
        world.cluster.azure.mood = .fine
        world.kill()
        try world.turn(to: .onCluster)
        for _ in 0..<3 {
            try world.reconcile()
            world.cluster.azure.pass(.seconds(25))
            #expect(world.step == "RollingBack" && world.cluster.azure.running == nil && world.cluster.azure.server != nil)
        }
        // It still cannot be seen. It is deleted all the same, and what Azure says of that counts.
        try world.reconcile()
        #expect(world.step == "RollingBack" && world.cluster.azure.running?.change == .delete)
        try world.calm()
        #expect(world.step == nil && world.broken == [] && world.faultsAtRest == [])
    }

    @Test("keeps what was told of it while its spec breaks a rule")
    func invalid() throws {
        var world = try Self.awaiting(from: .onCluster)
        let record = world.cluster.status["migration"]
        try world.edit(isGuarded: false) { $0.put(7, at: ["replicas"]) }
        try world.reconcile()
        #expect(world.condition(.degraded) == "True InvalidSpec")
        #expect(world.cluster.status["migration"]?.text == record?.text && world.message(.migrating).contains("is ready"))
    }

    @Test("goes no further before clients are led to the target", arguments: Side.allCases)
    func noService(from: Side) throws {
        var world = try Self.awaiting(from: from)
        // Somebody deleted it, and a load balancer still has to let it go.
        world.cluster.set(.clientService, ["metadata", "deletionTimestamp"], "2026-11-25T12:00:00Z")
        try world.confirm()
        for _ in 0..<4 { try world.reconcile() }
        #expect(world.step == "SwitchingOver")
        // Nor when it leads there, and is about to go.
        let host: JSONTree = .string(world.cluster.azure.server?.host ?? "")
        let there: JSONTree = from == .onCluster ? ["type": "ExternalName", "externalName": host] : ["type": "ClusterIP"]
        world.cluster.set(.clientService, ["spec"], there)
        for _ in 0..<4 { try world.reconcile() }
        #expect(world.step == "SwitchingOver")
        world.cluster.objects[.clientService] = nil
        try world.calm()
        #expect(world.step == nil && world.broken == [] && world.faultsAtRest == [])
    }

    @Test("is not begun by what is left over on the side that clients do not use")
    func leftOver() throws {
        var world = try Self.running(on: .azure)
        // Somebody restored it from a backup, to look at it.
        var claim = try Self.running(on: .onCluster).cluster.objects[.claim]
        claim?.put(.string("restored"), at: ["metadata", "uid"])
        world.cluster.objects[.claim] = claim
        try world.calm()
        #expect(world.step == nil && world.condition(.degraded) == "True LeftOver" && world.condition(.ready) == "True Ready")
        #expect(world.cluster.objects[.claim] != nil && world.broken == [])
        world.cluster.objects[.claim] = nil
        try world.calm()
        #expect(world.condition(.degraded) == "False AsExpected")
    }

    @Test("keeps a source that lost our tag, until it has it again or is to be kept")
    func untaggedSource() throws {
        var world = try Self.awaiting(from: .azure)
        world.cluster.azure.server?.tags = [:]
        try world.confirm()
        try world.calm()
        #expect(world.step == "RemovingSource" && world.condition(.degraded) == "True NameConflict" && world.broken == [])
        try world.edit { $0.put(true, at: ["azure", "keepResources"]) }
        try world.calm()
        #expect(world.step == nil && world.cluster.azure.server != nil)
    }

    @Test("removes nothing while nobody can see how the target is")
    func blind() throws {
        var world = try Self.awaiting(from: .onCluster)
        try world.confirm()
        var writes = 0
        while world.step != "RemovingSource", writes < 20 { writes += try world.reconcile(limit: 1) }
        world.cluster.azure.isDark = true
        for _ in 0..<4 { try world.reconcile() }
        #expect(world.condition(.ready) == "True Ready" && world.cluster.objects[.statefulSet] != nil && world.step == "RemovingSource")
        world.cluster.azure.isDark = false
        try world.calm()
        #expect(world.step == nil && world.broken == [] && world.faultsAtRest == [])
    }

    @Test("does not take a confirmation from before", arguments: Side.allCases)
    func leftover(from: Side) throws {
        var world = try Self.running(on: from)
        #expect(try !world.turn(to: from.other, confirm: true))
        try world.turn(to: from.other, confirm: true, isGuarded: false)
        try world.calm()
        #expect(world.step == "ProvisioningTarget" && world.condition(.degraded) == "True LeftoverConfirmation" && world.broken == [])
        try world.confirm(false)
        try world.calm()
        #expect(world.step == "AwaitingConfirmation" && world.condition(.degraded) == "False AsExpected")
    }

    @Test("that is called off after it was confirmed goes through, and then back", arguments: Side.allCases)
    func tooLate(from: Side) throws {
        var world = try Self.awaiting(from: from)
        try world.confirm()
        try world.reconcile(limit: 1)
        try #require(world.step == "SwitchingOver")
        #expect(try !world.turn(to: from))
        // The confirmation is taken back first, which is no way around it.
        try world.confirm(false)
        #expect(try !world.turn(to: from))
        try world.turn(to: from, isGuarded: false)
        try world.calm()
        #expect(world.step == "AwaitingConfirmation" && world.truth == from.other && world.broken == [])
        #expect(world.side == from)
    }

    @Test("is removed as a whole in every step", arguments: Side.allCases, MigrationStep.allCases)
    func deletion(from: Side, step: MigrationStep) throws {
        var world = try Self.running(on: from)
        try world.turn(to: from.other)
        var patience = 0
        while world.step != step.rawValue, patience < 60 {
            try world.reconcile(limit: 1)
            if world.step == "AwaitingConfirmation", step.isCommitted { try world.confirm() }
            if world.step == "ProvisioningTarget", step == .rollingBack { try world.turn(to: from) }
            world.runControllers()
            world.cluster.azure.finish()
            world.cluster.azure.pass(.seconds(2))
            patience += 1
        }
        try #require(world.step == step.rawValue)
        world.delete()
        try world.calm()
        #expect(world.faultsAtRest == [])
    }

    @Test("leaves a server that is to be kept, and takes it on when the database comes back")
    func kept() throws {
        var world = try Self.running(on: .azure)
        try world.edit { $0.put(true, at: ["azure", "keepResources"]) }
        try world.turn(to: .onCluster)
        try world.calm()
        try world.confirm()
        try world.calm()
        #expect(world.step == nil && world.faultsAtRest == [] && world.cluster.azure.server != nil)
        try world.turn(to: .azure)
        try world.calm()
        #expect(world.step == "AwaitingConfirmation" && world.cluster.azure.creations == 1)
    }

    @Test("goes on from what v1alpha1 tells of it")
    func legacy() throws {
        var world = try Self.running(on: .onCluster)
        try world.turn(to: .azure)
        world.cluster.status.put(["inProgress": true], at: ["migration"])
        try world.calm()
        #expect(world.step == "AwaitingConfirmation" && world.cluster.status["migration"]?["from"]?.text == #""OnCluster""#)
    }

    @Test("tells of each step once, and of its end")
    func events() throws {
        var record = MigrationRecord(from: .onCluster)
        record.message = "the database is made on Azure"
        var status = DatabaseStatus(generation: 1, phase: .migrating, conditions: [])
        status.migration = record
        let first = StatusEvents.events(from: nil, to: status)
        #expect(first == [StatusEvents.Event(type: .normal, reason: "ProvisioningTarget", note: record.message)])
        let stored = try (["migration": record.tree(at: .init(seconds: 1))] as JSONTree).value
        #expect(StatusEvents.events(from: stored, to: status).isEmpty)
        status.migration = nil
        #expect(StatusEvents.events(from: stored, to: status).map(\.reason) == ["Migrated"])
        let off = try (["migration": record.at(.rollingBack).tree(at: .init(seconds: 1))] as JSONTree).value
        #expect(StatusEvents.events(from: off, to: status).map(\.reason) == ["RolledBack"])
    }
}

extension MigrationWorld {
    var step: String? {
        guard case .string(let step)? = cluster.status["migration"]?["step"] else { return nil }
        return step
    }
}

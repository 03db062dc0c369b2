import AzureMySQL
import DBMMOMySQLAPI
import HTTPCalls
import JSON
import Testing

@testable import Worker

@Suite("a server on Azure")
struct AzurePlanTests {
    private static func world(_ change: (inout JSONTree) -> Void = { _ in }) throws -> MigrationWorld {
        var azure = MigrationWorld.azure
        change(&azure)
        return MigrationWorld(on: .azure, azure: azure)
    }

    private static func running(_ change: (inout JSONTree) -> Void = { _ in }) throws -> MigrationWorld {
        var world = try world(change)
        try world.calm()
        try #require(world.faultsAtRest == [] && world.condition(.ready) == "True Ready")
        return world
    }

    @Test("is noted before it is asked for, and clients are led to it when it is whole")
    func creation() throws {
        var world = try Self.world()
        try world.reconcile(limit: 3)
        #expect(world.cluster.status["azure"]?["state"]?.text == #""Creating""#)
        #expect(world.cluster.status["azure"]?["created"]?.text == "false")
        #expect(world.cluster.status["azure"]?["server"]?["id"]?.text.contains("/flexibleServers/shop-orders") == true)
        #expect(world.cluster.azure.running == nil)
        try world.reconcile()
        #expect(world.cluster.azure.running?.change.description == "create server")
        #expect(world.cluster.objects.keys.sorted() == [.credentials])
        #expect(world.condition(.progressing) == "True Provisioning")
        // Its host is known before it is whole.
        try world.reconcile()
        #expect(world.cluster.objects[.clientService] == nil)
        world.cluster.azure.finish()
        world.cluster.azure.pass(.seconds(2))
        try world.reconcile(limit: 1)
        #expect(world.cluster.status["azure"]?["created"]?.text == "true" && world.cluster.objects[.clientService] == nil)
        try world.calm()
        #expect(world.condition(.ready) == "True Ready" && world.condition(.degraded) == "False AsExpected")
        #expect(world.cluster.status["azure"]?["state"]?.text == #""Created""#)
        #expect(world.cluster.status["endpoint"]?["host"]?.text == #""shop-orders.mysql.database.azure.com""#)
        #expect(world.cluster.objects[.clientService]?["spec"]?["externalName"]?.text == #""shop-orders.mysql.database.azure.com""#)
        #expect(world.cluster.azure.server?.tags[AzureSettings.uidTag] == ModelCluster.uid)
        #expect(world.cluster.azure.creations == 1)
    }

    @Test("that has our tag is taken on, and one that has not is left alone", arguments: [true, false])
    func adoption(isOurs: Bool) throws {
        var world = try Self.world()
        // Azure writes it in its own way.
        let id = try #require(try world.cluster.situation.serverID).description.uppercased()
        var server = Server(
            id: id, name: "shop-orders",
            type: "t", location: "West Europe", tags: isOurs ? [AzureSettings.uidTag: ModelCluster.uid] : ["team": "shop"])
        (server.state, server.version, server.host, server.administratorLogin) = (.ready, "8.4", "h", "dbmmo_admin")
        world.cluster.azure.server = server
        try world.calm()
        #expect(world.cluster.azure.creations == 0)
        #expect(world.condition(.ready) == (isOurs ? "True Ready" : "False NotCreated"))
        #expect(world.condition(.degraded) == (isOurs ? "False AsExpected" : "True NameConflict"))
        if !isOurs { #expect(world.cluster.azure.server == server) }
        // What was taken on was whole before, whatever it is like now.
        if isOurs { #expect(world.cluster.status["azure"]?["created"]?.text == "true") }
        world.delete()
        try world.calm()
        #expect(world.faultsAtRest == (isOurs ? [] : ["a server is left"]))
        #expect(world.cluster.finalizers.isEmpty)
    }

    @Test("that is taken on while it does not work is not taken for one that never did")
    func adoptedDisabled() throws {
        var world = try Self.world()
        var server = Server(
            id: try #require(try world.cluster.situation.serverID).description, name: "shop-orders", type: "t", location: "West Europe",
            tags: [AzureSettings.uidTag: ModelCluster.uid])
        server.state = .disabled
        world.cluster.azure.server = server
        try world.calm()
        #expect(world.cluster.status["azure"]?["created"]?.text == "true" && world.condition(.degraded) == "True ServerUnavailable")
        #expect(!world.message(.degraded).contains("Delete") && world.cluster.azure.server == server)
    }

    @Test("is deleted with its object also when the status was lost")
    func lostStatus() throws {
        var world = try Self.running()
        world.cluster.status = .emptyObject
        world.delete()
        try world.calm()
        #expect(world.faultsAtRest == [])
    }

    @Test(
        "follows the spec in all else where Azure refuses one part of it, and in that too once Azure takes it",
        arguments: [.storage, .sku, .parameters, .rule("office"), .tags] as [AzureChange.Kind])
    func refused(kind: AzureChange.Kind) throws {
        var world = try Self.running { $0.put("8.0", at: ["version"]) }
        world.cluster.azure.refused = [kind]
        try world.edit { spec in
            spec.put("Standard_D2ds_v4", at: ["azure", "sku", "name"])
            spec.put("GeneralPurpose", at: ["azure", "sku", "tier"])
            spec.put(64, at: ["azure", "storageGB"])
            spec.put(["wait_timeout": "600"], at: ["azure", "parameters"])
            let rules: [JSONTree] = ["office", "home"].map { ["name": .string($0), "startIP": "1.2.3.4", "endIP": "1.2.3.4"] }
            spec.put(.array(rules), at: ["azure", "firewallRules"])
        }
        world.cluster.azure.server?.tags[AzureSettings.nameTag] = "changed"
        for _ in 0..<20 {
            try world.reconcile()
            world.cluster.azure.finish()
            world.cluster.azure.pass(.seconds(2))
        }
        func done() -> [AzureChange.Kind: Bool] {
            let azure = world.cluster.azure
            return [
                .sku: azure.server?.sku?.name == "Standard_D2ds_v4", .storage: azure.server?.storageGB == 64,
                .parameters: azure.parameters["wait_timeout"] == "600", .rule("office"): azure.rules.contains { $0.name == "office" },
                .rule("home"): azure.rules.contains { $0.name == "home" }, .tags: azure.server?.tags[AzureSettings.nameTag] != "changed"
            ]
        }
        #expect(done().filter { !$0.value }.map(\.key) == [kind])
        #expect(world.condition(.degraded) == "True Refused" && world.condition(.ready) == "True Ready")
        world.cluster.azure.refused = []
        world.cluster.azure.pass(.seconds(600))
        try world.calm()
        #expect(done().filter { !$0.value }.isEmpty)
        #expect(world.condition(.degraded) == "False AsExpected")
    }

    @Test("follows the spec in size, storage, tags and version; storage that grew by itself is no trouble")
    func changes() throws {
        var world = try Self.running()
        try world.edit { spec in
            spec.put("Standard_D2ds_v4", at: ["azure", "sku", "name"])
            spec.put("GeneralPurpose", at: ["azure", "sku", "tier"])
            spec.put(64, at: ["azure", "storageGB"])
        }
        world.cluster.azure.server?.tags["team"] = "shop"
        try world.calm()
        let server = try #require(world.cluster.azure.server)
        #expect(server.sku == SKU(name: "Standard_D2ds_v4", tier: "GeneralPurpose") && server.storageGB == 64)
        #expect(server.tags["team"] == "shop")
        world.cluster.azure.server?.storageGB = 80
        world.cluster.azure.server?.tags[AzureSettings.nameTag] = "changed"
        try world.calm()
        #expect(world.cluster.azure.server?.tags == server.tags && world.cluster.azure.server?.storageGB == 80)
        #expect(world.condition(.degraded) == "False AsExpected")
        #expect(world.cluster.status["azure"]?["server"]?["tags"]?["team"]?.text == #""shop""#)
        world.cluster.azure.server?.tags["team"] = nil
        try world.calm()
        #expect(world.cluster.status["azure"]?["server"]?["tags"]?["team"] == nil)
    }

    @Test(
        "has the tier of its family where the spec names none",
        arguments: [
            ("Standard_B2s", "Burstable"), ("Standard_D2ds_v4", "GeneralPurpose"), ("standard_e4ds_v4", "MemoryOptimized")
        ])
    func tiers(name: String, tier: String) throws {
        let world = try Self.world { $0.put(["name": .string(name)], at: ["sku"]) }
        let settings = try #require(AzureSettings(try DBMMOMySQL(try world.cluster.object.value)))
        #expect(settings.sku == SKU(name: name, tier: tier))
    }

    @Test("goes one version up, and neither back nor two at once", arguments: [("5.7", "8.0.21"), ("8.4", "8.4"), ("5.6", "5.7")])
    func versions(old: String, new: String) throws {
        var world = try Self.running { $0.put(20, at: ["storageGB"]) }
        world.cluster.azure.server?.version = old
        try world.edit { $0.put("8.0", at: ["version"]) }
        // The rule would refuse a step back; this one came while the webhooks were away.
        try world.edit(isGuarded: false) { $0.put("8.0", at: ["version"]) }
        try world.calm()
        #expect(world.cluster.azure.server?.version == (old == "5.7" ? new : old))
        #expect(world.condition(.degraded) == (old == "5.7" ? "False AsExpected" : "True UnsupportedUpgrade"))
    }

    @Test("has the rules of the spec; those that the spec drops go, and those of others stay")
    func rules() throws {
        func rule(_ name: String, _ end: String = "203.0.113.9") -> JSONTree {
            ["name": .string(name), "startIP": "203.0.113.1", "endIP": .string(end)]
        }
        var world = try Self.running { $0.put([rule("office"), rule("build")], at: ["firewallRules"]) }
        world.cluster.azure.rules.append(FirewallRule(name: "portal", startIP: "198.51.100.1", endIP: "198.51.100.1"))
        #expect(Set(world.cluster.azure.rules.map(\.name)) == ["office", "build", "portal"])
        try world.edit { $0.put([rule("office", "203.0.113.20"), rule("home")], at: ["azure", "firewallRules"]) }
        // Named before it is made, so that whoever comes next knows whose it is.
        try world.reconcile(limit: 1)
        #expect(world.cluster.situationNames.rules == ["build", "home", "office"])
        try world.calm()
        #expect(
            Set(world.cluster.azure.rules.map { "\($0.name) \($0.endIP)" }) == [
                "office 203.0.113.20", "home 203.0.113.9", "portal 198.51.100.1"
            ])
        #expect(world.cluster.situationNames.rules == ["home", "office"])
        world.cluster.azure.rules.removeAll { $0.name == "office" }
        try world.calm()
        #expect(world.cluster.azure.rules.contains { $0.name == "office" })
    }

    @Test("has the parameters of the spec; those that the spec drops go back to their default; an unknown one is told")
    func parameters() throws {
        var world = try Self.running { $0.put(["max_connections": "300"], at: ["parameters"]) }
        #expect(world.cluster.azure.parameters["max_connections"] == "300")
        world.cluster.azure.parameters["wait_timeout"] = "60"
        try world.edit { $0.put(["no_such_thing": "1"], at: ["azure", "parameters"]) }
        try world.calm()
        #expect(world.cluster.azure.parameters["max_connections"] == nil && world.cluster.azure.parameters["wait_timeout"] == "60")
        #expect(world.condition(.degraded) == "True Refused")
        #expect(world.message(.degraded).contains("no_such_thing"))
    }

    @Test("gets the password of its Secret, and a new one when that changes")
    func password() throws {
        var world = try Self.running()
        let before = world.cluster.azure.server?.tags[AzureSettings.secretTag]
        world.cluster.objects[.credentials]?.put("99", at: ["metadata", "resourceVersion"])
        try world.calm()
        let after = world.cluster.azure.server?.tags[AzureSettings.secretTag]
        #expect(before != nil && after != before && after?.hasSuffix(".99") == true)
    }

    @Test("that lost our tag is left alone, and not forgotten")
    func untagged() throws {
        var world = try Self.running()
        world.cluster.azure.server?.tags = [:]
        try world.edit { $0.put(64, at: ["azure", "storageGB"]) }
        try world.calm()
        #expect(world.condition(.degraded) == "True NameConflict" && world.condition(.ready) == "True Ready")
        #expect(world.cluster.azure.server?.storageGB == 20 && world.cluster.azure.server?.tags == [:])
        // It is not as if there were no database: to leave it takes a migration.
        try world.turn(to: .onCluster)
        try world.calm()
        #expect(world.step == "AwaitingConfirmation" && world.broken == [])
        try world.turn(to: .azure)
        world.cluster.azure.server?.tags = [AzureSettings.uidTag: ModelCluster.uid]
        try world.calm()
        #expect(world.condition(.degraded) == "False AsExpected" && world.cluster.azure.server?.storageGB == 64)
    }

    @Test("goes on serving while it changes, but not before it was whole or while it starts")
    func updating() throws {
        var world = try Self.running()
        world.cluster.azure.server?.state = .updating
        try world.reconcile()
        #expect(world.condition(.ready) == "True Ready" && world.condition(.progressing) == "True Updating")
        world.cluster.azure.server?.state = .starting
        try world.reconcile()
        #expect(world.condition(.ready) == "False ServerUnavailable")
        var fresh = try Self.world()
        try fresh.reconcile()
        fresh.cluster.azure.server?.state = .updating
        try fresh.reconcile()
        #expect(fresh.condition(.ready) == "False ServerUnavailable")
    }

    @Test("that is gone is not made again with nothing in it")
    func gone() throws {
        var world = try Self.running()
        world.cluster.azure.server = nil
        try world.calm()
        #expect(world.cluster.azure.creations == 1)
        #expect(world.condition(.degraded) == "True ServerMissing" && world.condition(.ready) == "False NotCreated")
        #expect(world.cluster.status["azure"]?["state"]?.text == #""Error""#)
    }

    @Test("whose creation fails half way is asked for again later, and the failure is told until then")
    func failure() throws {
        var world = try Self.world()
        world.cluster.azure.mood = .failsLater
        try world.reconcile()
        world.cluster.azure.finish()
        world.cluster.azure.pass(.seconds(2))
        try world.reconcile()
        #expect(world.condition(.degraded) == "True OperationFailed" && world.message(.degraded).contains("half way"))
        #expect(world.cluster.status["azure"]?["state"]?.text == #""Error""#)
        #expect(try world.reconcile() == 0)
        try world.calm()
        #expect(world.condition(.ready) == "True Ready" && world.condition(.degraded) == "False AsExpected")
    }

    @Test("on which a change failed is no trouble any more once somebody else made that change")
    func mended() throws {
        var world = try Self.running()
        world.cluster.azure.mood = .failsLater
        try world.edit { $0.put(64, at: ["azure", "storageGB"]) }
        try world.reconcile()
        world.cluster.azure.finish()
        world.cluster.azure.pass(.seconds(2))
        try world.reconcile()
        #expect(world.condition(.degraded) == "True OperationFailed")
        world.cluster.azure.server?.storageGB = 64
        world.cluster.azure.pass(.seconds(301))
        try world.reconcile()
        #expect(world.condition(.degraded) == "False AsExpected")
    }

    @Test("is under another name in the spec before it is whole: the first one goes, then the other one is made")
    func renamed() throws {
        var world = try Self.world()
        try world.reconcile()
        try world.edit { $0.put("other", at: ["azure", "serverName"]) }
        try world.calm()
        #expect(world.cluster.azure.server?.name == "other" && world.cluster.azure.deletions == 1)
        #expect(world.condition(.ready) == "True Ready")
    }

    @Test("cannot be renamed later: it is told, and nothing is touched")
    func identity() throws {
        var world = try Self.running()
        #expect(try !world.edit { $0.put("other", at: ["azure", "serverName"]) })
        try world.edit(isGuarded: false) { $0.put("other", at: ["azure", "serverName"]) }
        try world.calm()
        #expect(world.condition(.degraded) == "True IdentityChanged" && world.condition(.ready) == "True Ready")
        #expect(world.cluster.azure.server?.name == "shop-orders")
    }

    @Test("that was only asked for is not in the way of a database on the cluster")
    func abandoned() throws {
        var world = try Self.world()
        try world.reconcile()
        try world.turn(to: .onCluster)
        try world.calm()
        #expect(world.faultsAtRest == [] && world.cluster.azure.deletions == 1 && world.steps.isEmpty)
    }

    @Test("stays when it is to be kept, and the object goes")
    func kept() throws {
        var world = try Self.running { $0.put(true, at: ["keepResources"]) }
        world.delete()
        try world.calm()
        #expect(world.cluster.azure.server != nil && world.cluster.finalizers.isEmpty && world.cluster.objects.isEmpty)
    }

    @Test("that cannot be looked at keeps what was told of it")
    func dark() throws {
        var world = try Self.running()
        world.cluster.azure.isDark = true
        try world.reconcile()
        #expect(world.condition(.ready) == "True Ready" && world.condition(.degraded) == "True AzureUnavailable")
        #expect(world.cluster.status["azure"]?["state"]?.text == #""Created""#)
        world.delete()
        try world.reconcile()
        #expect(!world.cluster.finalizers.isEmpty && world.condition(.degraded) == "True AzureUnavailable")
        world.cluster.azure.isDark = false
        try world.calm()
        #expect(world.faultsAtRest == [])
    }

    @Test("says nothing of its password")
    func secrecy() throws {
        let settings = try #require(AzureSettings(try DBMMOMySQL(try Self.world().cluster.object.value)))
        let server = settings.newServer(tags: [:], password: AdministratorPassword(text: Secret("hunter2"), version: "1"))
        var changes = ServerChanges()
        changes.administratorPassword = Secret("hunter2")
        for action in [Plan.Action.azure(.create(server)), .azure(.change(changes))] {
            #expect(!"\(action)".contains("hunter2") && !String(reflecting: action).contains("hunter2"))
        }
    }
}

extension MigrationWorld {
    func condition(_ kind: Condition.Kind) -> String {
        let condition = told(kind)
        return "\(condition?["status"]?.string ?? "none") \(condition?["reason"]?.string ?? "")"
    }

    func message(_ kind: Condition.Kind) -> String { told(kind)?["message"]?.string ?? "" }

    private func told(_ kind: Condition.Kind) -> JSONValue? {
        (try? cluster.status.value)?["conditions"]?.elements.first { $0["type"]?.string == kind.rawValue }
    }
}

extension ModelCluster {
    var situationNames: ManagedNames {
        ManagedNames(reading: (try? metadata.value)?["annotations"]?[ManagedNames.annotation]?.string)
    }
}

import DBMMOMySQLAPI
import Glibc
import JSON
import TestSupport
import Testing

@testable import Worker

@Suite("a migration, whatever users, Azure and the process do")
struct MigrationModelTests {
    /// Steps for each of 50 seeds. `DBMMO_MODEL_STEPS=2000` makes them 100,000.
    private static let length = getenv("DBMMO_MODEL_STEPS").flatMap { Int(String(cString: $0)) } ?? 400

    @Test("keeps the data and ends as the spec says", arguments: UInt64(1)...50)
    func explores(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var world = MigrationWorld(on: random.pick(Side.allCases))
        var history: [String] = []
        var steps: Set<String> = []
        for number in 1...Self.length {
            history.append(try Self.step(&world, &random))
            if number.isMultiple(of: 100) {
                try world.calm()
                history.append("calm")
                #expect(world.faultsAtRest == [], "seed \(seed), step \(number): \(history.suffix(25)), \(world.cluster.status.text)")
                if world.isDeleted {
                    steps.formUnion(world.steps)
                    world = MigrationWorld(on: random.pick(Side.allCases))
                    history = []
                }
            }
            guard world.broken.isEmpty else {
                Issue.record("seed \(seed), step \(number): \(world.broken); \(history.suffix(40))")
                return
            }
            if !world.faultsAtRest.isEmpty, history.last == "calm" { return }
        }
        guard Self.length >= 2_000 else { return }
        #expect(steps.union(world.steps).count == MigrationStep.allCases.count, "not every step was reached: \(steps.union(world.steps))")
    }

    /// - Returns: What was done.
    private static func step(_ world: inout MigrationWorld, _ random: inout SeededGenerator) throws -> String {
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<5:
            var other = random
            let (isInterrupted, isLate) = (random.oneIn(4), random.oneIn(3))
            let lag = isLate ? SeededGenerator(seed: .random(in: .min ... .max, using: &random)) : nil
            let writes = try world.reconcile(lag: lag) { world in
                if isInterrupted, other.oneIn(3) { _ = try edit(&world, &other) }
            }
            return "reconcile\(isLate ? " with old caches" : "")\(isInterrupted ? " with an edit" : ""): \(writes)"
        case 5:
            let limit = Int.random(in: 0...4, using: &random)
            try world.reconcile(limit: limit)
            world.kill()
            return "killed after \(limit)"
        case 6..<9:
            world.runControllers()
            return "controllers"
        case 9..<12:
            world.cluster.azure.finish()
            return "Azure finishes"
        case 12, 13:
            world.cluster.azure.pass(.seconds(Int.random(in: 1...90, using: &random)))
            return "time passes"
        case 14:
            world.cluster.azure.mood = random.pick([.fine, .fine] + ModelAzure.Mood.allCases)
            world.cluster.azure.isDark = random.oneIn(5)
            world.cluster.azure.lag = random.pick([.zero, .zero, .seconds(10), .seconds(45), .seconds(200)])
            return "Azure is \(world.cluster.azure.mood)\(world.cluster.azure.isDark ? ", dark" : "")"
        case 15:
            world.cluster.run(ready: random.oneIn(2))
            return "pods change"
        default: return try edit(&world, &random)
        }
    }

    private static func edit(_ world: inout MigrationWorld, _ random: inout SeededGenerator) throws -> String {
        let isGuarded = !random.oneIn(20)
        let way = isGuarded ? "" : " while the webhooks are away"
        switch Int.random(in: 0..<40, using: &random) {
        case 0..<10:
            let confirm = random.oneIn(isGuarded ? 10 : 2)
            return
                "turn\(confirm ? ", confirmed" : "")\(way): \(try world.turn(to: world.side.other, confirm: confirm, isGuarded: isGuarded))"
        case 10..<26: return "confirm\(way): \(try world.confirm(isGuarded: isGuarded))"
        case 26..<29: return "confirm no more\(way): \(try world.confirm(false, isGuarded: isGuarded))"
        case 29..<32:
            let size = Int64.random(in: 20...25, using: &random)
            return "storage: \(try world.edit { $0.put(.integer(size), at: ["azure", "storageGB"]) })"
        case 32..<35:
            let name = random.pick(["office", "build", "home"])
            let rule: JSONTree = ["name": .string(name), "startIP": "203.0.113.1", "endIP": "203.0.113.9"]
            let rules: JSONTree = random.oneIn(3) ? [] : [rule]
            return "rules: \(try world.edit { $0.put(rules, at: ["azure", "firewallRules"]) })"
        case 35, 36:
            let values: JSONTree =
                random.oneIn(2) ? .emptyObject : ["max_connections": .string("\(Int.random(in: 100...200, using: &random))")]
            return "parameters: \(try world.edit { $0.put(values, at: ["azure", "parameters"]) })"
        case 37:
            return
                "image: \(try world.edit { $0.put(.string("mysql:8.4.\(Int.random(in: 1...3, using: &random))"), at: ["onCluster", "image"]) })"
        case 38:
            let keeps = random.oneIn(2)
            return "keepResources \(keeps): \(try world.edit { $0.put(.boolean(keeps), at: ["azure", "keepResources"]) })"
        default:
            guard random.oneIn(2) else { return "nothing" }
            world.delete()
            return "delete"
        }
    }
}

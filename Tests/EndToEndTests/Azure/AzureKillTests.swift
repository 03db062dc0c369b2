import AzureEmulator
import Glibc
import JSON
import NIOConcurrencyHelpers
import TestSupport
import Testing

extension AzureTests {
    @Suite("a process that is killed during migrations", .serialized)
    struct AzureKillTests {
        /// How often it is killed at random. More takes longer and finds no less.
        private static let kills = getenv("DBMMO_TEST_KILLS").flatMap { Int(String(cString: $0)) } ?? 40
        private static let databases = 5

        @Test(
            "at the boundary of any step, and after any write to Azure, is followed by one that ends it rightly",
            arguments: ["OnCluster", "Azure"])
        func boundaries(side: String) async throws {
            let user = try await MigratingUser(on: side)
            for boundary in 0..<8 {
                let isOver = NIOLockedValueBox(false)
                let killer = Task {
                    // A step that is told, or a write that Azure has seen.
                    var seen: Set<String> = []
                    while seen.count <= boundary {
                        if let step = try await user.orders.database.status()?["migration"]?["step"]?.string { seen.insert(step) }
                        let writes = user.writes
                        for number in 0..<writes { seen.insert("write \(number)") }
                        if isOver.withLockedValue({ $0 }) { return }
                        try await Task.sleep(for: .milliseconds(2))
                    }
                    try await Self.kill()
                }
                try await user.migrate()
                isOver.withLockedValue { $0 = true }
                try await killer.value
            }
            try await user.end()
        }

        @Test("at random, leaves every migration to end rightly: one server for each, and none removed before it is confirmed")
        func random() async throws {
            let start = ContinuousClock.now
            let isOver = NIOLockedValueBox(false)
            // Before the webhooks are away now and then.
            var users: [MigratingUser] = []
            for number in 0..<Self.databases { users.append(try await MigratingUser(on: number.isMultiple(of: 2) ? "OnCluster" : "Azure")) }
            let migrations = try await withThrowingTaskGroup(of: Int.self) { group in
                for user in users {
                    group.addTask {
                        var count = 0
                        while !isOver.withLockedValue({ $0 }) {
                            try await user.migrate(callsOff: count % 3 == 2)
                            count += 1
                        }
                        try await user.end()
                        return count
                    }
                }
                var generator = SeededGenerator(seed: UInt64.random(in: 0...UInt64.max))
                for _ in 0..<Self.kills {
                    try await Task.sleep(for: .milliseconds(Int.random(in: 200...3_000, using: &generator)))
                    try await Self.kill()
                }
                isOver.withLockedValue { $0 = true }
                return try await group.reduce(0, +)
            }
            print("figures: \(migrations) migrations ended rightly through \(Self.kills) kills in \(ContinuousClock.now - start)")
            #expect(migrations >= Self.databases)
            let complaints = try AzureWorld.current.emulator.complaints
            #expect(complaints == [])
        }

        private static func kill() async throws {
            let (server, emulator) = (try Cluster.current.server, try AzureWorld.current.emulator)
            try await server.stop(SIGKILL)
            emulator.clientRestarted()
            try await server.restart()
        }
    }
}

/// Somebody who moves a database between the sides, and watches what becomes of it.
final class MigratingUser: Sendable {
    let orders: AzureDatabase
    private let side: NIOLockedValueBox<String>

    init(on side: String) async throws {
        orders = try await AzureDatabase.running(on: side)
        self.side = NIOLockedValueBox(side)
    }

    /// Writes that Azure has seen for this database since the migration began.
    private let firstWrite = NIOLockedValueBox(0)
    var writes: Int { allWrites - firstWrite.withLockedValue { $0 } }
    private var allWrites: Int { orders.emulator.requests.count { $0.method != "GET" && $0.path.contains(orders.name) } }

    private var creations: Int { orders.emulator.creations[orders.name]?.count ?? 0 }
    private var deletions: Int { orders.emulator.deletions[orders.name]?.count ?? 0 }

    /// What tells the database on the cluster from any other.
    private func claim() async throws -> String? { try await orders.database.get("pvc", "data-orders-0")?["metadata"]?["uid"]?.string }

    /// Moves it to its other side, or nearly.
    func migrate(callsOff: Bool = false) async throws {
        firstWrite.withLockedValue { $0 = allWrites }
        let from = side.withLockedValue { $0 }
        let target = from == "Azure" ? "OnCluster" : "Azure"
        let (creations, deletions, claim) = (creations, deletions, try await claim())
        try await patch(["deploymentType": .string(target), "migration": ["confirm": false]])
        try await orders.expectStep("AwaitingConfirmation", for: .seconds(90))
        #expect(self.creations - creations == (target == "Azure" ? 1 : 0))
        if from == "Azure" {
            #expect(self.deletions == deletions && orders.server?.state == .ready)
        } else {
            #expect(try await self.claim() == claim)
        }
        try await patch(callsOff ? ["deploymentType": .string(from)] : ["migration": ["confirm": true]])
        try await orders.expectStep(nil, for: .seconds(90))
        let now = callsOff ? from : target
        side.withLockedValue { $0 = now }
        #expect((orders.server != nil) == (now == "Azure"))
        #expect((try await self.claim() != nil) == (now == "OnCluster"))
        #expect(try await orders.service() == (now == "Azure" ? orders.server?.host : "pods"))
        #expect(self.creations - creations == (target == "Azure" ? 1 : 0))
        #expect(self.deletions - deletions == (now == "Azure" ? 0 : 1))
    }

    func end() async throws {
        try await orders.expect("Ready", "True Ready", for: .seconds(60))
        try await orders.delete(within: .seconds(90))
        #expect(orders.server == nil)
    }

    /// The webhooks are away now and then.
    private func patch(_ spec: JSONTree) async throws {
        try await orders.wait("the spec is written", for: .seconds(30)) { try await orders.patch(spec).exitCode == 0 }
    }
}

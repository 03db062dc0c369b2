import JSON
import TestSupport
import Testing

extension DatabaseTests {
    @Suite("what a deletion takes and what it leaves")
    struct DeletionTests {
        @Test("--cascade=orphan leaves everything, and nothing of it is protected any more")
        func orphaned() async throws {
            let cluster = try Cluster.current
            let space = try await cluster.namespace()
            let names = (0..<6).map { "db\($0)" }
            for name in names {
                try await space.demandApply(Objects.object(name, .v1, spec: #"{"replicas":0,"deletionProtection":\#(name == "db0")}"#))
            }
            func left() async throws -> Int {
                let kinds = "statefulset,secret,configmap,service,pvc"
                return try await space.demandKubectl(["get", kinds, "-l", "app.kubernetes.io/managed-by=dbmmo", "-o", "name"])
                    .split(separator: "\n").count
            }
            try await poll("all are made", for: .seconds(40), every: .milliseconds(200)) { try await left() == names.count * 6 }
            try await space.demandKubectl(["patch", "dbmmo", "db0", "--type=merge", "-p", #"{"spec":{"deletionProtection":false}}"#])
            try await space.demandKubectl(["delete", "dbmmo", "--all", "--cascade=orphan", "--timeout=60s"])
            try await Task.sleep(for: .seconds(3))
            #expect(try await left() == names.count * 6)
            let claim = try json(try await space.demandKubectl(["get", "pvc", "data-db0-0", "-o", "json"]))
            #expect(claim["metadata"]?["finalizers"]?.elements.compactMap(\.string) == ["kubernetes.io/pvc-protection"])
        }

        @Test(
            "retained data are left with their Secret, and a new database that takes them as it is told to has the rows"
        )
        func retained() async throws {
            let database = try await Database.running(#""deletionPolicy":"Retain""#)
            try await database.writeRow(42)
            try await database.delete()
            try await poll("nothing but the data is left", for: .seconds(150)) {
                try await database.objects() == ["secret/orders-credentials", "persistentvolumeclaim/data-orders-0"]
            }
            try await poll("an event tells of it") { try await database.space.demandKubectl(["get", "events"]).contains("Retained") }

            try await database.apply("")
            try await database.expect("Degraded", "True NameConflict")
            let message = try await database.status()?["conditions"]?.elements.first { $0["type"]?.string == "Degraded" }?["message"]?
                .string
            let commands = (message ?? "").split(separator: "; ").flatMap { part -> [[String]] in
                guard let start = part.firstRange(of: "kubectl annotate") else { return [] }
                return part[start.lowerBound...].split(separator: " and ").map { $0.split(separator: " ").dropFirst().map(String.init) }
            }
            #expect(commands.count == 4, "\(message ?? "")")
            for command in commands { try await database.cluster.demandKubectl(command) }
            try await database.isReady()
            try await database.findsRow(42)
        }

        @Test(
            "what holds the data of a protected database stays when somebody deletes it, until the protection is given up"
        )
        func protected() async throws {
            let database = try await Database.create(#""replicas":0,"deletionProtection":true"#)
            try await poll("everything is made") { try await database.get("statefulset", "orders") != nil }
            try await database.demandKubectl(["delete", "pvc/data-orders-0", "secret/orders-credentials", "--wait=false"])
            try await database.expect("Degraded", "True DataBeingDeleted")
            try await Task.sleep(for: .seconds(2))
            #expect(try await database.get("pvc", "data-orders-0") != nil)
            #expect(try await database.get("secret", "orders-credentials") != nil)
            try await database.demandKubectl(["patch", "dbmmo", "orders", "--type=merge", "-p", #"{"spec":{"deletionProtection":false}}"#])
            try await poll("both are gone, or made anew", for: .seconds(20)) {
                let claim = try await database.get("pvc", "data-orders-0")
                return claim?[path: ["metadata", "deletionTimestamp"]] == nil
            }
        }
    }
}

import JSON
import TestSupport
import Testing

extension DatabaseTests {
    @Suite("what others do to the objects of a database", .serialized)
    struct DriftTests {
        @Test("what somebody deletes or changes is put right within two seconds")
        func drift() async throws {
            let database = try await Database.running()
            let edits: [(what: String, command: [String])] = [
                ("Service deleted", ["delete", "service", "orders", "--wait=false"]),
                ("headless Service deleted", ["delete", "service", "orders-pods", "--wait=false"]),
                ("ConfigMap deleted", ["delete", "configmap", "orders-config"]),
                (
                    "port of the Service changed",
                    ["patch", "service", "orders", "--type=json", "-p", Self.replace("/spec/ports/0/port", "3307")]
                ),
                ("selector of the Service narrowed", ["patch", "service", "orders", "-p", #"{"spec":{"selector":{"more":"x"}}}"#]),
                ("type of the Service changed", ["patch", "service", "orders", "-p", #"{"spec":{"type":"NodePort"}}"#]),
                ("StatefulSet scaled", ["scale", "statefulset", "orders", "--replicas=3"]),
                ("container added", ["patch", "statefulset", "orders", "-p", Self.sidecar]),
                ("configuration changed", ["patch", "configmap", "orders-config", "-p", #"{"data":{"dbmmo.cnf":"[mysqld]\nport=1\n"}}"#]),
                ("configuration added", ["patch", "configmap", "orders-config", "-p", #"{"data":{"more.cnf":"[mysqld]\nport=1\n"}}"#]),
                ("label of the Service removed", ["label", "service", "orders", "app.kubernetes.io/managed-by-"]),
                ("label of the StatefulSet removed", ["label", "statefulset", "orders", "app.kubernetes.io/instance-"]),
                ("label of the volume removed", ["label", "pvc", "data-orders-0", "app.kubernetes.io/managed-by-"]),
                ("label of the Secret removed", ["label", "secret", "orders-credentials", "app.kubernetes.io/managed-by-"]),
                ("owner of the Service removed", ["patch", "service", "orders", "-p", #"{"metadata":{"ownerReferences":null}}"#])
            ]
            var slowest = (what: "", time: Duration.zero)
            for edit in edits {
                let before = try await Self.wanted(database)
                try await database.space.demandKubectl(edit.command)
                let start = ContinuousClock.now
                try await poll("put right: \(edit.what)", for: .seconds(2)) { try await Self.wanted(database) == before }
                let time = ContinuousClock.now - start
                if time > slowest.time { slowest = (edit.what, time) }
            }
            print("figures: \(edits.count) edits put right, the slowest (\(slowest.what)) seen right after \(slowest.time)")
            try await poll("the pod is as it was") { try await database.get("pod", "orders-1") == nil }
            try await poll("it is ready") { try await database.condition("Ready") == "True Ready" }
            #expect(try await database.condition("Degraded") == "False AsExpected")
        }

        private static func replace(_ path: String, _ value: String) -> String {
            #"[{"op":"replace","path":"\#(path)","value":\#(value)}]"#
        }

        private static let sidecar = #"{"spec":{"template":{"spec":{"containers":[{"name":"x","image":"x"}]}}}}"#

        /// All that is wanted of the objects, in a fixed order.
        private static func wanted(_ database: Database) async throws -> [String] {
            let names = [
                "service/orders", "service/orders-pods", "configmap/orders-config", "statefulset/orders", "pvc/data-orders-0",
                "secret/orders-credentials"
            ]
            let list = try json(try await database.space.demandKubectl(["get", "--ignore-not-found", "-o", "json"] + names))
            let objects = list["items"]?.elements ?? []
            guard objects.count == names.count else { return [] }
            return objects.map { object in
                let (metadata, spec) = (object["metadata"], object["spec"])
                let parts = [
                    metadata?["labels"], metadata?["annotations"]?["cache.my.domain/applied"], metadata?["ownerReferences"], object["data"],
                    spec?["type"], spec?["selector"], spec?["replicas"], spec?["template"]
                ]
                let ports = spec?["ports"]?.elements.map { "\($0["name"]?.string ?? "") \($0["port"]?.integer ?? 0)" } ?? []
                return (parts.map { $0?.canonicalText ?? "" } + ports).joined(separator: " ")
            }
        }

        @Test("a foreign object of the same name is left alone and told, everything else is made; when it is gone, ours takes the place")
        func foreign() async throws {
            let cluster = try Cluster.current
            let space = try await cluster.namespace()
            let database = Database(cluster: cluster, space: space)
            let service = #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"orders"},"spec":{"ports":[{"port":80}]}}"#
            try await space.demandKubectl(["create", "-f", "-"], input: service)
            let before = try await database.get("service", "orders")?.canonicalText
            try await database.apply("")
            try await poll("it is told") { try await database.condition("Degraded") == "True NameConflict" }
            let message = try await database.status()?["conditions"]?.elements.first { $0["type"]?.string == "Degraded" }?["message"]?
                .string
            #expect(message?.contains("Service orders exists") == true)
            try await poll("everything else is made") { try await database.get("statefulset", "orders") != nil }
            try await poll("its pod is ready", for: .seconds(180), every: .milliseconds(200)) {
                try await database.container()?["ready"]?.boolean == true
            }
            try await database.expect("Ready", "False NoEndpoints")
            #expect(try await database.get("service", "orders")?.canonicalText == before)

            try await space.demandKubectl(["delete", "service", "orders"])
            try await poll("ours is made", for: .seconds(40)) { try await database.condition("Ready") == "True Ready" }
            try await database.delete()
            #expect(try await database.objects().isEmpty)
        }

        @Test("a foreign volume is not used, not deleted, and no pod is made for it")
        func foreignVolume() async throws {
            let cluster = try Cluster.current
            let space = try await cluster.namespace()
            let database = Database(cluster: cluster, space: space)
            let claim = """
                {"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"data-orders-0"},\
                "spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}
                """
            try await space.demandKubectl(["create", "-f", "-"], input: claim)
            let before = try await database.get("pvc", "data-orders-0")?.canonicalText
            try await database.apply("")
            try await poll("it is told") { try await database.condition("Degraded") == "True NameConflict" }
            #expect(try await database.get("statefulset", "orders") == nil)
            try await space.demandKubectl(["delete", "dbmmo", "orders", "--timeout=20s"])
            #expect(try await database.get("pvc", "data-orders-0")?.canonicalText == before)
            #expect(try await database.objects().isEmpty)
        }
    }
}

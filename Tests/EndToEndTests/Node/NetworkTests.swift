import JSON
import TestSupport
import Testing

extension NodeTests {
    @Suite("slow volumes, and names in the cluster", .serialized)
    struct NetworkTests {
        @Test("a database on a slow volume becomes ready, and pods reach it by the names of the cluster and by one from outside of it")
        func slow() async throws {
            // Four times as fast as the class local-slow, with which the first start takes three minutes.
            try await Cluster.current.demandKubectl(
                ["apply", "-f", "-"],
                input: """
                    {"apiVersion":"storage.k8s.io/v1","kind":"StorageClass","metadata":{"name":"slow"},\
                    "provisioner":"local.node.dbmmo.test","volumeBindingMode":"WaitForFirstConsumer",\
                    "parameters":{"sized":"true","writeBytesPerSecond":"8388608","writesPerSecond":"240"}}
                    """)
            let database = try await Database.create(#""onCluster":{"storage":{"capacity":"1Gi","storageClassName":"slow"}}"#)
            let start = ContinuousClock.now
            try await database.demandKubectl(
                ["run", "client", "--image=mysql:8.4", "--restart=Never", "--command", "--", "sleep", "600"])
            try await database.isReady(within: .seconds(240))
            print("figures: a database on a volume of 8 MiB/s and 240 writes/s is ready in \(ContinuousClock.now - start)")
            let written = ContinuousClock.now
            try await database.writeRow(42)
            print("figures: there a row is written in \(ContinuousClock.now - written)")

            let password = try await database.password()
            let space = database.namespace
            func rows(host: String) async throws -> Outcome {
                let command = #"MYSQL_PWD="$0" exec mysql --host="$1" --user=root --batch --skip-column-names -e 'SELECT v FROM shop.t'"#
                return try await database.kubectl(["exec", "client", "--", "sh", "-c", command, password, host])
            }
            for host in ["orders", "orders.\(space).svc", "orders.\(space).svc.cluster.local", "orders-0.orders-pods.\(space).svc"] {
                let outcome = try await rows(host: host)
                #expect(outcome.lines == ["42"], "\(host): \(outcome)")
            }
            let pod = try #require(try await database.get("pod", "orders-0")?[path: ["status", "podIP"]]?.string)
            let name = "orders-0.orders-pods.\(space).svc"
            let resolved = try await database.kubectl(["exec", "client", "--", "getent", "hosts", name]).output
            #expect(resolved.split(separator: " ").first.map(String.init) == pod)

            // A name outside of the cluster, which leads to the Service of the database, as that of a server elsewhere would lead to it.
            let service = try #require(try await database.get("service", "orders")?[path: ["spec", "clusterIP"]]?.string)
            try await database.cluster.demandKubectl(
                ["apply", "-f", "-"],
                input: """
                    {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"external-names","namespace":"kube-system"},\
                    "data":{"ledger.example.com":"\(service)"}}
                    """)
            try await withCleanup({ await Self.removeExternalNames(database) }) {
                try await database.demandKubectl(["create", "service", "externalname", "ledger", "--external-name=ledger.example.com"])
                try await poll("the alias leads to the database", for: .seconds(20), every: .milliseconds(300)) {
                    try await rows(host: "ledger.\(space).svc").lines == ["42"]
                }
            }
        }

        private static func removeExternalNames(_ database: Database) async {
            _ = try? await database.cluster.kubectl(["--namespace", "kube-system", "delete", "configmap", "external-names"])
        }
    }
}

import Glibc
import JSON
import TestSupport
import Testing

extension NodeAgentTests {
    @Suite("a real database", .serialized, .mariaDBAvailable)
    struct DatabaseTests {
        private static let password = #"it's a \"secret\""#

        /// A StatefulSet with a claim of its own, its two Services and the Secret.
        private static func apply(in place: Place) async throws {
            let labels: JSONTree = ["app": "orders"]
            func service(_ name: String, _ more: (String, JSONTree)...) -> JSONTree {
                let spec: JSONTree = ["selector": labels, "ports": [["name": "mysql", "port": 3306]]]
                guard case .object(let members) = spec else { return spec }
                return [
                    "apiVersion": "v1", "kind": "Service", "metadata": ["name": .string(name)],
                    "spec": .object(members + more.map { JSONTree.Member(name: $0.0, value: $0.1) })
                ]
            }
            let secret: JSONTree = [
                "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "orders-credentials"],
                "stringData": ["MYSQL_ROOT_PASSWORD": .string(password)]
            ]
            let container: JSONTree = [
                "name": "mysql", "image": "mysql:8.4", "envFrom": [["secretRef": ["name": "orders-credentials"]]],
                "ports": [["name": "mysql", "containerPort": 3306]],
                "readinessProbe": ["exec": ["command": ["mysqladmin", "ping"]]],
                "volumeMounts": [["name": "data", "mountPath": "/var/lib/mysql"]]
            ]
            let set: JSONTree = [
                "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": ["name": "orders"],
                "spec": [
                    "serviceName": "orders-pods", "replicas": 1, "selector": ["matchLabels": labels],
                    "template": [
                        "metadata": ["labels": labels], "spec": ["containers": [container], "terminationGracePeriodSeconds": 20]
                    ],
                    "volumeClaimTemplates": [claim("data")]
                ]
            ]
            try await place.apply(secret, service("orders"), service("orders-pods", ("clusterIP", "None")), set)
        }

        private static func query(_ sql: String, _ proxy: ServiceProxy, password: String = password) async throws -> Outcome {
            try await MariaDB.query(sql, port: proxy.port, password: password)
        }

        private static func write(_ value: Int, _ proxy: ServiceProxy) async throws {
            let sql = "CREATE DATABASE IF NOT EXISTS shop; CREATE OR REPLACE TABLE shop.t SELECT \(value) AS v"
            try await poll("a row is written", for: .seconds(40), every: .milliseconds(100)) { try await query(sql, proxy).exitCode == 0 }
        }

        @Test("is reached through its Service with the Secret's password, keeps its rows in another pod, and leaves nothing behind")
        func life() async throws {
            let place = try await Place.make()
            try await NodeAgent.with(on: place.controlPlane) { agent in
                let start = ContinuousClock.now
                try await Self.apply(in: place)
                let proxy = try await agent.proxy(to: place.key("orders"))
                try await poll("the pod is ready", for: .seconds(40), every: .milliseconds(50)) { try await place.isReady("orders-0") }
                print("figures: a database ready \(ContinuousClock.now - start) after its objects were created")
                let endpoint = "{.subsets[*].addresses[*].targetRef.name}"
                try await place.expect("the Service has an endpoint", endpoint, of: "endpoints/orders", "orders-0")
                let phases = try await place.field("{.status.phase} {.spec.storageClassName}", of: "pvc/data-orders-0")
                #expect(phases == "Bound \(NodeAgent.storageClass)")

                try await Self.write(42, proxy)
                let stranger = try await Self.query("SELECT 1", proxy, password: "wrong")
                #expect(stranger.errorOutput.contains("Access denied"))

                let firstPod = try await place.field("{.metadata.uid}", of: "pod/orders-0")
                let firstProcess = try #require(await agent.processIDs.first)
                try await place.kubectl(["delete", "pod", "orders-0", "--wait=false"])
                try await poll("another pod is ready", for: .seconds(40), every: .milliseconds(50)) {
                    let (uid, isReady) = (try await place.field("{.metadata.uid}", of: "pod/orders-0"), try await place.isReady("orders-0"))
                    return isReady && uid != firstPod
                }
                #expect(kill(firstProcess, 0) == -1)
                try await poll("the row is read again") { try await Self.query("SELECT v FROM shop.t", proxy).lines == ["42"] }

                let directory = try #require(agent.directory(of: place.key("data-orders-0")))
                let processes = await agent.processIDs
                #expect(processes.count == 1)
                #expect(access(directory, F_OK) == 0)
                try await place.deleteAll()
                try await poll("all is gone", for: .seconds(40), every: .milliseconds(50)) {
                    try await place.kubectl(["get", "pods,pvc", "-o", "name"]).isEmpty && access(directory, F_OK) != 0
                }
                #expect(await agent.processIDs.isEmpty)
                #expect(processes.allSatisfy { kill($0, 0) == -1 })
                let refused = try await Self.query("SELECT 1", proxy)
                #expect(refused.exitCode != 0)
            }
        }

        @Test("crashes when told to, ends with its node, and comes back with what it had; the password is that of the first start")
        func crash() async throws {
            let place = try await Place.make()
            let lastProcess = try await NodeAgent.with(on: place.controlPlane) { agent in
                try await Self.apply(in: place)
                let proxy = try await agent.proxy(to: place.key("orders"))
                try await Self.write(7, proxy)
                let process = try #require(await agent.processIDs.first)
                agent.behave(.crashLoop, as: place.key("orders-0"))
                let reason = "{.status.containerStatuses[0].state.waiting.reason}"
                try await place.expect("it is in a crash loop", reason, of: "pod/orders-0", "CrashLoopBackOff")
                #expect(kill(process, 0) == -1)
                try await place.expect("it is no endpoint any more", "{.subsets[*].addresses[*].ip}", of: "endpoints/orders", "")

                // The database does not learn of it.
                try await place.kubectl(["patch", "secret", "orders-credentials", "-p", #"{"stringData":{"MYSQL_ROOT_PASSWORD":"new"}}"#])
                agent.behave(.normal, as: place.key("orders-0"))
                try await Self.findsRow(agent, place)
                return try #require(await agent.processIDs.first)
            }
            #expect(kill(lastProcess, 0) == -1)
            try await NodeAgent.with(on: place.controlPlane) { try await Self.findsRow($0, place) }
        }

        /// Asks past the Service, since the probe of the pod has the wrong password.
        private static func findsRow(_ agent: NodeAgent, _ place: Place) async throws {
            try await poll("the row is read again", for: .seconds(40), every: .milliseconds(100)) {
                guard let port = await agent.port(of: place.key("orders-0")) else { return false }
                return try await MariaDB.query("SELECT v FROM shop.t", port: port, password: password).lines == ["7"]
            }
            #expect(try await !place.isReady("orders-0"))
        }
    }
}

import JSON
import TestSupport
import Testing

extension DatabaseTests {
    @Suite("the life of a database", .serialized)
    struct LifeTests {
        private static let made: Set = [
            "secret/orders-credentials", "configmap/orders-config", "persistentvolumeclaim/data-orders-0", "service/orders",
            "service/orders-pods", "statefulset.apps/orders"
        ]

        @Test("everything is made within seconds, it is ready when its pod is, and nothing is left of it when it is deleted")
        func life() async throws {
            let database = try await Database.create()
            var start = ContinuousClock.now
            try await poll("all objects are there", for: .seconds(5)) { try await database.objects().isSuperset(of: Self.made) }
            print("figures: all objects made \(ContinuousClock.now - start) after kubectl apply returned")
            try await poll("the status tells of it") { try await database.condition("Ready") == "False VolumePending" }

            try await database.provideVolume("20Gi")
            try await database.runPod()
            start = .now
            try await poll("it is ready", for: .seconds(5)) { try await database.condition("Ready") == "True Ready" }
            print("figures: Ready=True \(ContinuousClock.now - start) after the pod was ready")

            let status = try #require(try await database.status())
            #expect(status["phase"]?.string == "Ready" && status["version"]?.string == "8.4")
            #expect(status["endpoint"]?["host"]?.string == "orders.\(database.space.name).svc")
            #expect(status["endpoint"]?["port"]?.integer == 3306)
            #expect(status["endpoint"]?["secretName"]?.string == "orders-credentials")
            #expect(status["onCluster"]?["pods"]?.elements.map(\.string) == ["orders-0"])
            #expect(status["onCluster"]?["persistentVolumeClaims"]?.elements.map(\.string) == ["data-orders-0"])
            let columns = try await database.space.demandKubectl(["get", "dbmmo", "orders", "--no-headers"]).split(separator: " ")
            #expect(columns.prefix(5).map(String.init) == ["orders", "OnCluster", "8.4", "True", "orders.\(database.space.name).svc"])
            let secret = try #require(try await database.get("secret", "orders-credentials"))
            let password = try #require(secret["data"]?["MYSQL_ROOT_PASSWORD"]?.string)
            #expect(password.utf8.count == 44)
            try await poll("events tell of it") {
                let text = try await database.space.demandKubectl(["describe", "dbmmo", "orders"])
                return ["Created", "Provisioning", "Ready"].allSatisfy(text.contains)
            }

            start = .now
            try await database.delete()
            print("figures: deleted with all that belongs to it in \(ContinuousClock.now - start)")
            let left = try await database.objects()
            #expect(left.isEmpty)
            let log = await database.cluster.server.log
            let plain = try await Tool.demand("openssl", ["base64", "-d", "-A"], input: password)
            #expect(!log.contains(plain))
        }

        @Test("a database that nothing happens to costs no calls")
        func idle() async throws {
            let database = try await Database.running()
            try await Task.sleep(for: .seconds(8))
            let before = try await Self.calls(database.cluster)
            try await Task.sleep(for: .seconds(10))
            #expect(try await Self.calls(database.cluster) == before)
            try await database.space.demandKubectl(["label", "dbmmo", "orders", "a=b"])
            try await Task.sleep(for: .seconds(1))
            // The label itself.
            #expect(try await Self.calls(database.cluster) == before + 1)
        }

        /// Calls on what only the worker and this test use, by the API server's own count.
        private static func calls(_ cluster: Cluster) async throws -> Int {
            let resources: Set = ["dbmmomysqls", "ingresses", "statefulsets"]
            return try await cluster.demandKubectl(["get", "--raw", "/metrics"]).split(separator: "\n").reduce(0) { sum, line in
                guard line.hasPrefix("apiserver_request_total{"), !line.contains(#"verb="WATCH""#), !line.contains(#"verb="LIST""#),
                    !line.contains(#"verb="GET""#), resources.contains(where: { line.contains(#"resource="\#($0)""#) }),
                    let count = line.split(separator: " ").last.flatMap({ Double($0) })
                else { return sum }
                return sum + Int(count)
            }
        }

        @Test("settings arrive: of the Service, of the pod, an Ingress, no pod, another version")
        func changes() async throws {
            let database = try await Database.running(#""version":"8.0""#)
            let pod = try #require(try await database.get("pod", "orders-0"))
            let first = try #require(pod["metadata"]?["uid"]?.string)
            let service = #""version":"8.0","onCluster":{"service":{"type":"NodePort","annotations":{"a":"b"}},"ingress":{"enabled":true}}"#
            try await database.apply(service)
            try await poll("the Service has another type", for: .seconds(2)) {
                let service = try await database.get("service", "orders")
                return service?["spec"]?["type"]?.string == "NodePort" && service?["metadata"]?["annotations"]?["a"]?.string == "b"
            }
            try await poll("there is an Ingress", for: .seconds(2)) { try await database.get("ingress", "orders") != nil }
            try await database.apply(#""version":"8.0","onCluster":{}"#)
            try await poll("the Ingress is gone, and the annotation", for: .seconds(2)) {
                let service = try await database.get("service", "orders")
                let ingress = try await database.get("ingress", "orders")
                return ingress == nil && service?["metadata"]?["annotations"]?["a"] == nil
            }

            try await database.apply(#""version":"8.0","onCluster":{"resources":{"limits":{"memory":"1Gi","cpu":1}}}"#)
            try await database.endPod(first)
            try await Self.another(database, than: first)
            let limits = try await database.get("pod", "orders-0")?["spec"]?["containers"]?.elements.first?["resources"]?["limits"]
            #expect(limits?["memory"]?.string == "1Gi" && limits?["cpu"]?.string == "1")

            // It is not ready, so the version waits.
            try await database.apply(#""version":"8.4","onCluster":{}"#)
            try await poll("it waits") { try await database.condition("Progressing") == "True WaitingForHealth" }
            #expect(try await database.get("statefulset", "orders")?.spelling.contains("mysql:8.0") == true)
            let second = try await database.runPod()
            try await database.endPod(second)
            try await Self.another(database, than: second)
            #expect(try await database.get("pod", "orders-0")?["spec"]?["containers"]?.elements.first?["image"]?.string == "mysql:8.4")
            try await database.runPod()
            try await poll("it is ready") { try await database.condition("Ready") == "True Ready" }
            #expect(try await database.status()?["version"]?.string == "8.4")

            let third = try #require(try await database.get("pod", "orders-0"))
            try await database.apply(#""replicas":0,"version":"8.4","onCluster":{}"#)
            try await database.endPod(third["metadata"]?["uid"]?.string ?? "")
            try await poll("it is stopped") { try await database.condition("Ready") == "False Stopped" }
            #expect(try await database.get("pvc", "data-orders-0") != nil)
        }

        private static func another(_ database: Database, than uid: String) async throws {
            try await poll("the pod is another one") {
                let pod = try await database.get("pod", "orders-0")
                return pod?["metadata"]?["uid"]?.string.map { $0 != uid } ?? false
            }
        }

        @Test("a volume grows, and the StatefulSet is made anew around its pod")
        func growth() async throws {
            let cluster = try Cluster.current
            let className = "growing-\(UInt32.random(in: .min ... .max))"
            try await cluster.demandKubectl(
                ["create", "-f", "-"],
                input: """
                    {"apiVersion":"storage.k8s.io/v1","kind":"StorageClass","metadata":{"name":"\(className)"},\
                    "provisioner":"kubernetes.io/no-provisioner","allowVolumeExpansion":true}
                    """)
            func spec(_ capacity: String) -> String {
                #""onCluster":{"storage":{"capacity":"\#(capacity)","storageClassName":"\#(className)"}}"#
            }
            let database = try await Database.create(spec("20Gi"))
            try await poll("the claim is there") { try await database.get("pvc", "data-orders-0") != nil }
            try await database.provideVolume("20Gi", className: className)
            let pod = try await database.runPod()
            try await poll("it is ready") { try await database.condition("Ready") == "True Ready" }
            let before = try await database.get("statefulset", "orders")?["metadata"]?["uid"]?.string

            try await database.apply(spec("30Gi"))
            try await poll("the claim asks for more") {
                try await database.get("pvc", "data-orders-0")?["spec"]?["resources"]?["requests"]?["storage"]?.string == "30Gi"
            }
            try await poll("the status tells of it") { try await database.condition("Progressing") == "True Resizing" }
            // What the storage driver and the kubelet do.
            try await database.patchStatus("persistentvolumeclaims/data-orders-0", #"{"status":{"capacity":{"storage":"30Gi"}}}"#)
            try await poll("the StatefulSet is another one") {
                let uid = try await database.get("statefulset", "orders")?["metadata"]?["uid"]?.string
                return uid != nil && uid != before
            }
            try await poll("it has settled") { try await database.condition("Progressing") == "False Settled" }
            #expect(try await database.get("pod", "orders-0")?["metadata"]?["uid"]?.string == pod)
            let template = try await database.get("statefulset", "orders")?["spec"]?["volumeClaimTemplates"]?.elements.first
            #expect(template?["spec"]?["resources"]?["requests"]?["storage"]?.string == "30Gi")
        }
    }
}

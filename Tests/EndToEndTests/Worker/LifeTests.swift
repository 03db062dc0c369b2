import JSON
import TestSupport
import Testing

extension DatabaseTests {
    @Suite("the life of a database")
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
            try await poll("its pod is ready", for: .seconds(180), every: .milliseconds(50)) {
                try await database.container()?["ready"]?.boolean == true
            }
            print("figures: MySQL in a real pod is ready \(ContinuousClock.now - start) after kubectl apply returned")
            start = .now
            try await database.expect("Ready", "True Ready", within: .seconds(5))
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

        @Test("a volume that nobody provides is told")
        func noVolume() async throws {
            let className = "nobody-\(UInt32.random(in: .min ... .max))"
            try await Cluster.current.demandKubectl(
                ["create", "-f", "-"],
                input: """
                    {"apiVersion":"storage.k8s.io/v1","kind":"StorageClass","metadata":{"name":"\(className)"},\
                    "provisioner":"kubernetes.io/no-provisioner"}
                    """)
            let database = try await Database.create(#""onCluster":{"storage":{"storageClassName":"\#(className)"}}"#)
            try await database.expect("Ready", "False VolumePending")
        }

        @Test("settings arrive: of the Service, of the pod, an Ingress, no pod, another version; the rows stay")
        func changes() async throws {
            let database = try await Database.running(#""version":"8.0""#)
            try await database.writeRow(42)
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

            let first = try await database.pod()
            try await database.apply(#""version":"8.0","onCluster":{"resources":{"limits":{"memory":"1Gi","cpu":2}}}"#)
            try await database.isReady(inPodOtherThan: first)
            let limits = try await database.get("pod", "orders-0")?["spec"]?["containers"]?.elements.first?["resources"]?["limits"]
            #expect(limits?["memory"]?.string == "1Gi" && limits?["cpu"]?.string == "2")
            try await database.findsRow(42)

            // While it is not ready, the version waits: no pod can start from an image that nobody has.
            let second = try await database.pod()
            try await database.apply(#""version":"8.0","onCluster":{"image":"registry.invalid/mysql:8.0"}"#)
            try await poll("the pod is another one", for: .seconds(150), every: .milliseconds(100)) {
                let uid = try await database.pod()
                return uid != nil && uid != second
            }
            try await database.apply(#""version":"8.4","onCluster":{}"#)
            try await database.expect("Progressing", "True WaitingForHealth")
            #expect(try await database.get("statefulset", "orders")?.spelling.contains("mysql:8.0") == true)
        }

        @Test("another version comes with the same rows; without a pod the volume stays, and the rows are there again")
        func version() async throws {
            let database = try await Database.running(#""version":"8.0""#)
            try await database.writeRow(42)
            let first = try await database.pod()
            var start = ContinuousClock.now
            try await database.apply(#""version":"8.4","onCluster":{}"#)
            try await database.isReady(inPodOtherThan: first)
            print("figures: another version is ready \(ContinuousClock.now - start) after kubectl apply returned")
            #expect(try await database.get("pod", "orders-0")?["spec"]?["containers"]?.elements.first?["image"]?.string == "mysql:8.4")
            #expect(try await database.status()?["version"]?.string == "8.4")
            try await database.findsRow(42)

            try await database.apply(#""replicas":0,"version":"8.4","onCluster":{}"#)
            try await database.expect("Ready", "False Stopped", within: .seconds(150))
            #expect(try await database.get("pvc", "data-orders-0") != nil)
            try await database.apply(#""replicas":1,"version":"8.4","onCluster":{}"#)
            start = .now
            try await database.isReady()
            print("figures: a database that was stopped is ready \(ContinuousClock.now - start) after kubectl apply returned")
            try await database.findsRow(42)
        }

        @Test(
            "a volume grows, and the StatefulSet is made anew around its pod, whenever its driver tells of it",
            arguments: ["local", "local-late", "local-sized"])
        func growth(className: String) async throws {
            func spec(_ capacity: String) -> String {
                #""onCluster":{"storage":{"capacity":"\#(capacity)","storageClassName":"\#(className)"}}"#
            }
            let database = try await Database.running(spec("2Gi"))
            let pod = try await database.pod()
            let before = try await database.get("statefulset", "orders")?["metadata"]?["uid"]?.string
            try await database.apply(spec("3Gi"))
            try await poll("the claim has grown", for: .seconds(30), every: .milliseconds(50)) {
                try await database.get("pvc", "data-orders-0")?[path: ["status", "capacity", "storage"]]?.string == "3Gi"
            }
            try await poll("the StatefulSet is another one") {
                let uid = try await database.get("statefulset", "orders")?["metadata"]?["uid"]?.string
                return uid != nil && uid != before
            }
            try await database.expect("Progressing", "False Settled")
            #expect(try await database.pod() == pod)
            let template = try await database.get("statefulset", "orders")?["spec"]?["volumeClaimTemplates"]?.elements.first
            #expect(template?["spec"]?["resources"]?["requests"]?["storage"]?.string == "3Gi")
        }

        @Test("a pod with settings of its own keeps running while its volume grows, and while its StatefulSet is made anew")
        func settingsAndGrowth() async throws {
            func spec(_ capacity: String, _ settings: String) -> String {
                #""onCluster":{\#(settings)"storage":{"capacity":"\#(capacity)"}}"#
            }
            let settings = #""resources":{"limits":{"memory":"2Gi"}},"envFrom":[{"configMapRef":{"name":"more","optional":true}}],"#
            let database = try await Database.running(spec("2Gi", settings))
            let pod = try await database.pod()
            func isAnother(than old: String?) async throws {
                try await poll("the StatefulSet is another one", for: .seconds(30)) {
                    let uid = try await Self.statefulSet(database)
                    return uid != nil && uid != old
                }
                try await database.expect("Progressing", "False Settled")
                #expect(try await database.pod() == pod)
                #expect(try await database.get("pod", "orders-0")?["metadata"]?["deletionTimestamp"] == nil)
            }
            for capacity in ["3Gi", "4Gi", "5Gi"] {
                let old = try await Self.statefulSet(database)
                try await database.apply(spec(capacity, settings))
                try await isAnother(than: old)
            }
            let old = try await Self.statefulSet(database)
            try await database.space.demandKubectl(["delete", "statefulset", "orders", "--cascade=orphan"])
            try await isAnother(than: old)

            // What is taken out of the spec goes, although the StatefulSet was created with it.
            try await database.apply(spec("5Gi", ""))
            try await database.isReady(inPodOtherThan: pod)
            let container = try await database.get("pod", "orders-0")?["spec"]?["containers"]?.elements.first
            #expect(container?["envFrom"] == nil && container?["resources"]?["limits"] == nil)
        }

        private static func statefulSet(_ database: Database) async throws -> String? {
            try await database.get("statefulset", "orders")?["metadata"]?["uid"]?.string
        }

        @Test("a volume that cannot grow leaves the database serving, and the wish is told as not fulfilled yet")
        func growthRefused() async throws {
            func spec(_ capacity: String) -> String {
                #""onCluster":{"storage":{"capacity":"\#(capacity)","storageClassName":"local-infeasible"}}"#
            }
            let database = try await Database.running(spec("2Gi"))
            try await database.writeRow(42)
            try await database.apply(spec("3Gi"))
            try await database.expect("Progressing", "True Resizing")
            try await poll("the driver says why") {
                try await database.space.demandKubectl(["get", "events"]).contains("VolumeResizeFailed")
            }
            #expect(try await database.condition("Ready") == "True Ready")
            try await database.findsRow(42)
        }
    }
}

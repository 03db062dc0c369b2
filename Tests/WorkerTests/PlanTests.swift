import DBMMOMySQLAPI
import JSON
import KubernetesClient
import Testing

@testable import Worker

@Suite("plans")
struct PlanTests {
    @Test("a new database: the finalizer first, then everything in order; then nothing is left to do")
    func new() throws {
        var cluster = ModelCluster()
        #expect(try cluster.actions == ["add finalizer"])
        let done = try cluster.settle()
        #expect(
            done == [
                "add finalizer", "create credentials", "create configuration", "create claim", "create podService", "create clientService",
                "create statefulSet"
            ])
        #expect(try cluster.condition(.ready) == "False VolumePending")
        cluster.bindClaim("20Gi")
        #expect(try cluster.condition(.ready) == "False PodNotReady")
        #expect(try cluster.condition(.progressing) == "True Provisioning")
        cluster.run(ready: false)
        #expect(try cluster.condition(.ready) == "False PodNotReady")
        cluster.run()
        let served = cluster.endpoints
        cluster.endpoints = nil
        #expect(try cluster.condition(.ready) == "False NoEndpoints")
        cluster.endpoints = served
        let status = try #require(try cluster.plan.status)
        #expect(
            status.conditions.map { "\($0.kind.rawValue)=\($0.status)" } == [
                "Ready=True", "Progressing=False", "Degraded=False", "MigrationInProgress=False"
            ])
        #expect(status.phase == .ready && status.version == "8.4" && status.generation == 3)
        #expect(status.endpoint == DatabaseStatus.Endpoint(host: "orders.shop.svc", secretName: "orders-credentials"))
        #expect(status.pods == ["orders-0"] && status.services == ["orders", "orders-pods"] && status.claims == ["data-orders-0"])
        #expect(try cluster.actions.isEmpty)
    }

    @Test("whatever part is missing is made again", arguments: Part.allCases.filter { $0 != .credentials && $0 != .ingress })
    func missing(part: Part) throws {
        var cluster = try ModelCluster.running()
        cluster.objects[part] = nil
        #expect(try cluster.actions == ["create \(part)"])
    }

    @Test("a password that is lost is not made up anew for a database that has one")
    func lostPassword() throws {
        var cluster = try ModelCluster.running()
        cluster.objects[.credentials] = nil
        // It may only have lost its label.
        #expect(try cluster.settle() == ["find credentials"])
        #expect(try cluster.condition(.degraded) == "True CredentialsMissing")
        #expect(try cluster.condition(.ready) == "True Ready")
    }

    @Test("what breaks a rule is told with its fields, and nothing is touched")
    func invalid() throws {
        var cluster = try ModelCluster.running()
        cluster.change(["replicas"], 3)
        cluster.change(["onCluster", "storage", "capacity"], "20GB")
        cluster.objects[.clientService] = nil
        #expect(try cluster.actions.isEmpty)
        #expect(try cluster.condition(.degraded) == "True InvalidSpec")
        let message = try #require(try cluster.plan.status?.condition(.degraded)?.message)
        #expect(message.contains("spec.replicas") && message.contains("spec.onCluster.storage.capacity"))
    }

    @Test("an Ingress comes and goes as the spec says")
    func ingress() throws {
        var cluster = try ModelCluster.running()
        cluster.change(["onCluster", "ingress"], ["enabled": true, "host": "mysql.example.com"])
        #expect(try cluster.settle() == ["create ingress"])
        cluster.change(["onCluster", "ingress"], ["enabled": false])
        #expect(try cluster.settle() == ["delete ingress"])
    }

    @Test("what is being deleted is left alone, and made anew when it is gone")
    func beingDeleted() throws {
        var cluster = try ModelCluster.running()
        cluster.set(.clientService, ["metadata", "deletionTimestamp"], "2026-01-01T00:00:00Z")
        cluster.set(.clientService, ["spec", "type"], "NodePort")
        #expect(try cluster.actions.isEmpty)
        cluster.objects[.clientService] = nil
        #expect(try cluster.actions == ["create clientService"])
    }

    @Test("what the API server refuses is not tried again, and told in its words; everything else goes on")
    func refused() throws {
        var cluster = try ModelCluster.running()
        cluster.refusals[.clientService] = "spec.type: Unsupported value"
        cluster.set(.clientService, ["spec", "type"], "NodePort")
        cluster.objects[.podService] = nil
        #expect(try cluster.actions == ["create podService"])
        #expect(try cluster.condition(.degraded) == "True Refused")
        #expect(try cluster.plan.status?.condition(.degraded)?.message.contains("Service orders: spec.type: Unsupported value") == true)
    }

    @Test("with no replicas the pod goes and everything else stays")
    func stopped() throws {
        var cluster = try ModelCluster.running()
        cluster.change(["replicas"], 0)
        #expect(try cluster.settle() == ["apply statefulSet"])
        #expect(try cluster.condition(.progressing) == "True Stopping")
        cluster.pods = []
        #expect(try cluster.condition(.ready) == "False Stopped")
        #expect(try cluster.plan.status?.phase == .stopped)
        #expect(try cluster.actions.isEmpty)
    }

    @Test("a field that the spec no longer has is applied away")
    func removedField() throws {
        var cluster = try ModelCluster.running(["onCluster": ["service": ["annotations": ["a": "b"]]]])
        cluster.spec = ModelCluster().spec
        #expect(try cluster.actions == ["apply clientService"])
    }

    // MARK: Pods

    @Test("a pod with an older template is replaced, ready or not", arguments: [true, false])
    func replaced(ready: Bool) throws {
        var cluster = try ModelCluster.running()
        cluster.run(ready: ready)
        cluster.change(["onCluster", "image"], "registry.example/mysql:8.4.1")
        #expect(try cluster.settle() == ["apply statefulSet"])
        cluster.noteTemplate()
        #expect(try cluster.condition(.progressing) == "True Replacing")
        #expect(try cluster.actions == ["delete orders-0"])
    }

    @Test("a database that lives with a name or an annotation that would be refused today is not given up")
    func livesWithIt() throws {
        var cluster = try ModelCluster.running()
        cluster.metadata = ["annotations": ["cache.my.domain/conversion-data": "nonsense"]]
        cluster.objects[.podService] = nil
        #expect(try cluster.settle() == ["create podService"])
        let name: JSONTree = [
            "apiVersion": "cache.my.domain/v1", "kind": "DBMMOMySQL", "metadata": ["name": "2orders"], "spec": cluster.spec
        ]
        let situation = Situation(
            database: try DBMMOMySQL(try name.value), owner: Owner(key: ObjectKey(namespace: "shop", name: "2orders"), uid: "u"),
            observed: Observed())
        #expect(Plan(situation) { "" }.actions.map(\.description) == ["add finalizer"])
    }

    @Test("a version that was never ready can be taken back, and its pod is replaced, ready or not")
    func takenBack() throws {
        var cluster = try ModelCluster.running()
        cluster.status = ["version": "8.4"]
        cluster.change(["version"], "9.7")
        #expect(try cluster.settle() == ["apply statefulSet"])
        // The pod was replaced by one that does not start.
        cluster.run(ready: false)
        #expect(try cluster.actions.isEmpty)
        cluster.change(["version"], "8.4")
        #expect(try cluster.settle() == ["apply statefulSet"])
        cluster.noteTemplate()
        #expect(try cluster.actions == ["delete orders-0"])
        cluster.run()
        #expect(try cluster.condition(.ready) == "True Ready" && cluster.condition(.degraded) == "False AsExpected")

        // Once it was ready, there is no way back.
        cluster.change(["version"], "9.7")
        try cluster.settle()
        cluster.run()
        cluster.change(["version"], "8.4")
        #expect(try cluster.actions.isEmpty)
        #expect(try cluster.condition(.degraded) == "True UnsupportedUpgrade")
    }

    @Test("a growth that did not happen is taken back, down to what the volume has")
    func growthTakenBack() throws {
        var cluster = try ModelCluster.running()
        cluster.change(["onCluster", "storage", "capacity"], "40Gi")
        #expect(try cluster.settle() == ["grow to 40Gi"])
        cluster.change(["onCluster", "storage", "capacity"], "25Gi")
        #expect(try cluster.actions == ["grow to 25Gi"])
        cluster.change(["onCluster", "storage", "capacity"], "19Gi")
        #expect(try cluster.actions.isEmpty)
        #expect(try cluster.condition(.degraded) == "True CannotShrink")
    }

    @Test("another version begins only from a pod that is ready, and until then everything else of the settings is applied")
    func upgrade() throws {
        var cluster = try ModelCluster.running(["version": "8.0"])
        cluster.run(ready: false)
        cluster.change(["version"], "8.4")
        #expect(try cluster.actions.isEmpty)
        #expect(try cluster.condition(.progressing) == "True WaitingForHealth")
        cluster.change(["replicas"], 1)
        cluster.change(["onCluster", "resources"], ["limits": ["cpu": "2"]])
        #expect(try cluster.settle() == ["apply statefulSet"])
        #expect(try cluster.objects[.statefulSet].map { StatefulSetState(try $0.value).image } == "mysql:8.0")

        cluster.run()
        #expect(try cluster.actions == ["apply statefulSet"])
        try cluster.settle()
        // Now it fails, after the template was changed and before the pod was replaced.
        cluster.noteTemplate()
        cluster.pods = cluster.pods.map { pod in
            var pod = pod
            pod.update(at: ["status", "conditions"]) { $0 = [["type": "Ready", "status": "False"]] }
            return pod
        }
        #expect(try cluster.actions.isEmpty)
        #expect(try cluster.condition(.progressing) == "True Upgrading")
        cluster.pods = cluster.pods.map { pod in
            var pod = pod
            pod.update(at: ["status", "conditions"]) { $0 = [["type": "Ready", "status": "True"]] }
            return pod
        }
        #expect(try cluster.settle() == ["delete orders-0"])
        cluster.run()
        #expect(try cluster.plan.status?.version == "8.4")
        #expect(try cluster.actions.isEmpty)
    }

    @Test("a second version waits until the pod runs with the first one, though it is ready with an older one")
    func twoUpgrades() throws {
        var cluster = try ModelCluster.running(["version": "5.7"])
        cluster.change(["version"], "8.0")
        try cluster.settle()
        cluster.noteTemplate()
        cluster.change(["version"], "8.4")
        #expect(try cluster.actions == ["delete orders-0"])
        #expect(try cluster.condition(.progressing) == "True WaitingForHealth")
        cluster.run()
        #expect(try cluster.settle() == ["apply statefulSet"])
        #expect(try cluster.objects[.statefulSet].map { StatefulSetState(try $0.value).image } == "mysql:8.4")
    }

    @Test("a database that was stopped goes to another version without a pod")
    func stoppedUpgrade() throws {
        var cluster = try ModelCluster.running(["version": "8.0"])
        cluster.run(ready: false)
        cluster.change(["replicas"], 0)
        try cluster.settle()
        cluster.change(["version"], "8.4")
        #expect(try cluster.actions.isEmpty)
        cluster.pods = []
        #expect(try cluster.settle() == ["apply statefulSet"])
        #expect(try cluster.objects[.statefulSet].map { StatefulSetState(try $0.value).image } == "mysql:8.4")
    }

    @Test("a step that MySQL does not have is refused, also when the webhooks were away", arguments: [("5.7", "8.4"), ("8.4", "8.0")])
    func impossibleUpgrade(old: String, new: String) throws {
        var cluster = try ModelCluster.running(["version": .string(old)])
        cluster.change(["version"], .string(new))
        #expect(try cluster.actions.isEmpty)
        #expect(try cluster.condition(.degraded) == "True UnsupportedUpgrade")
        #expect(try cluster.condition(.ready) == "True Ready")
    }

    @Test("an object without a version keeps the image that runs")
    func noVersion() throws {
        var cluster = try ModelCluster.running(["version": "8.0"])
        cluster.spec = ["deploymentType": "OnCluster", "replicas": 1, "onCluster": ["storage": ["capacity": "20Gi"]]]
        #expect(try cluster.actions.isEmpty)
    }

    // MARK: Volume

    @Test("a volume grows: the claim, then the volume and its file system, then the StatefulSet is made anew around its pod")
    func growth() throws {
        var cluster = try ModelCluster.running()
        cluster.change(["onCluster", "storage", "capacity"], "30Gi")
        #expect(try cluster.settle() == ["grow to 30Gi"])
        #expect(try cluster.condition(.progressing) == "True Resizing")
        cluster.set(.claim, ["status", "conditions"], [["type": "FileSystemResizePending", "status": "True"]])
        #expect(try cluster.actions.isEmpty)
        #expect(try cluster.plan.status?.condition(.progressing)?.message == "the file system grows from 20Gi to 30Gi")
        cluster.bindClaim("30Gi")
        #expect(try cluster.actions == ["orphan statefulSet"])
        #expect(try cluster.settle() == ["orphan statefulSet", "create statefulSet"])
        cluster.noteTemplate()
        #expect(try cluster.actions.isEmpty)
        #expect(cluster.pods.count == 1)
    }

    @Test("a volume that is not bound does not grow yet, and none shrinks")
    func limits() throws {
        var cluster = ModelCluster()
        try cluster.settle()
        cluster.change(["onCluster", "storage", "capacity"], "30Gi")
        #expect(try cluster.actions.isEmpty)
        cluster.bindClaim("20Gi")
        #expect(try cluster.actions == ["grow to 30Gi"])
        cluster.change(["onCluster", "storage", "capacity"], "10Gi")
        #expect(try cluster.actions.isEmpty)
        #expect(try cluster.condition(.degraded) == "True CannotShrink")
    }
}

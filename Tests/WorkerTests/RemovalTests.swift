import JSON
import Testing

@testable import Worker

@Suite("removal")
struct RemovalTests {
    private static func deleted(_ spec: JSONTree = .emptyObject) throws -> ModelCluster {
        var cluster = try ModelCluster.running(spec)
        cluster.metadata = ["deletionTimestamp": "2026-01-01T00:00:00Z"]
        return cluster
    }

    @Test("first what uses the data, then how it is reached, then the data, then the finalizer")
    func order() throws {
        var cluster = try Self.deleted(["onCluster": ["ingress": ["enabled": true]]])
        #expect(try cluster.actions.isEmpty && cluster.plan.isCheckpoint)
        #expect(try cluster.condition(.progressing) == "True Deleting")
        #expect(
            try cluster.settle() == [
                "delete statefulSet", "delete orders-0", "delete clientService", "delete podService", "delete ingress",
                "delete configuration", "delete claim", "delete credentials", "look for a stray claim", "look for a stray credentials",
                "remove finalizer"
            ])
    }

    @Test("the volume stays as long as a pod may use it")
    func podFirst() throws {
        var cluster = try Self.deleted()
        cluster.objects[.statefulSet] = nil
        cluster.pods = cluster.pods.map { pod in
            var pod = pod
            pod.insert("2026-01-01T00:00:00Z", at: ["metadata", "deletionTimestamp"])
            return pod
        }
        #expect(try cluster.actions.isEmpty)
        #expect(try cluster.plan.status?.condition(.progressing)?.message == "Pod orders-0 is being deleted")
    }

    @Test("it ends also when a part is gone already", arguments: Part.allCases)
    func half(part: Part) throws {
        var cluster = try Self.deleted()
        cluster.objects[part] = nil
        #expect(try cluster.settle().last == "remove finalizer")
        #expect(cluster.objects.isEmpty && cluster.pods.isEmpty && cluster.finalizers.isEmpty)
    }

    @Test("what is being deleted is waited for, and not deleted again")
    func waiting() throws {
        var cluster = try Self.deleted()
        cluster.set(.statefulSet, ["metadata", "deletionTimestamp"], "2026-01-01T00:00:00Z")
        #expect(try cluster.actions.isEmpty)
        #expect(try cluster.plan.status?.phase == .deleting)
    }

    @Test("a protected database is not deleted, whoever let it through")
    func protected() throws {
        var cluster = try Self.deleted(["deletionProtection": true])
        #expect(try cluster.actions.isEmpty)
        #expect(try cluster.condition(.degraded) == "True DeletionProtected")
        cluster.change(["deletionProtection"], false)
        #expect(try cluster.settle().last == "remove finalizer")
    }

    @Test("who deletes and orphans keeps everything")
    func orphaned() throws {
        var cluster = try Self.deleted()
        cluster.finalizers.append("orphan")
        #expect(try cluster.settle() == ["remove finalizer"])
        #expect(cluster.objects.count == 6)
    }

    @Test("an object that is not ours to keep is not looked at")
    func noFinalizer() throws {
        var cluster = try Self.deleted()
        cluster.finalizers = ["theirs"]
        #expect(try cluster.actions.isEmpty)
        #expect(try cluster.plan.status == nil)
    }

    @Test("a Secret from before has no owner reference any more, so that the garbage collector never takes it")
    func formerReference() throws {
        var cluster = try ModelCluster.running()
        let reference: JSONTree = ["apiVersion": "v1", "kind": "x", "name": "orders", "uid": .string(ModelCluster.uid)]
        let other: JSONTree = ["apiVersion": "v1", "kind": "x", "name": "theirs", "uid": "another"]
        cluster.set(.credentials, ["metadata", "ownerReferences"], [reference, other])
        #expect(try cluster.settle() == ["release credentials"])
        let left = try cluster.objects[.credentials]?.value[path: ["metadata", "ownerReferences"]]?.elements.map { $0["uid"]?.string }
        #expect(left == ["another"])
    }

    @Test("what is to be retained is let go of, and everything else is deleted, also when it was protected once")
    func retained() throws {
        var cluster = try Self.deleted(["deletionPolicy": "Retain"])
        for part in DataProtection.parts { cluster.set(part, ["metadata", "finalizers"], [.string(DataProtection.finalizer)]) }
        #expect(try cluster.settle().last == "remove finalizer")
        #expect(Set(cluster.objects.keys) == DataProtection.parts)
        #expect(try cluster.objects.values.allSatisfy { try !DataProtection.isOn($0.value) })
    }
}

import JSON
import Testing

@testable import Worker

@Suite("a pod that another release of dbmmo made")
struct ReleaseUpgradeTests {
    /// A database whose pod was made from another template, with the same settings.
    private static func cluster(_ template: JSONTree? = "another", ready: Bool = true) throws -> ModelCluster {
        var cluster = try ModelCluster.running()
        cluster.run(ready: ready)
        cluster.pods = cluster.pods.map { pod in
            var pod = pod
            pod.put("another", at: ["metadata", "labels", "controller-revision-hash"])
            if let template { pod.put(template, at: ["metadata", "annotations", DesiredObjects.templateAnnotation]) }
            return pod
        }
        return cluster
    }

    @Test("goes on, and the object says so")
    func kept() throws {
        let cluster = try Self.cluster()
        #expect(try cluster.actions.isEmpty)
        #expect(try cluster.condition(.progressing) == "False Settled")
        #expect(try cluster.plan.status?.condition(.ready)?.message.contains("another release of dbmmo made the pod") == true)
        let same = try ModelCluster.running()
        #expect(try same.plan.status?.condition(.ready)?.message == "orders-0 serves clients")
    }

    @Test("is replaced with the user's next change", arguments: [["limits": ["cpu": "2"]], ["limits": ["memory": "2Gi"]]] as [JSONTree])
    func changed(resources: JSONTree) throws {
        var cluster = try Self.cluster()
        cluster.change(["onCluster", "resources"], resources)
        #expect(try cluster.settle().filter { !$0.contains("configuration") } == ["apply statefulSet", "delete orders-0"])
    }

    @Test("is replaced when it fails, since this release may start it")
    func failing() throws {
        var cluster = try Self.cluster(ready: false)
        #expect(try cluster.actions.isEmpty)
        cluster.pods = cluster.pods.map { pod in
            var pod = pod
            let state: JSONTree = ["waiting": ["reason": "CrashLoopBackOff"]]
            pod.put([["name": "mysql", "state": state]], at: ["status", "containerStatuses"])
            return pod
        }
        #expect(try cluster.actions == ["delete orders-0"])
    }

    @Test("is not one that was made from a template that somebody had edited")
    func edited() throws {
        #expect(try Self.cluster(nil).actions == ["delete orders-0"])
    }

    @Test("is told by what the user decides: image, version, password's Secret, variables and resources")
    func decided() throws {
        func hash(_ path: [String], _ value: JSONTree) throws -> String {
            var cluster = try ModelCluster.running()
            cluster.change(path, value)
            let situation = try cluster.situation
            return Settings(situation.database, owner: situation.owner, observed: situation.observed).podHash
        }
        let hashes = try [
            hash(["replicas"], 1), hash(["version"], "9.0"), hash(["onCluster", "image"], "mysql:8.4.3"),
            hash(["credentials"], ["passwordSecretRef": ["name": "own"]]), hash(["onCluster", "resources"], ["limits": ["cpu": "1"]]),
            hash(["onCluster", "envFrom"], [["configMapRef": ["name": "more"]]])
        ]
        #expect(Set(hashes).count == 6)
        #expect(try hash(["replicas"], 0) == hashes[0])
        #expect(try hash(["onCluster", "storage", "capacity"], "30Gi") == hashes[0])
    }
}

import JSON
import Testing

@testable import Worker

@Suite("what is checked right before data are deleted")
struct LiveCheckTests {
    private static func check(deleted: Bool = true) throws -> (LiveCheck, ModelCluster) {
        var cluster = try ModelCluster.running()
        if deleted { cluster.metadata = ["deletionTimestamp": "2026-11-28T00:00:00Z"] }
        return (LiveCheck(situation: try cluster.situation), cluster)
    }

    /// An object of a part as the API server would have it, with some of its metadata changed (RFC 7386).
    private static func live(_ part: Part, in cluster: ModelCluster, _ change: JSONTree = .emptyObject) throws -> JSONValue? {
        var object = cluster.objects[part]
        object?.mergePatch(["metadata": ["resourceVersion": "7"]])
        object?.mergePatch(["metadata": change])
        return try object?.value
    }

    private static func uid(_ part: Part, in cluster: ModelCluster) throws -> String {
        try #require(try cluster.objects[part]?.value["metadata"]?["uid"]?.string)
    }

    @Test("the DBMMOMySQL has to be the one that was decided on, in that version")
    func current() throws {
        let (check, cluster) = try Self.check()
        #expect(check.isCurrent((ModelCluster.uid, cluster.resourceVersion)))
        #expect(!check.isCurrent((ModelCluster.uid, "8")))
        #expect(!check.isCurrent(("another", cluster.resourceVersion)))
        #expect(!check.isCurrent(nil))
    }

    @Test("an object is deleted when it is the one that is meant and ours, in the version that it has", arguments: Part.allCases.dropLast())
    func proceeds(part: Part) throws {
        let (check, cluster) = try Self.check()
        let uid = try Self.uid(part, in: cluster)
        #expect(check.verdict(on: part, try Self.live(part, in: cluster), uid: uid) == .proceed(resourceVersion: "7"))
        #expect(check.verdict(on: part, try Self.live(part, in: cluster, ["uid": "another"]), uid: uid) == .stale)
        let foreign: JSONTree = ["ownerReferences": .null, "annotations": .null]
        #expect(check.verdict(on: part, try Self.live(part, in: cluster, foreign), uid: uid) == .stale)
        #expect(check.verdict(on: part, nil, uid: uid) == .gone)
    }

    @Test("an object without its owner reference was orphaned when its DBMMOMySQL is deleted, and only then")
    func orphaned() throws {
        for part in [Part.statefulSet, .clientService, .podService, .configuration] {
            let (check, cluster) = try Self.check()
            let live = try Self.live(part, in: cluster, ["ownerReferences": .null])
            #expect(check.verdict(on: part, live, uid: try Self.uid(part, in: cluster)) == .orphaned)
            let (running, same) = try Self.check(deleted: false)
            #expect(running.verdict(on: part, live, uid: try Self.uid(part, in: same)) == .proceed(resourceVersion: "7"))
        }
    }

    @Test("a pod is replaced only for the template that was looked at")
    func pods() throws {
        let (check, cluster) = try Self.check(deleted: false)
        let live = try cluster.objects[.statefulSet]?.value
        #expect(check.mayReplacePods(isCurrent: true, live))
        var other = cluster
        other.set(.statefulSet, ["status", "updateRevision"], "another")
        #expect(!check.mayReplacePods(isCurrent: true, try other.objects[.statefulSet]?.value))
        other = cluster
        other.set(.statefulSet, ["metadata", "uid"], "another")
        #expect(!check.mayReplacePods(isCurrent: true, try other.objects[.statefulSet]?.value))
        #expect(!check.mayReplacePods(isCurrent: true, nil))
    }

    @Test("a pod without a StatefulSet is deleted only while there is still none, and the DBMMOMySQL is as it was")
    func podsAlone() throws {
        var cluster = try ModelCluster.running()
        let statefulSet = try cluster.objects[.statefulSet]?.value
        cluster.objects[.statefulSet] = nil
        let check = LiveCheck(situation: try cluster.situation)
        #expect(check.mayReplacePods(isCurrent: true, nil))
        #expect(!check.mayReplacePods(isCurrent: false, nil))
        #expect(!check.mayReplacePods(isCurrent: true, statefulSet))
    }
}

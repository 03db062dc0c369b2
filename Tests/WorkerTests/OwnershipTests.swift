import JSON
import KubernetesClient
import Testing

@testable import Worker

@Suite("what is ours")
struct OwnershipTests {
    private static let owner = Owner(key: .init(namespace: "shop", name: "orders"), uid: ModelCluster.uid)

    @Test("the owner reference or the annotation with the uid makes it ours; a label or a name does not")
    func owns() throws {
        func owns(_ metadata: JSONTree) throws -> Bool { Self.owner.owns(try (["metadata": metadata] as JSONTree).value) }
        #expect(try owns(["ownerReferences": [["kind": "Job", "uid": "other"], ["uid": .string(ModelCluster.uid)]]]))
        #expect(try owns(["annotations": .object([.init(name: Owner.uidAnnotation, value: .string(ModelCluster.uid))])]))
        #expect(try !owns(["labels": Self.owner.labels]))
        #expect(try !owns(["labels": Self.owner.labels, "ownerReferences": [["name": "orders", "uid": "an-earlier-one"]]]))
        #expect(try !owns(["name": "orders"]))
    }

    @Test("something foreign is neither changed nor deleted, and told; everything else goes on", arguments: Part.allCases, [true, false])
    func foreign(part: Part, isWatched: Bool) throws {
        var cluster = ModelCluster(["onCluster": ["ingress": ["enabled": true]]])
        // With our labels it is in the caches; without, creating it fails.
        if isWatched {
            cluster.objects[part] = ["metadata": ["name": "x", "uid": "foreign", "labels": Self.owner.labels]]
        } else {
            cluster.conflicts = [part]
        }
        let before = cluster.objects[part]?.text
        let done = try cluster.settle()
        #expect(!done.contains { $0.hasSuffix(" \(part)") })
        #expect(cluster.objects[part]?.text == before)
        #expect(try cluster.condition(.degraded) == "True NameConflict")
        #expect(try cluster.plan.status?.condition(.degraded)?.message.contains(part.title(for: "orders")) == true)
        let blocksPods = [.credentials, .configuration, .claim, .statefulSet].contains(part)
        let others = Part.allCases.filter { $0 != part && !($0 == .statefulSet && blocksPods) }
        #expect(Set(done) == Set(["add finalizer"] + others.map { "create \($0)" }))

        cluster.metadata = ["deletionTimestamp": "2026-01-01T00:00:00Z"]
        let removed = try cluster.settle()
        #expect(cluster.objects[part]?.text == before)
        #expect(removed.last == "remove finalizer")
    }

    @Test("an object is somebody's by its label, or by its owner reference")
    func names() throws {
        let object: JSONTree = [
            "metadata": [
                "labels": ["app.kubernetes.io/instance": "renamed"],
                "ownerReferences": [["kind": "DBMMOMySQL", "name": "orders"], ["kind": "Job", "name": "x"]]
            ]
        ]
        #expect(Owner.names(of: try object.value) == ["renamed", "orders"])
    }
}

import JSON
import TestSupport
import Testing

@testable import Worker

@Suite("who owns the fields of an object that we created")
struct FieldOwnershipTests {
    private static let paths: [FieldOwnership.Path] = [
        ["f:spec", "f:containers", #"k:{"name":"mysql"}"#, "f:resources"], ["f:metadata", "f:annotations", "*"]
    ]

    private static func entry(_ operation: String, _ fields: JSONTree, manager: String = "dbmmo", subresource: String? = nil) -> JSONTree {
        [
            "manager": .string(manager), "operation": .string(operation), "apiVersion": "apps/v1", "time": "2026-01-01T00:00:00Z",
            "fieldsType": "FieldsV1", "fieldsV1": fields, "subresource": subresource.map { .string($0) }
        ]
    }

    private static func list(_ entries: JSONTree...) throws -> [JSONTree] {
        FieldOwnership(of: try (["metadata": ["managedFields": .array(entries)]] as JSONTree).value).moving(paths)
    }

    private static let container: JSONTree = [
        ".": .emptyObject, "f:image": .emptyObject, "f:resources": ["f:limits": ["f:cpu": .emptyObject]]
    ]

    private static let created: JSONTree = [
        "f:metadata": ["f:annotations": [".": .emptyObject, "f:a": .emptyObject], "f:labels": .emptyObject],
        "f:spec": ["f:containers": [#"k:{"name":"mysql"}"#: container]]
    ]

    private static func entries(_ changes: [JSONTree]) throws -> [JSONValue] {
        #expect(changes.count == 1)
        let change = try #require(try changes.first?.value)
        #expect(change["path"]?.string == "/metadata/managedFields" && change["op"]?.string == "replace")
        return change["value"]?.elements ?? []
    }

    @Test("what may have to go is moved from the creation to our applies, and everything else stays where it is")
    func moved() throws {
        let other = Self.entry("Update", ["f:status": .emptyObject], manager: "kube-controller-manager")
        let entries = try Self.entries(try Self.list(Self.entry("Update", Self.created), other))
        #expect(entries.map { $0["operation"]?.string } == ["Update", "Update", "Apply"])
        #expect(entries.map { $0["manager"]?.string } == ["dbmmo", "kube-controller-manager", "dbmmo"])
        #expect(entries.allSatisfy { $0["fieldsType"]?.string == "FieldsV1" && $0["apiVersion"]?.string == "apps/v1" })
        let kept = #"{"f:metadata":{"f:labels":{}},"f:spec":{"f:containers":{"k:{\"name\":\"mysql\"}":{".":{},"f:image":{}}}}}"#
        let expected = try JSONDocument(parsing: kept).root
        #expect(entries.first?["fieldsV1"]?.canonicalText == expected.canonicalText)
        let moved = try #require(entries.last?["fieldsV1"])
        #expect(moved[path: ["f:metadata", "f:annotations", "f:a"]] != nil)
        #expect(moved[path: ["f:spec", "f:containers", #"k:{"name":"mysql"}"#, "f:resources", "f:limits", "f:cpu"]] != nil)
        #expect(moved[path: ["f:metadata", "f:labels"]] == nil)
    }

    @Test("fields that an apply owns already stay its own")
    func joined() throws {
        let applied = Self.entry("Apply", ["f:spec": ["f:replicas": .emptyObject]])
        let entries = try Self.entries(try Self.list(applied, Self.entry("Update", Self.created)))
        #expect(entries.map { $0["operation"]?.string } == ["Apply", "Update"])
        #expect(entries.first?["fieldsV1"]?[path: ["f:spec", "f:replicas"]] != nil)
        #expect(entries.first?["fieldsV1"]?[path: ["f:metadata", "f:annotations"]] != nil)
    }

    @Test("nothing is moved from others, from the status, or twice")
    func nothing() throws {
        #expect(try Self.list().isEmpty)
        #expect(try Self.list(Self.entry("Update", Self.created, manager: "kubectl")).isEmpty)
        #expect(try Self.list(Self.entry("Update", Self.created, subresource: "status")).isEmpty)
        let entries = try Self.entries(try Self.list(Self.entry("Update", Self.created)))
        let again: JSONTree = ["metadata": ["managedFields": .array(entries.map { .verbatim($0) })]]
        #expect(FieldOwnership(of: try again.value).moving(Self.paths).isEmpty)
    }

    @Test("a database with settings that may have to go is created whole, owned by applies, applied, and then at rest")
    func plan() throws {
        var cluster = ModelCluster(["onCluster": ["resources": ["limits": ["cpu": 1]]]])
        try cluster.settle(stoppingAfter: 7)
        #expect(try cluster.actions == ["apply statefulSet"])
        let fields: JSONTree = [
            "f:spec": ["f:template": ["f:spec": ["f:containers": [#"k:{"name":"mysql"}"#: Self.container]]]]
        ]
        cluster.set(.statefulSet, ["metadata", "managedFields"], [Self.entry("Update", fields)])
        #expect(try cluster.settle() == ["move ownership of statefulSet", "apply statefulSet"])
        #expect(try cluster.actions.isEmpty)
    }
}

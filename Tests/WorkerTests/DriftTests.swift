import JSON
import KubernetesClient
import Testing

@testable import Worker

@Suite("drift")
struct DriftTests {
    /// What somebody does to an object, and what the plan does about it.
    struct Edit: Sendable, CustomTestStringConvertible {
        let part: Part
        let path: [String]
        let value: JSONTree
        let answer: [String]

        var testDescription: String { "\(part) \(path.joined(separator: ".")) = \(value.text)" }

        init(_ part: Part, _ path: String, _ value: JSONTree, _ answer: String...) {
            self.part = part
            self.path = path.split(separator: "|").map(String.init)
            self.value = value
            self.answer = answer
        }
    }

    private static let ownerReference = Owner(key: ObjectKey(namespace: "shop", name: "orders"), uid: ModelCluster.uid).reference

    static let edits: [Edit] = [
        Edit(.clientService, "metadata|labels", ["app.kubernetes.io/managed-by": "dbmmo"], "apply clientService"),
        Edit(.configuration, "metadata|ownerReferences", [], "apply configuration"),
        Edit(.clientService, "spec|type", "NodePort", "apply clientService"),
        Edit(.clientService, "spec|ports", [["name": "mysql", "port": 3307, "protocol": "TCP"]], "tidy clientService"),
        Edit(.clientService, "spec|selector|more", "x", "tidy clientService"),
        Edit(.clientService, "spec|selector|app.kubernetes.io/name", "x", "apply clientService"),
        Edit(.configuration, "data|dbmmo.cnf", "[mysqld]", "apply configuration"),
        Edit(.configuration, "data|other.cnf", "[mysqld]", "tidy configuration"),
        Edit(.statefulSet, "spec|replicas", 3, "apply statefulSet"),
        Edit(.statefulSet, "spec|updateStrategy|type", "RollingUpdate", "apply statefulSet"),
        Edit(.statefulSet, "spec|template|spec|terminationGracePeriodSeconds", 1, "apply statefulSet"),
        Edit(.credentials, "metadata|labels|app.kubernetes.io/name", "x", "apply credentials"),
        Edit(.claim, "metadata|labels|app.kubernetes.io/name", "x", "apply claim"),
        // What others add, and what the API server adds, is none of our business.
        Edit(.clientService, "metadata|annotations|theirs", "x"),
        Edit(.clientService, "metadata|labels|theirs", "x"),
        Edit(.configuration, "metadata|ownerReferences", [["kind": "Job", "name": "orders", "uid": "other"], ownerReference]),
        Edit(.clientService, "spec|clusterIP", "10.96.0.7"),
        Edit(.clientService, "spec|ports", [["name": "mysql", "port": 3306, "protocol": "TCP", "targetPort": 3306, "nodePort": 30_001]]),
        Edit(.statefulSet, "spec|revisionHistoryLimit", 10),
        Edit(.statefulSet, "spec|template|spec|dnsPolicy", "ClusterFirst"),
        Edit(.credentials, "data", ["MYSQL_ROOT_PASSWORD": "bmV3"])
    ]

    @Test("what somebody changes is put right, what somebody adds stays", arguments: Self.edits)
    func edited(edit: Edit) throws {
        var cluster = try ModelCluster.running()
        cluster.set(edit.part, edit.path, edit.value)
        #expect(try cluster.actions == edit.answer)
    }

    @Test("a second container is taken away; fields that the API server fills in for ours are not")
    func containers() throws {
        let wanted: JSONTree = ["spec": ["template": ["spec": ["containers": [["name": "mysql", "image": "mysql:8.4"]]]]]]
        let observed: JSONTree = [
            "spec": [
                "template": ["spec": ["containers": [["name": "x"], ["name": "mysql", "image": "mysql:8.4", "imagePullPolicy": "Always"]]]]
            ]
        ]
        let drift = Drift(of: try observed.value, from: wanted)
        #expect(drift.isCovered)
        #expect(drift.surplus.map(\.text) == [#"{"op":"remove","path":"/spec/template/spec/containers/0"}"#])
    }

    @Test("quantities are compared as numbers", arguments: [("1000m", "1"), ("0.5Gi", "512Mi"), ("1", "1")])
    func quantities(wanted: String, stored: String) throws {
        func tree(_ quantity: String) -> JSONTree { ["spec": ["resources": ["requests": ["storage": .string(quantity)]]]] }
        #expect(Drift(of: try tree(stored).value, from: tree(wanted)).isCovered)
        #expect(!Drift(of: try tree("7").value, from: tree(wanted)).isCovered)
    }

    @Test("empty values are there when they are left out")
    func empty() throws {
        let wanted: JSONTree = ["spec": ["a": "", "b": false, "c": 0, "d": [], "e": ["f": ""]]]
        #expect(Drift(of: try JSONTree.emptyObject.value, from: wanted).isCovered)
        #expect(!Drift(of: try JSONTree.emptyObject.value, from: ["spec": ["a": "x"]]).isCovered)
    }
}

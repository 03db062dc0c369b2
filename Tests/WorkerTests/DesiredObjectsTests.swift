import JSON
import KubernetesClient
import TestSupport
import Testing

@testable import Worker

@Suite("what a database on the cluster consists of")
struct DesiredObjectsTests {
    private static func objects(_ spec: JSONTree = .emptyObject) throws -> [Part: DesiredObject] {
        let situation = try ModelCluster(spec).situation
        let settings = Settings(situation.database, owner: situation.owner, observed: situation.observed)
        let desired = DesiredObjects(settings: settings)
        return Dictionary(
            uniqueKeysWithValues: Part.allCases.compactMap { part in desired.object(part) { "made-up" }.map { (part, $0) } })
    }

    @Test("the parts and their names")
    func names() throws {
        let names = try Self.objects().sorted { $0.key < $1.key }.map { "\($0.key.type.kind) \($0.value.key)" }
        #expect(
            names == [
                "Secret shop/orders-credentials", "ConfigMap shop/orders-config", "PersistentVolumeClaim shop/data-orders-0",
                "Service shop/orders-pods", "Service shop/orders", "StatefulSet shop/orders"
            ])
        #expect(try Self.objects(["onCluster": ["ingress": ["enabled": true]]])[.ingress]?.key.name == "orders")
    }

    @Test("all carry our labels and the owner's uid, and all but volume and Secret an owner reference", arguments: Part.allCases)
    func ownership(part: Part) throws {
        let object = try #require(try Self.objects(["onCluster": ["ingress": ["enabled": true]]])[part])
        for tree in [object.created, object.applied] {
            let metadata = try #require(try tree.value["metadata"])
            #expect(metadata["labels"]?["app.kubernetes.io/managed-by"]?.string == "dbmmo")
            #expect(metadata["labels"]?["app.kubernetes.io/instance"]?.string == "orders")
            #expect(metadata["annotations"]?[Owner.uidAnnotation]?.string == ModelCluster.uid)
            let reference = metadata["ownerReferences"]?.elements.first
            #expect((reference == nil) == DataProtection.parts.contains(part))
            if let reference {
                #expect(reference["uid"]?.string == ModelCluster.uid && reference["controller"]?.boolean == true)
                #expect(reference["blockOwnerDeletion"]?.boolean == true)
            }
        }
    }

    @Test("the password is in the Secret and nowhere else", arguments: [nil, "plain-text-1"])
    func password(given: String?) throws {
        let objects = try Self.objects(given.map { ["credentials": ["password": .string($0)]] } ?? .emptyObject)
        let secret = try #require(objects[.credentials])
        #expect(try secret.created.value["stringData"]?["MYSQL_ROOT_PASSWORD"]?.string == given ?? "made-up")
        for object in objects.values {
            let others = object.part == .credentials ? [object.applied] : [object.created, object.applied]
            for tree in others { #expect(!tree.text.contains("made-up") && !tree.text.contains("plain-text-1")) }
        }
        let user = try Self.objects(["credentials": ["passwordSecretRef": ["name": "mine", "key": "k"]]])
        #expect(user[.credentials] == nil)
        #expect(user[.statefulSet]?.created.text.contains(#""secretKeyRef":{"name":"mine","key":"k"}"#) == true)
    }

    @Test("a password that is made up is long, and never the same")
    func madeUp() {
        let passwords = Set((0..<100).map { _ in Password.random() })
        #expect(passwords.count == 100)
        #expect(passwords.allSatisfy { $0.utf8.count == 32 && $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) } })
    }

    private static let withRemovables: JSONTree = [
        "replicas": 1,
        "onCluster": [
            "resources": ["limits": ["cpu": 1]], "envFrom": [["secretRef": ["name": "more"]]],
            "service": ["annotations": ["a": "b"]], "ingress": ["enabled": true, "className": "nginx"]
        ]
    ]

    @Test("an object is created with all of its settings, and its first apply is still to come where something may have to go later")
    func whole() throws {
        let objects = try Self.objects(Self.withRemovables)
        for (part, word) in [(Part.statefulSet, "limits"), (.statefulSet, "envFrom"), (.clientService, #""a":"b""#), (.ingress, "nginx")] {
            let object = try #require(objects[part])
            #expect(object.created.text.contains(word) && object.applied.text.contains(word))
            #expect(!object.created.text.contains(DesiredObjects.appliedAnnotation))
        }
        // Quantities are strings, as server-side apply needs them.
        #expect(objects[.statefulSet]?.applied.text.contains(#""limits":{"cpu":"1"}"#) == true)
    }

    @Test("a StatefulSet is never created with fewer pods than the spec says, which is one where it says nothing")
    func replicas() throws {
        func replicas(_ spec: JSONTree) throws -> Int64? {
            try Self.objects(spec)[.statefulSet]?.created.value["spec"]?["replicas"]?.integer
        }
        #expect(try replicas(Self.withRemovables) == 1)
        #expect(try replicas(["replicas": 0]) == 0)
        var cluster = try ModelCluster.running(Self.withRemovables)
        cluster.spec.put(.null, at: ["replicas"])
        cluster.set(.statefulSet, ["spec", "replicas"], 0)
        let situation = try cluster.situation
        #expect(Settings(situation.database, owner: situation.owner, observed: situation.observed).replicas == 1)
    }

    @Test("an object that lacks nothing is created at once")
    func complete() throws {
        for object in try Self.objects().values {
            #expect(object.created.text.contains(DesiredObjects.appliedAnnotation), "\(object.part)")
            #expect(Drift(of: try object.created.value, from: object.applied).isCovered, "\(object.part)")
        }
    }

    @Test("a new database is made by an init container that is like the server's, and never in the folder that the server uses")
    func initialization() throws {
        let set = try #require(try Self.objects(Self.withRemovables)[.statefulSet])
        let spec = try #require(try set.created.value[path: ["spec", "template", "spec"]])
        let initialization = try #require(spec["initContainers"]?.elements.first)
        let server = try #require(spec["containers"]?.elements.first)
        for member in ["image", "env", "envFrom", "resources", "securityContext"] {
            #expect(initialization[member]?.canonicalText == server[member]?.canonicalText, "\(member)")
        }
        // The server sees one folder of the volume, the init container all of it.
        let mounts = [server, initialization].map { $0["volumeMounts"]?.elements.first { $0["name"]?.string == "data" } }
        #expect(mounts.map { $0?["subPath"]?.string } == ["mysql", nil])
        // Neither the probe nor the script has the password on a command line.
        #expect(server["readinessProbe"]?.spelling.contains("SELECT 1") == true)
        #expect(!Initialization.script.contains("--password"))
    }

    @Test("the image follows the version unless it is named")
    func image() throws {
        func image(_ spec: JSONTree) throws -> String? {
            StatefulSetState(try #require(try Self.objects(spec)[.statefulSet]).applied.value).image
        }
        #expect(try image(["version": "8.0"]) == "mysql:8.0")
        #expect(try image(["version": "8.0", "onCluster": ["image": "registry.example/mysql:8.0.36"]]) == "registry.example/mysql:8.0.36")
    }
}

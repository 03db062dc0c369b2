import JSON
import TestSupport
import Testing

extension ClusterTests {
    @Suite("an object from before the rules")
    struct OlderObjectTests {
        /// A spec that breaks four rules, in fields apart from each other.
        private static let spec = #"""
            {"replicas":3,"version":"8.5",
             "onCluster":{"storage":{"capacity":"20Gi","accessModes":["Sometimes"]},"envFrom":[{"prefix":"1-","secretRef":{"name":"s"}}]}}
            """#

        /// What is printed of each fault, up to the part that is free text.
        private static let faults = [
            #"spec.version: Unsupported value: "8.5""#,
            "spec.replicas: Invalid value: 3",
            #"spec.onCluster.storage.accessModes[0]: Unsupported value: "Sometimes""#,
            #"spec.onCluster.envFrom[0].prefix: Invalid value: "1-""#
        ]

        @Test("is labelled, annotated, given a finalizer and a status, in either version, without a word", arguments: Version.allCases)
        func untouchedSpec(version: Version) async throws {
            let space = try await Cluster.current.namespace()
            try await space.store(Objects.object("orders", spec: Self.spec))
            let before = try await space.get("orders")

            for command in [
                ["label", version.resource, "orders", "team=payments"], ["annotate", version.resource, "orders", "note=kept"],
                ["patch", version.resource, "orders", "--type=merge", "-p", #"{"metadata":{"finalizers":["example.com/hold"]}}"#],
                ["patch", version.resource, "orders", "--type=json", "-p", #"[{"op":"remove","path":"/metadata/finalizers"}]"#]
            ] {
                let outcome = try await space.kubectl(command)
                #expect(outcome.exitCode == 0 && outcome.wordsOfRules.isEmpty, "\(outcome)")
            }
            let status = try await space.patchStatus("orders", #"{"status":{"persistentVolumeClaims":["data"]}}"#, as: .v1alpha1)
            #expect(status.exitCode == 0, "\(status)")

            let after = try await space.get("orders")
            #expect(after["spec"]?.canonicalText == before["spec"]?.canonicalText)
            #expect(after[path: ["metadata", "labels", "team"]]?.string == "payments")
        }

        @Test("has another field edited, and each old fault is a warning")
        func otherField() async throws {
            let space = try await Cluster.current.namespace()
            try await space.store(Objects.object("orders", spec: Self.spec))

            let edited = try await space.mergePatch("orders", #"{"spec":{"onCluster":{"image":"mysql:8.4.5"}}}"#)
            #expect(edited.exitCode == 0, "\(edited)")
            let warnings = edited.warningLines.map { $0.dropFirst("Warning: ".count) }
            #expect(warnings.count == Self.faults.count, "\(edited)")
            for fault in Self.faults { #expect(warnings.contains { $0.hasPrefix(fault) }, "\(fault): \(edited)") }
            #expect(try await space.get("orders")[path: ["spec", "onCluster", "image"]]?.string == "mysql:8.4.5")
        }

        @Test("in v1alpha1 is warned about in v1alpha1's words")
        func otherFieldInV1alpha1() async throws {
            let space = try await Cluster.current.namespace()
            try await space.store(Objects.object("orders", .v1alpha1, spec: #"{"size":3,"deployment":{"deploymentType":"Mars"}}"#))

            let edited = try await space.mergePatch("orders", #"{"spec":{"deployment":{"confirmMigrate":false}}}"#, as: .v1alpha1)
            #expect(edited.exitCode == 0, "\(edited)")
            let warnings = edited.wordsOfRules
            #expect(warnings.count == 2)
            #expect(warnings.contains { $0.hasPrefix(#"Warning: spec.deployment.deploymentType: Unsupported value: "Mars""#) }, "\(edited)")
            #expect(warnings.contains { $0.hasPrefix("Warning: spec.size: Invalid value: 3") }, "\(edited)")
        }

        @Test("is refused for the faults that this very update makes, and for no other one")
        func newFaults() async throws {
            let space = try await Cluster.current.namespace()
            try await space.store(Objects.object("orders", spec: Self.spec))
            let before = try await space.get("orders")

            let patch = #"{"spec":{"replicas":4,"onCluster":{"image":"Not An Image","storage":{"capacity":"20Gi"}}}}"#
            let refused = try await space.mergePatch("orders", patch)
            #expect(refused.exitCode == 1)
            let lines = refused.faultLines
            #expect(lines.count == 3, "\(refused)")
            #expect(lines.first == #"The DBMMOMySQL "orders" is invalid:"#)
            #expect(lines.dropFirst().first?.hasPrefix("* spec.replicas: Invalid value: 4: ") == true)
            #expect(lines.last?.hasPrefix(#"* spec.onCluster.image: Invalid value: "Not An Image": "#) == true)
            #expect(try await space.get("orders")["spec"]?.canonicalText == before["spec"]?.canonicalText)

            // A field that is put right stays right: its old value is refused from now on.
            let better = try await space.mergePatch("orders", #"{"spec":{"replicas":1}}"#)
            #expect(better.exitCode == 0, "\(better)")
            #expect(better.warningLines.count == Self.faults.count - 1, "\(better)")
            let worse = try await space.mergePatch("orders", #"{"spec":{"replicas":3}}"#)
            #expect(worse.exitCode == 1, "\(worse)")
        }

        @Test("is deleted, one by one and all at once")
        func deletion() async throws {
            let space = try await Cluster.current.namespace()
            let objects = ["orders", "carts", "users"].map { Objects.object($0, spec: Self.spec) }
            try await space.store(objects.joined(separator: "\n"))
            let one = try await space.kubectl(["delete", "dbmmo", "orders"])
            #expect(one.exitCode == 0, "\(one)")
            let others = try await space.kubectl(["delete", "dbmmo", "--all"])
            #expect(others.exitCode == 0, "\(others)")
            #expect(try await space.demandKubectl(["get", "dbmmo", "--ignore-not-found", "-o", "name"]).isEmpty)
        }

        @Test("goes, or is let go, with its owner", .controllersAvailable, arguments: ["background", "foreground", "orphan"])
        func garbageCollection(cascade: String) async throws {
            let space = try await Cluster.current.namespace()
            try await space.demandKubectl(["create", "configmap", "owner"])
            let uid = try await space.demandKubectl(["get", "configmap", "owner", "-o", "jsonpath={.metadata.uid}"])
            let owners = #""ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"owner","uid":"\#(uid)"}]"#
            try await space.store(Objects.object("orders", metadata: owners, spec: Self.spec))

            let deleted = try await space.kubectl(["delete", "configmap", "owner", "--cascade=\(cascade)", "--wait=false"])
            #expect(deleted.exitCode == 0, "\(deleted)")
            // The garbage collector looks for new kinds of objects every 30 seconds.
            if cascade == "orphan" {
                try await poll("the object has no owner", for: .seconds(90), every: .milliseconds(200)) {
                    try await space.get("orders")[path: ["metadata", "ownerReferences"]] == nil
                }
            } else {
                try await poll("the object is gone with its owner", for: .seconds(90), every: .milliseconds(200)) {
                    try await !space.exists("orders")
                }
            }
            try await poll("the owner is gone", for: .seconds(90), every: .milliseconds(200)) {
                try await space.demandKubectl(["get", "configmap", "owner", "--ignore-not-found", "-o", "name"]).isEmpty
            }
        }

        @Test("goes with its namespace; a protected one keeps it until the protection is lifted", .controllersAvailable)
        func namespaceDeletion() async throws {
            let space = try await Cluster.current.namespace()
            try await space.store(Objects.object("orders", spec: Self.spec))
            try await space.demandApply(Objects.object("vault", spec: #"{"deletionProtection":true}"#))

            try await space.cluster.demandKubectl(["delete", "namespace", space.name, "--wait=false"])
            try await poll("the old object is gone", for: .seconds(90), every: .milliseconds(200)) { try await !space.exists("orders") }
            #expect(try await space.exists("vault"))
            let lifted = try await space.mergePatch("vault", #"{"spec":{"deletionProtection":false}}"#)
            #expect(lifted.exitCode == 0, "\(lifted)")
            try await poll("the namespace is gone", for: .seconds(90), every: .milliseconds(200)) {
                try await space.cluster.demandKubectl(["get", "namespace", space.name, "--ignore-not-found", "-o", "name"]).isEmpty
            }
        }
    }
}

extension Outcome {
    /// The warnings and faults that come from the rules, which leaves out that a version is deprecated.
    fileprivate var wordsOfRules: [String] { errorLines.filter { !$0.contains(" is deprecated; ") } }
}

import JSON
import Manifests
import Testing

@Suite("checking manifests")
struct CheckReportTests {
    private func object(_ spec: String, metadata: String = "{name: orders, namespace: shop}", version: String = "v1") -> String {
        "apiVersion: cache.my.domain/\(version)\nkind: DBMMOMySQL\nmetadata: \(metadata)\nspec: \(spec)\n"
    }

    private func lines(_ text: String, old: String? = nil, namespace: String = "default") -> [String] {
        let stored = old.map { [file($0, "old.yaml")] } ?? []
        return CheckReport([file(text)], replacing: stored, namespace: namespace).text.split(separator: "\n").map(String.init)
    }

    @Test("faults and warnings come with file, line and rule, and are summed up")
    func lines() {
        let text =
            object("{version: \"8.4\"}") + "---\napiVersion: v1\nkind: Service\n---\n"
            + object("\n  replicas: 3\n  onCluster:\n    image: mysql")
        #expect(
            lines(text) == [
                "a.yaml:13: error: spec.replicas: Invalid value: 3: must be 0 or 1; several pods on one data directory destroy it [S1]",
                "a.yaml:15: warning: spec.onCluster.image has no fixed tag; another MySQL may run after the next restart [S3]",
                "2 objects checked in 1 file: 1 refused, 0 with warnings, 1 good; 1 of other kinds skipped"
            ])
    }

    @Test("a field that defaults would fill in is not missed")
    func defaults() {
        let azure = """
            {deploymentType: Azure, credentials: {passwordSecretRef: {name: x}}, azure: {
              subscriptionID: 5b1c7e52-93d4-4c0e-8a5f-6d2f0b7a9e01, tenantID: c3a90f14-2be7-4f6d-9b18-0e47d5c6a802,
              clientID: 8d64e2b7-71fa-4a39-b3c5-9f1a2e8d4c03, clientSecretRef: {name: z}, resourceGroup: rg, location: westeurope}}
            """
        #expect(lines(object(azure)) == ["1 object checked in 1 file: 0 refused, 0 with warnings, 1 good"])
        // The server's name is made of namespace and name: with `_` in one of them there is none.
        #expect(
            lines(object(azure, metadata: "{name: orders}"), namespace: "under_score").first?.contains("spec.azure.serverName: Required")
                == true)
        // At that point the API server has not made the name yet.
        #expect(lines(object(azure, metadata: "{generateName: orders-}")).first?.contains("spec.azure.serverName: Required") == true)
    }

    @Test("a generated name counts with its suffix")
    func generatedName() {
        let metadata = { (length: Int) in "{generateName: \(String(repeating: "n", count: length))}" }
        #expect(lines(object("{}", metadata: metadata(47))).count == 1)
        #expect(lines(object("{}", metadata: metadata(48))).first?.hasSuffix("[M1]") == true)
    }

    @Test("an earlier object of the same namespace and name makes it an update")
    func update() {
        let old = object("{onCluster: {storage: {capacity: 20Gi}}}") + "status: {onCluster: {persistentVolumeClaims: [data]}}\n"
        let new = object("\n  onCluster:\n    storage:\n      capacity: 10Gi")
        #expect(lines(new).count == 1)
        #expect(
            lines(new, old: old).first
                == "a.yaml:7: error: spec.onCluster.storage.capacity: Forbidden: cannot shrink from 20Gi to 10Gi; a volume only grows [P1]")
        // Not that object: another namespace.
        #expect(lines(object("{onCluster: {storage: {capacity: 10Gi}}}", metadata: "{name: orders}"), old: old).count == 1)
        #expect(
            lines(object("{onCluster: {storage: {capacity: 10Gi}}}", metadata: "{name: orders}"), old: old, namespace: "shop").count == 2)
        // The old one in another version.
        let legacy = object("{deployment: {deploymentType: OnCluster, storageCapacity: 20Gi}}", version: "v1alpha1")
        #expect(lines(new, old: legacy).first?.contains("cannot shrink from 20Gi to 10Gi") == true)
        // What is wrong in the old file is told as well.
        #expect(lines(new, old: "a: [").first?.hasPrefix("old.yaml:2: error: ") == true)
    }

    @Test("the status in a manifest is nothing, that of the stored object counts")
    func status() {
        let confirming = object("{migration: {confirm: true}}")
        let running = "status: {migration: {inProgress: true, from: OnCluster, to: Azure}, azure: {created: true, state: Created}}\n"
        #expect(lines(confirming + running).first?.hasSuffix("[T5]") == true)
        let stored = object("{deploymentType: Azure}") + running
        #expect(lines(object("{deploymentType: Azure, migration: {confirm: true}}"), old: stored).contains { $0.contains("[T5]") } == false)
    }

    @Test("what the API server refuses by itself is told in its words, and then no rule is asked")
    func schema() {
        #expect(
            lines(object("{replicas: three, version: 8.4, onCluster: [], deletionProtection: yes}")) == [
                #"a.yaml:4: error: spec.replicas: Invalid value: "string": spec.replicas in body must be of type integer: "string""#,
                #"a.yaml:4: error: spec.version: Invalid value: "number": spec.version in body must be of type string: "number"; in quotes it is a string"#,
                #"a.yaml:4: error: spec.onCluster: Invalid value: "array": spec.onCluster in body must be of type object: "array""#,
                "1 object checked in 1 file: 1 refused, 0 with warnings, 0 good"
            ])
        #expect(
            lines(object("{}", metadata: "{}")).first == "a.yaml:3: error: metadata.name: Required value: name or generateName is required")
        #expect(
            lines(object("{}", metadata: "{name: Orders}")).first?.hasPrefix("a.yaml:3: error: metadata.name: Invalid value: \"Orders\"")
                == true)
        #expect(lines(object("{}", version: "v2")).first == "a.yaml:1: error: apiVersion: DBMMOMySQL is not served in cache.my.domain/v2")
        #expect(lines(object("{replicas: null, onCluster: ~}")).count == 1)
    }

    @Test("fields that the API server drops are warned of")
    func unknownFields() {
        #expect(
            lines(object("{onCluster: {storage: {capcity: 20Gi}}}", metadata: "{name: orders, label: {}}")) == [
                "a.yaml:3: warning: metadata.label is not a field of v1; the API server drops it",
                "a.yaml:4: warning: spec.onCluster.storage.capcity is not a field of v1; the API server drops it",
                "1 object checked in 1 file: 0 refused, 1 with warnings, 0 good"
            ])
    }

    @Test("the report as JSON says the same")
    func json() throws {
        let report = CheckReport(
            [file(object("\n  replicas: 3")), file("a: [", "b.yaml"), file("apiVersion: v1\nkind: X")], namespace: "default")
        #expect(
            report.json == #"""
                {"summary":{"files":3,"objects":1,"refused":1,"warned":0,"good":0,"skipped":1,"unreadable":1},"objects":[{"file":"a.yaml",\#
                "line":1,"column":1,"apiVersion":"cache.my.domain/v1","namespace":"shop","name":"orders","operation":"CREATE",\#
                "outcome":"refused","rules":["S1"],"findings":[{"severity":"error","line":5,"column":3,"field":"spec.replicas","rule":"S1",\#
                "message":"spec.replicas: Invalid value: 3: must be 0 or 1; several pods on one data directory destroy it"}]}],\#
                "faults":[{"file":"b.yaml","line":2,"column":1,"message":"while parsing a flow node: did not find expected node content"}]}
                """#)
        #expect(!report.isGood)
    }

    @Test("a name that is no name cannot forge a line")
    func printable() {
        #expect(
            lines(object(#"{"a\nb.yaml:1: error\e[2J": 1}"#)).first
                == #"a.yaml:4: warning: spec.a\nb.yaml:1: error\x1b[2J is not a field of v1; the API server drops it"#)
        #expect(
            lines(#"{"a\n\u202E": 1, "a\n\u202E": 2, b: c}"#).first == #"a.yaml:1: error: the key "a\n\u202E" is already set in line 1"#)
    }

    @Test("no secret is repeated")
    func secrets() {
        let text = object(
            "{credentials: {password: hunter2-hunter2, passwordSecretRef: {name: x}}, azure: {clientSecret: hunter2-hunter2}}")
        let report = CheckReport([file(text)], namespace: "default")
        #expect(!report.text.contains("hunter2") && !report.json.contains("hunter2"))
        #expect(report.summary.refused + report.summary.warned == 1)
    }
}

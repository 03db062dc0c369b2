import DBMMOMySQLAPI
import JSON
import TestSupport
import Testing

/// An object that carries an annotation for conversion.
func annotated(_ version: ServedVersion, _ data: String, spec: String = "{}", status: String? = nil) throws -> JSONValue {
    let path = ["metadata", "annotations", ServedVersion.conversionDataAnnotation]
    return try JSONDocument(parsing: object(version, spec: spec, status: status).setting(.string(data), at: path).text).root
}

@Suite("What conversion keeps")
struct ConversionDataTests {
    // MARK: Forged annotations

    @Test(
        "in the annotation is never status, metadata, kind or apiVersion",
        arguments: [(ServedVersion.v1alpha1, ServedVersion.v1), (.v1, .v1alpha1)])
    func onlySpec(source: ServedVersion, target: ServedVersion) throws {
        let forged = """
            {"\(target)":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"other","labels":{"a":"b"}},"data":{"x":"y"},
             "status":{"migration":{"from":"OnCluster","step":"RemovingSource"},"phase":"Ready","nodes":7,"azureStatus":{"azureState":5},
              "conversionData":"{\\"phase\\":\\"Ready\\"}"}}}
            """
        let status = source == .v1 ? #"{"onCluster":{"pods":["a"]}}"# : #"{"nodes":["a"]}"#
        for status in [nil, status] {
            let honest = try converted(object(source, status: status), to: target)
            #expect(try converted(annotated(source, forged, status: status), to: target).canonicalText == honest.canonicalText)
        }
    }

    @Test("of a status is never taken from the annotation on a write of the main resource, and none is lost")
    func mainResource() throws {
        // What an API server does: the stored object in the version of the request, the client's object with the old status, back to storage.
        let status = #"{"phase":"Migrating","migration":{"inProgress":true,"from":"OnCluster","step":"Copying"},"conditions":[]}"#
        let stored = try object(spec: #"{"deploymentType":"Azure","version":"8.4"}"#, status: status)
        let old = try converted(stored, to: .v1alpha1)
        let forged = #"{"v1":{"spec":{"version":"8.4"},"status":{"phase":"x","migration":{"from":"Azure","step":"RemovingSource"}}}}"#
        let written = try annotated(.v1alpha1, forged, spec: #"{"size":1,"deployment":{"deploymentType":"Azure"}}"#)
        let oldStatus = try #require(old["status"])
        let guarded = try JSONDocument(parsing: written.setting(.verbatim(oldStatus), at: ["status"]).text).root
        let result = try converted(guarded, to: .v1)
        #expect(try result["status"]?.canonicalText == JSONDocument(parsing: status).root.canonicalText)
        #expect(result["spec"]?.canonicalText == #"{"deploymentType":"Azure","replicas":1,"version":"8.4"}"#)
    }

    @Test("of a status travels in the status, where only a write of the status reaches it")
    func status() throws {
        let status = #"{"phase":"Ready","observedGeneration":3,"onCluster":{"pods":["p"]},"endpoint":{"host":"h","port":3306}}"#
        let current = try object(spec: #"{"replicas":1}"#, status: status)
        let legacy = try converted(current, to: .v1alpha1)
        #expect(
            legacy["status"]?.canonicalText
                == #"{"conversionData":"{\"endpoint\":{\"host\":\"h\",\"port\":3306},\"observedGeneration\":3,\"phase\":\"Ready\"}","#
                + #""nodes":["p"]}"#)
        #expect(legacy["metadata"]?["annotations"] == nil)
        #expect(try converted(legacy, to: .v1).canonicalText == current.canonicalText)
        // An edit of the status in the old version wins, and the rest stays.
        let path = ["status", "nodes"]
        let edited = try JSONDocument(parsing: legacy.setting(.array([.string("q")]), at: path).text).root
        #expect(
            try converted(edited, to: .v1)["status"]?.canonicalText
                == #"{"endpoint":{"host":"h","port":3306},"observedGeneration":3,"onCluster":{"pods":["q"]},"phase":"Ready"}"#)
    }

    @Test(
        "of a status has the types of the schema",
        arguments: [
            "nonsense", "7", "[]", "null", #"{"phase":5}"#, #"{"conditions":{}}"#, #"{"conditions":[{"type":1}]}"#,
            #"{"endpoint":{"port":3e10}}"#, #"{"onCluster":{"pods":["forged"]}}"#, #"{"migration":{"inProgress":true}}"#
        ])
    func malformedStatus(text: String) throws {
        let legacy = try object(.v1alpha1, status: #"{"nodes":["n"]}"#)
        let carrying = try JSONDocument(parsing: legacy.setting(.string(text), at: ["status", "conversionData"]).text).root
        #expect(try converted(carrying, to: .v1)["status"]?.canonicalText == #"{"onCluster":{"pods":["n"]}}"#)
    }

    @Test("of a state of the server needs no keeping, since two change places", arguments: ["AzureCreated", "Created", "Creating"])
    func states(state: String) throws {
        for version in ServedVersion.allCases {
            let status = version == .v1 ? #"{"azure":{"state":"\#(state)"}}"# : #"{"azureStatus":{"azureState":"\#(state)"}}"#
            let object = try object(version, status: status)
            let there = try converted(object, to: version == .v1 ? .v1alpha1 : .v1)
            #expect(there["metadata"]?["annotations"] == nil && there["status"]?["conversionData"] == nil)
            #expect(try converted(there, to: version).canonicalText == object.canonicalText)
        }
    }

    // MARK: Types

    @Test(
        "has the types of the schema, member by member",
        arguments: [
            (#"{"version":8.4,"deletionProtection":true}"#, #"{"deletionProtection":true}"#),
            (#"{"azure":[1,2],"version":"8.4"}"#, #"{"version":"8.4"}"#),
            (
                #"{"onCluster":{"storage":{"storageClassName":7,"volumeMode":"Block"}}}"#,
                #"{"onCluster":{"storage":{"volumeMode":"Block"}}}"#
            ),
            (#"{"azure":{"sku":{"name":[],"tier":"Burstable"},"storageGB":99999999999}}"#, #"{"azure":{"sku":{"tier":"Burstable"}}}"#),
            (#"{"azure":{"storageGB":20,"parameters":{"a":"1","b":2,"c":null}}}"#, #"{"azure":{"parameters":{"a":"1"},"storageGB":20}}"#),
            (#"{"onCluster":{"storage":{"accessModes":["ReadWriteOnce",1]}},"version":null}"#, "{}"),
            (
                #"{"azure":{"firewallRules":{"1":{"name":"b"},"2":7,"x":{"name":"c"},"01":{}}}}"#,
                #"{"azure":{"firewallRules":[{"name":"b"}]}}"#
            ),
            (#"{"azure":{"firewallRules":[{"name":"b"}]}}"#, "{}"),
            (#"{"credentials":{"passwordSecretRef":{"name":"n","key":false}}}"#, #"{"credentials":{"passwordSecretRef":{"name":"n"}}}"#),
            (#"[]"#, "{}"), (#""x""#, "{}")
        ])
    func types(kept: String, brought: String) throws {
        let result = try converted(annotated(.v1alpha1, #"{"v1":{"spec":\#(kept)}}"#), to: .v1)
        #expect(result["spec"]?.canonicalText == brought)
        #expect(SchemaCheck(result, version: .v1).errors.isEmpty)
    }

    // MARK: Metadata

    @Test("an object without metadata gets some", arguments: [(ServedVersion.v1alpha1, ServedVersion.v1), (.v1, .v1alpha1)])
    func metadata(source: ServedVersion, target: ServedVersion) throws {
        for rest in ["", #","spec":{}"#, #","metadata":null"#, #","metadata":7"#, #","metadata":{}"#] {
            let text = #"{"apiVersion":"\#(source.groupVersion)","kind":"DBMMOMySQL"\#(rest)}"#
            let result = try converted(JSONDocument(parsing: text).root, to: target)
            #expect(result["metadata"]?.canonicalText == "{}", "\(text)")
        }
        let kept = source == .v1 ? #"{"version":"8.4"}"# : #"{"deployment":{"configurationName":"x"}}"#
        let text = #"{"apiVersion":"\#(source.groupVersion)","kind":"DBMMOMySQL","spec":\#(kept)}"#
        let there = try converted(JSONDocument(parsing: text).root, to: target)
        #expect(there["metadata"]?["annotations"]?[ServedVersion.conversionDataAnnotation] != nil)
        #expect(try converted(there, to: source)["metadata"]?.canonicalText == "{}")
    }

    @Test("of annotations that held nothing is only that", arguments: ["{}", "null", "7", #"{"x":5}"#, #"["x"]"#, #"{"kubectl":"y"}"#])
    func bareAnnotations(note: String) throws {
        let result = try converted(annotated(.v1alpha1, #"{"annotations":\#(note),"v1":{}}"#), to: .v1)
        let isNothing = ["{}", "null"].contains(note)
        #expect(result["metadata"]?["annotations"]?.canonicalText == (isNothing ? note : nil))
    }

    // MARK: Lists

    @Test("of a list comes back in its order", arguments: [2, 10, 11, 12, 120])
    func order(count: Int) throws {
        let rules = (0..<count).map { #"{"endIP":"1.1.1.\#($0)","name":"r\#($0)"}"# }.joined(separator: ",")
        let current = try object(spec: #"{"azure":{"firewallRules":[\#(rules)]}}"#)
        let legacy = try converted(current, to: .v1alpha1)
        #expect(try converted(legacy, to: .v1).canonicalText == current.canonicalText)
        // Removing the first leaves the others in their order.
        let removed = try JSONDocument(parsing: legacy.setting(.emptyObject, at: ["spec"]).text).root
        let names = try converted(removed, to: .v1)[path: ["spec", "azure", "firewallRules"]]?.elements.map { $0["name"]?.string }
        #expect(names == (1..<count).map { "r\($0)" })
    }
}

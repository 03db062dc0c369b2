import DBMMOMySQLAPI
import JSON
import TestSupport
import Testing

@Suite("Conversion")
struct ConversionTests {
    private let annotation = ["metadata", "annotations", ServedVersion.conversionDataAnnotation]

    private func annotated(_ version: ServedVersion, _ data: String, spec: String) throws -> JSONValue {
        let object = try object(version, spec: spec)
        return try JSONDocument(parsing: object.setting(.string(data), at: annotation).text).root
    }

    @Test("moves every field of v1alpha1 to its place in v1")
    func fields() throws {
        let legacy = try object(
            .v1alpha1,
            spec: #"""
                {"size":1,"deployment":{"deploymentType":"Azure","serverName":"s","configurationName":"outer","storageCapacity":"20Gi",
                 "confirmMigrate":true,"ingress":{"enabled":true},"envFrom":[{"prefix":"P_","secretRef":{"name":"e"}}],
                 "serverCredentials":{"mysqlAdministratorLogin":"l","mysqlAdministratorLoginPassword":"p"},
                 "azureConfig":{"clientID":"c","clientSecret":"x","tenantID":"t","subscriptionID":"u","baseGroupName":"g",
                  "locationDefault":"w","configurationName":"inner","authorizationServerURL":"https://a","cloudName":"AzurePublicCloud",
                  "userAgent":"ua","oauthGrantType":1,"useDeviceFlow":true,"keepResources":false,
                  "fwRule":{"firewallRuleName":"f","startIPAddr":"1.1.1.1","endIPAddr":"1.1.1.2"},
                  "environment":{"graphEndpoint":"https://g","resourceIdentifiers":{"graph":"r"}}}}}
                """#,
            status: #"""
                {"nodes":["n"],"services":["s"],"persistentVolumeClaims":["c"],"migrationInProgress":true,
                 "azureStatus":{"created":true,"azureState":"AzureCreated",
                  "mysqlServer":{"id":"i","name":"n","location":"l","type":"t","tags":{"a/b":"c"}}}}
                """#)
        let current = try converted(legacy, to: .v1)
        #expect(
            current["spec"]?.canonicalText == #"{"azure":{"authorizationServerURL":"https://a","clientID":"c","clientSecret":"x","#
                + #""cloud":"AzurePublicCloud","configurationName":"inner","endpoints":{"graphEndpoint":"https://g"},"#
                + #""firewallRules":[{"endIP":"1.1.1.2","name":"f","startIP":"1.1.1.1"}],"grantType":"DeviceFlow","keepResources":false,"#
                + #""location":"w","resourceGroup":"g","serverName":"s","subscriptionID":"u","tenantID":"t","useDeviceFlow":true,"#
                + #""userAgent":"ua"},"credentials":{"login":"l","password":"p"},"deploymentType":"Azure","migration":{"confirm":true},"#
                + #""onCluster":{"envFrom":[{"prefix":"P_","secretRef":{"name":"e"}}],"ingress":{"enabled":true},"#
                + #""storage":{"capacity":"20Gi"}},"replicas":1}"#)
        #expect(
            current["status"]?.canonicalText == #"{"azure":{"created":true,"server":{"id":"i","location":"l","name":"n","#
                + #""tags":{"a/b":"c"},"type":"t"},"state":"Created"},"migration":{"inProgress":true},"#
                + #""onCluster":{"persistentVolumeClaims":["c"],"pods":["n"],"services":["s"]}}"#)
        #expect(
            current[path: annotation]?.string == #"{"v1alpha1":{"spec":{"deployment":{"azureConfig":{"environment":"#
                + #"{"resourceIdentifiers":{"graph":"r"}}},"configurationName":"outer"}}}}"#)
        #expect(try converted(current, to: .v1alpha1).canonicalText == legacy.canonicalText)
    }

    @Test("of a field that was removed in the other version does not bring it back")
    func removal() throws {
        let stale = try annotated(.v1alpha1, #"{"v1":{"spec":{"replicas":5,"version":"8.0","azure":{"tenantID":"t"}}}}"#, spec: "{}")
        let current = try converted(stale, to: .v1)
        #expect(current["spec"]?.canonicalText == #"{"version":"8.0"}"#)
        // The empty spec has to be remembered, since v1 has one that is not.
        #expect(current[path: annotation]?.string == #"{"v1alpha1":{"spec":{}}}"#)
    }

    @Test("keeps the other firewall rules when the first is edited or removed")
    func firewallRules() throws {
        let rules = #"{"azure":{"firewallRules":[{"name":"a"},{"name":"b"},{"name":"c"}]}}"#
        let legacy = try converted(object(.v1, spec: rules), to: .v1alpha1)
        let edited = legacy.setting(.string("A"), at: ["spec", "deployment", "azureConfig", "fwRule", "firewallRuleName"]).text
        #expect(
            try converted(JSONDocument(parsing: edited).root, to: .v1)["spec"]?.canonicalText
                == #"{"azure":{"firewallRules":[{"name":"A"},{"name":"b"},{"name":"c"}]}}"#)
        let removed = legacy.setting(.emptyObject, at: ["spec"]).text
        #expect(
            try converted(JSONDocument(parsing: removed).root, to: .v1)["spec"]?.canonicalText
                == #"{"azure":{"firewallRules":[{"name":"b"},{"name":"c"}]}}"#)
    }

    @Test(
        "takes no harm from an annotation that is not ours",
        arguments: ["", "nonsense", "{", "[]", "{}", #"{"v1":7}"#, #"{"v1":{"spec":"x","status":[]}}"#, #"{"v1":{"spec":{"azure":7}}}"#])
    func foreignAnnotation(data: String) throws {
        let object = try annotated(.v1alpha1, data, spec: #"{"size":1,"deployment":{"azureConfig":{"tenantID":"t"}}}"#)
        let current = try converted(object, to: .v1)
        #expect(current[path: ["spec", "replicas"]]?.integer == 1)
        #expect(current[path: ["spec", "azure", "tenantID"]]?.string == "t")
        #expect(try converted(current, to: .v1alpha1)["spec"]?.canonicalText == object["spec"]?.canonicalText)
    }

    @Test(
        "converts any value of any type, and gives back those that the schema accepts or does not know",
        arguments: [
            (#"{"size":"three","deployment":7}"#, nil), ("7", nil), ("null", nil), ("[]", nil),
            (#"{"deployment":{"azureConfig":[],"ingress":"on","envFrom":{}}}"#, #"{"deployment":{"envFrom":{}}}"#),
            (
                #"{"deployment":{"azureConfig":{"oauthGrantType":1.5,"fwRule":[],"environment":{"name":{"x":1}},"userAgent":"u"}}}"#,
                #"{"deployment":{"azureConfig":{"userAgent":"u"}}}"#
            ),
            (
                #"{"deployment":{"deploymentType":null,"storageCapacity":20,"confirmMigrate":"yes"},"unknown":{"a":{}}}"#,
                #"{"unknown":{"a":{}}}"#
            ),
            (#"{"deployment":{"azureConfig":{"oauthGrantType":-0}}}"#, #"{"deployment":{"azureConfig":{"oauthGrantType":-0}}}"#)
        ] as [(String, String?)])
    func total(spec: String, accepted: String?) throws {
        let back = try converted(converted(object(.v1alpha1, spec: spec), to: .v1), to: .v1alpha1)
        #expect(back["spec"]?.canonicalText == accepted)
        #expect(ServedVersion(of: back) == .v1alpha1)
    }

    @Test("leaves metadata as it is spelt")
    func metadata() throws {
        let text = #"{ "name" : "a\u0041", "generation":9007199254740993, "odd" : 1e3 , "labels":{"x\/y":"\ud83d\ude00"} }"#
        let legacy = try JSONDocument(
            parsing: #"{"metadata":\#(text),"apiVersion":"cache.my.domain/v1alpha1","kind":"DBMMOMySQL","spec":{"size":1}}"#
        ).root
        #expect(try converted(legacy, to: .v1)["metadata"]?.spelling == text)
        #expect(try converted(legacy, to: .v1alpha1).spelling == legacy.spelling)
    }

    @Test("an object of a hundred thousand fields that nobody knows takes seconds at most, there, back, and compared")
    func manyUnknownFields() throws {
        let fields = (0..<100_000).map { "\"field\($0)\":\($0)" }.joined(separator: ",")
        let legacy = try object(.v1alpha1, spec: "{\(fields)}")
        let shuffled = try object(.v1alpha1, spec: "{\(fields),\"field0\":0}")
        let time = try ContinuousClock().measure {
            let back = try converted(try converted(legacy, to: .v1), to: .v1alpha1)
            #expect(back.isEquivalent(to: shuffled))
        }
        #expect(time < .seconds(20))
    }
}

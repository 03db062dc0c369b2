import DBMMOMySQLAPI
import JSON
import TestSupport
import Testing

@Suite("Defaulting")
struct DefaultingTests {
    private func patch(_ object: JSONValue, replacing old: JSONValue? = nil) throws -> String {
        var writer = JSONWriter()
        writer.patch(try Defaulting.patch(for: object, replacing: old, namespace: "shop"))
        return writer.text
    }

    private func spec(_ object: JSONValue, replacing old: JSONValue? = nil) throws -> String? {
        try Defaulting.patch(for: object, replacing: old, namespace: "shop").applied(to: object)["spec"]?.canonicalText
    }

    @Test("gives a new object on the cluster what it needs, and nothing of Azure")
    func onCluster() throws {
        #expect(
            try spec(object(spec: "{}"))
                == #"{"deploymentType":"OnCluster","onCluster":{"ingress":{"enabled":false},"service":{"type":"ClusterIP"},"#
                + #""storage":{"accessModes":["ReadWriteOnce"],"capacity":"20Gi"}},"replicas":1,"version":"8.4"}"#)
        #expect(
            try spec(JSONDocument(parsing: #"{"apiVersion":"cache.my.domain/v1","kind":"DBMMOMySQL","metadata":{"name":"a"}}"#).root) != nil
        )
    }

    @Test("gives a new object on Azure what it needs")
    func azure() throws {
        #expect(
            try spec(
                object(
                    spec:
                        #"{"deploymentType":"Azure","azure":{"clientSecretRef":{"name":"s"}},"credentials":{"passwordSecretRef":{"name":"p"}}}"#
                ))
                == #"{"azure":{"clientSecretRef":{"key":"AZURE_CLIENT_SECRET","name":"s"},"cloud":"AzurePublicCloud","#
                + #""grantType":"ServicePrincipal","serverName":"shop-orders","sku":{"name":"Standard_B1ms","tier":"Burstable"},"storageGB":20},"#
                + #""credentials":{"login":"dbmmo_admin","passwordSecretRef":{"key":"MYSQL_ROOT_PASSWORD","name":"p"}},"#
                + #""deploymentType":"Azure","replicas":1,"version":"8.4"}"#)
    }

    @Test("does not make a server name that Azure would refuse")
    func serverName() throws {
        let named = try JSONDocument(
            parsing:
                #"{"apiVersion":"cache.my.domain/v1","kind":"DBMMOMySQL","metadata":{"name":"orders.eu"},"spec":{"deploymentType":"Azure"}}"#
        ).root
        #expect(try !patch(named).contains("serverName"))
    }

    @Test(
        "chooses the size of a server by what is said of it",
        arguments: [
            (#"{"tier":"GeneralPurpose"}"#, #"{"name":"Standard_D2ds_v4","tier":"GeneralPurpose"}"#),
            (#"{"name":"Standard_E4ds_v5"}"#, #"{"name":"Standard_E4ds_v5","tier":"MemoryOptimized"}"#),
            (#"{"name":"Standard_B2s"}"#, #"{"name":"Standard_B2s","tier":"Burstable"}"#),
            (#"{"name":"Own_X1"}"#, #"{"name":"Own_X1"}"#),
            (#"{"tier":"Odd"}"#, #"{"tier":"Odd"}"#),
            (#"{}"#, #"{"name":"Standard_B1ms","tier":"Burstable"}"#)
        ])
    func sku(given: String, expected: String) throws {
        let object = try object(spec: #"{"deploymentType":"Azure","azure":{"sku":\#(given)}}"#)
        let defaulted = try Defaulting.patch(for: object).applied(to: object)
        #expect(defaulted[path: ["spec", "azure", "sku"]]?.canonicalText == expected)
    }

    @Test("patches only what is missing, and respects what is empty or odd")
    func minimal() throws {
        let almost = try object(
            spec:
                #"{"deploymentType":"OnCluster","version":"8.0","replicas":0,"onCluster":{"storage":{"capacity":"1Gi"},"ingress":{},"service":{"type":"x"}}}"#
        )
        #expect(
            try patch(almost) == #"[{"op":"add","path":"/spec/onCluster/storage/accessModes","value":["ReadWriteOnce"]},"#
                + #"{"op":"add","path":"/spec/onCluster/ingress/enabled","value":false}]"#)
        #expect(try patch(object(spec: #""odd""#)) == "[]")
        #expect(try patch(object(spec: #"{"deploymentType":"Mars","version":"8.4","replicas":1}"#)) == "[]")
        #expect(
            try patch(object(spec: #"{"deploymentType":"OnCluster","version":7,"replicas":"x","onCluster":"odd"}"#)) == "[]")
    }

    @Test("never touches an object that is being deleted")
    func deleted() throws {
        #expect(try patch(object(metadata: #","deletionTimestamp":"2026-11-21T01:29:17Z""#)) == "[]")
    }

    @Test("on update leaves a side alone that was in use before")
    func update() throws {
        let legacy = try object(spec: #"{"deploymentType":"OnCluster","replicas":1}"#)
        #expect(try patch(legacy, replacing: legacy) == "[]")
        let named = try object(spec: #"{"deploymentType":"OnCluster","replicas":1,"onCluster":{"image":"x"}}"#)
        #expect(try patch(named, replacing: legacy) == "[]")
        let bare = try object(spec: "{}")
        #expect(try patch(bare, replacing: bare) == "[]")
        #expect(
            try patch(object(spec: #"{"replicas":0}"#), replacing: bare)
                == #"[{"op":"add","path":"/spec/deploymentType","value":"OnCluster"}]"#)
    }

    @Test("on update defaults the side that this update turns to")
    func turn() throws {
        let old = try object(spec: #"{"deploymentType":"OnCluster","replicas":1}"#)
        let new = try object(spec: #"{"deploymentType":"Azure","replicas":1}"#)
        let text = try patch(new, replacing: old)
        #expect(text.contains("storageGB") && text.contains("dbmmo_admin"))
        #expect(!text.contains("version"))
    }

    @Test(
        "on a rollback leaves the source as it is",
        arguments: [
            #"{"onCluster":{"persistentVolumeClaims":["data-orders-0"]}}"#, #"{"migration":{"inProgress":true}}"#
        ])
    func rollback(status: String) throws {
        let old = try object(spec: #"{"deploymentType":"Azure","replicas":1}"#, status: status)
        let new = try object(spec: #"{"deploymentType":"OnCluster","replicas":1}"#, status: status)
        #expect(try patch(new, replacing: old) == "[]")
    }

    @Test("never moves a database whose update loses the deploymentType")
    func lostType() throws {
        let old = try object(spec: #"{"deploymentType":"Azure","replicas":1}"#)
        #expect(
            try patch(object(spec: #"{"replicas":1}"#), replacing: old) == #"[{"op":"add","path":"/spec/deploymentType","value":"Azure"}]"#)
    }

    @Test("of v1alpha1 uses its own fields, and the annotation for the rest")
    func v1alpha1() throws {
        let object = try object(.v1alpha1, spec: #"{"size":1,"deployment":{"deploymentType":"Azure","azureConfig":{}}}"#)
        let defaulted = try Defaulting.patch(for: object, namespace: "shop").applied(to: object)
        #expect(
            defaulted["spec"]?.canonicalText == #"{"deployment":{"azureConfig":{"cloudName":"AzurePublicCloud","oauthGrantType":0},"#
                + #""deploymentType":"Azure","serverCredentials":{"mysqlAdministratorLogin":"dbmmo_admin"},"serverName":"shop-orders"},"size":1}"#
        )
        #expect(
            defaulted[path: ["metadata", "annotations", "cache.my.domain/conversion-data"]]?.string
                == #"{"v1":{"spec":{"azure":{"sku":{"name":"Standard_B1ms","tier":"Burstable"},"storageGB":20},"version":"8.4"}}}"#)
    }

    @Test("of v1alpha1 gives back what a replacement without the annotation would lose, and does not undo an edit of it")
    func replacement() throws {
        let stored = try object(spec: #"{"deploymentType":"OnCluster","replicas":1,"onCluster":{"storage":{"storageClassName":"fast"}}}"#)
        let old = try converted(stored, to: .v1alpha1)
        let replaced = try object(.v1alpha1, spec: #"{"size":0,"deployment":{"deploymentType":"OnCluster"}}"#)
        let defaulted = try Defaulting.patch(for: replaced, replacing: old).applied(to: replaced)
        #expect(
            try converted(defaulted, to: .v1)["spec"]?.canonicalText
                == #"{"deploymentType":"OnCluster","onCluster":{"storage":{"storageClassName":"fast"}},"replicas":0}"#)
        let annotated = try JSONDocument(
            parsing:
                #"{"apiVersion":"cache.my.domain/v1alpha1","kind":"DBMMOMySQL","metadata":{"annotations":{"cache.my.domain/conversion-data":"{}"}},"#
                + #""spec":{"size":1,"deployment":{"deploymentType":"OnCluster"}}}"#
        ).root
        #expect(try patch(annotated, replacing: old) == "[]")
    }
}

@Suite("Defaults of any object that its schema accepts")
struct DefaultingPropertyTests {
    private static let count = 3_000

    private func forEachObject(of version: ServedVersion, _ check: (JSONValue) throws -> String?) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("defaulting of generated \(version) objects: seed \(seed)")
        var generator = ObjectGenerator(seed: seed)
        for number in 0..<Self.count {
            let text = generator.object(version: version.rawValue)
            let fault = try check(JSONDocument(parsing: text).root)
            guard fault == nil else {
                Issue.record("seed \(seed), object \(number): \(fault ?? "")\n\(text)")
                return
            }
        }
    }

    private func defaulted(_ object: JSONValue, replacing old: JSONValue? = nil) throws -> JSONValue {
        try Defaulting.patch(for: object, replacing: old, namespace: "shop").applied(to: object)
    }

    @Test("are given once", arguments: ServedVersion.allCases)
    func idempotent(version: ServedVersion) throws {
        try forEachObject(of: version) { object in
            let once = try defaulted(object)
            let again = try Defaulting.patch(for: once, namespace: "shop")
            return again.isEmpty ? nil : "again: \(again.operations.map(\.path.description))"
        }
    }

    @Test("are the same in both versions")
    func commutes() throws {
        try forEachObject(of: .v1alpha1) { object in
            // v1 cannot spell this one, so there the field counts as missing.
            if object[path: ["spec", "deployment", "azureConfig", "oauthGrantType"]]?.spelling == "-0" { return nil }
            let left = try converted(defaulted(object), to: .v1)["spec"]?.canonicalText
            let right = try defaulted(converted(object, to: .v1))["spec"]?.canonicalText
            return left == right ? nil : "\(left ?? "")\n\(right ?? "")"
        }
    }

    @Test("keep an object valid that was so", arguments: ServedVersion.allCases)
    func staysValid(version: ServedVersion) throws {
        try forEachObject(of: version) { object in
            let before = try Validation.create(DBMMOMySQL(object), words: version)
            let after = try Validation.create(DBMMOMySQL(defaulted(object)), words: version)
            return !before.violations.isEmpty || after.violations.isEmpty ? nil : "\(after.texts)"
        }
    }

    @Test("are not given to an object that is left as it is, which is always allowed", arguments: ServedVersion.allCases)
    func unchanged(version: ServedVersion) throws {
        try forEachObject(of: version) { object in
            let patch = try Defaulting.patch(for: object, replacing: object, namespace: "shop")
            guard patch.isEmpty else { return "\(patch.operations.map(\.path.description))" }
            let verdict = try Validation.update(from: DBMMOMySQL(object), to: DBMMOMySQL(object), words: version)
            return verdict.violations.isEmpty ? nil : "\(verdict.texts)"
        }
    }

    @Test("and verdicts are the same in both versions")
    func sameVerdict() throws {
        try forEachObject(of: .v1alpha1) { object in
            let mine = try Validation.create(DBMMOMySQL(object), words: .v1alpha1)
            let other = try Validation.create(DBMMOMySQL(converted(object, to: .v1)), words: .v1)
            return mine.violations.count == other.violations.count && mine.rules == other.rules ? nil : "\(mine.texts)\n\(other.texts)"
        }
    }
}

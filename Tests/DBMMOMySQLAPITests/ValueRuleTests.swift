import DBMMOMySQLAPI
import JSON
import Testing

@Suite("A created object")
struct ValueRuleTests {
    private func texts(_ version: ServedVersion = .v1, spec: String) throws -> [String] {
        try Validation.create(model(version, spec: spec), words: version).texts
    }

    @Test(
        "that follows the rules is allowed without a word",
        arguments: [
            #"{}"#,
            #"{"deploymentType":"OnCluster","replicas":1,"onCluster":{"storage":{"capacity":"1Gi","accessModes":["ReadWriteOnce"]}}}"#,
            #"{"replicas":0,"onCluster":{"storage":{"capacity":1073741824}}}"#,
            azureSpec(),
            azureSpec(replacing: ["clientSecret": nil], more: #","credentials":{}"#).replacing(
                #""azure":{"#, with: #""azure":{"clientSecretRef":{"name":"s"},"#),
            azureSpec(replacing: ["clientSecret": nil]).replacing(#""azure":{"#, with: #""azure":{"grantType":"WorkloadIdentity","#),
            // What a side says that is not in use is not checked.
            #"{"deploymentType":"OnCluster","azure":{"serverName":"-","subscriptionID":"<req>"}}"#,
            azureSpec(more: #","onCluster":{"storage":{"capacity":"lots","accessModes":[]}}"#)
        ])
    func good(spec: String) throws {
        let verdict = try Validation.create(model(spec: spec), words: .v1)
        #expect(verdict.texts == [])
        #expect(verdict.warnings.allSatisfy { $0.hasSuffix("is plain text; use spec.azure.clientSecretRef") })
        #expect(verdict.rules.subtracting([.c2]) == [])
    }

    private static let faults: [(String, String)] = [
        (
            #"{"deploymentType":"onCluster"}"#,
            #"T1 spec.deploymentType: Unsupported value: "onCluster": supported values: "OnCluster", "Azure"; did you mean "OnCluster"?"#
        ),
        (#"{"deploymentType":""}"#, #"T1 spec.deploymentType: Unsupported value: "": supported values: "OnCluster", "Azure""#),
        (
            #"{"deploymentType":"Mars"}"#,
            #"T1 spec.deploymentType: Unsupported value: "Mars": supported values: "OnCluster", "Azure""#
        ),
        (
            #"{"migration":{"confirm":true}}"#,
            "T5 spec.migration.confirm: Forbidden: no migration is in progress; there is nothing to confirm"
        ),
        (
            azureSpec(replacing: ["location": nil]),
            "A1 spec.azure.location: Required value: the Azure region of the server, such as westeurope"
        ),
        (
            azureSpec(replacing: ["location": ""]),
            "A1 spec.azure.location: Required value: the Azure region of the server, such as westeurope"
        ),
        (
            azureSpec(replacing: ["tenantID": "2f0f2c3a-0000-4000-8000"]),
            #"A1 spec.azure.tenantID: Invalid value: "2f0f2c3a-0000-4000-8000": must be a GUID, as 2f0f2c3a-0000-4000-8000-000000000001"#
        ),
        (
            azureSpec(replacing: ["clientSecret": nil]),
            "A1 spec.azure.clientSecretRef: Required value: the secret of the application that signs in to Azure"
        ),
        (
            azureSpec().replacing(#""azure":{"#, with: #""azure":{"clientSecretRef":{"name":"s"},"#),
            "A1 spec.azure.clientSecret: Forbidden: clientSecretRef is there too; keep that one and remove the plain text"
        ),
        (
            azureSpec(replacing: ["subscriptionID": "<req>"]),
            #"A2 spec.azure.subscriptionID: Invalid value: "<req>": is a placeholder, not the Azure subscription (a GUID)"#
        ),
        (
            azureSpec(replacing: ["resourceGroup": "TODO"]),
            #"A2 spec.azure.resourceGroup: Invalid value: "TODO": is a placeholder, not the resource group that holds the server"#
        ),
        (
            azureSpec(replacing: ["clientSecret": "ChangeMe"]),
            #"A2 spec.azure.clientSecret: Invalid value: "(hidden)": is a placeholder, not a secret"#
        ),
        (
            azureSpec(replacing: ["serverName": "-x-"]),
            #"A3 spec.azure.serverName: Invalid value: "-x-": must be 3-63 of a-z, 0-9 and -, and not begin or end with -"#
        ),
        (
            azureSpec(replacing: ["serverName": "Orders"]),
            #"A3 spec.azure.serverName: Invalid value: "Orders": must be 3-63 of a-z, 0-9 and -, and not begin or end with -"#
        ),
        (
            #"{"onCluster":{"storage":{"capacity":"0"}}}"#,
            #"P1 spec.onCluster.storage.capacity: Invalid value: "0": must be greater than zero"#
        ),
        (
            #"{"onCluster":{"storage":{"capacity":"1023Mi"}}}"#,
            #"P1 spec.onCluster.storage.capacity: Invalid value: "1023Mi": must be at least 1Gi"#
        ),
        (#"{"onCluster":{"storage":{"capacity":5}}}"#, #"P1 spec.onCluster.storage.capacity: Invalid value: "5": must be at least 1Gi"#),
        (
            #"{"onCluster":{"storage":{"accessModes":[]}}}"#,
            "P3 spec.onCluster.storage.accessModes: Required value: name at least one, as ReadWriteOnce, or leave the field out"
        ),
        (
            #"{"onCluster":{"storage":{"accessModes":["ReadWriteOnce","ReadWriteOnce"]}}}"#,
            #"P3 spec.onCluster.storage.accessModes[1]: Duplicate value: "ReadWriteOnce""#
        ),
        (#"{"replicas":3}"#, "S1 spec.replicas: Invalid value: 3: must be 0 or 1; several pods on one data directory destroy it"),
        (#"{"replicas":-1}"#, "S1 spec.replicas: Invalid value: -1: must be 0 or 1; several pods on one data directory destroy it")
    ]

    @Test("that breaks a rule is refused with its path and what to do", arguments: faults)
    func bad(spec: String, message: String) throws {
        #expect(try texts(spec: spec) == [message])
    }

    @Test("gets a suggestion for an unknown access mode")
    func accessMode() throws {
        let text = try #require(texts(spec: #"{"onCluster":{"storage":{"accessModes":["readwriteonce"]}}}"#).first)
        #expect(text.hasPrefix("P3 spec.onCluster.storage.accessModes[0]: Unsupported value: \"readwriteonce\": supported values: "))
        #expect(text.hasSuffix(#"did you mean "ReadWriteOnce"?"#))
    }

    @Test("gets told what is wrong with a quantity")
    func quantity() throws {
        let text = try #require(texts(spec: #"{"onCluster":{"storage":{"capacity":"20GB"}}}"#).first)
        #expect(text.hasPrefix(#"P1 spec.onCluster.storage.capacity: Invalid value: "20GB": "#))
        #expect(text.contains(#""20G""#) && text.contains(#""20Gi""#))
    }

    @Test("has all its faults reported at once, in field order, in the words of its version")
    func allAtOnce() throws {
        let spec =
            #"{"size":2,"deployment":{"deploymentType":"azure","serverName":"x","azureConfig":{"clientID":"<req>","tenantID":"no"}}}"#
        #expect(
            try texts(.v1alpha1, spec: spec).map { String($0.prefix { $0 != ":" }) } == [
                "S1 spec.size",
                "T1 spec.deployment.deploymentType",
                "A3 spec.deployment.serverName",
                "A2 spec.deployment.azureConfig.clientID",
                "A1 spec.deployment.azureConfig.clientSecret",
                "A1 spec.deployment.azureConfig.tenantID",
                "A1 spec.deployment.azureConfig.subscriptionID",
                "A1 spec.deployment.azureConfig.baseGroupName",
                "A1 spec.deployment.azureConfig.locationDefault"
            ])
        let asV1 = try converted(object(.v1alpha1, spec: spec), to: .v1)
        #expect(
            try Validation.create(DBMMOMySQL(asV1), words: .v1).texts.map { String($0.prefix { $0 != ":" }) } == [
                "T1 spec.deploymentType", "S1 spec.replicas", "A3 spec.azure.serverName", "A1 spec.azure.subscriptionID",
                "A1 spec.azure.tenantID", "A2 spec.azure.clientID", "A1 spec.azure.clientSecretRef", "A1 spec.azure.resourceGroup",
                "A1 spec.azure.location"
            ])
    }

    @Test("of v1alpha1 names the annotation for what only v1 can say")
    func v1OnlyField() throws {
        let wide = try converted(object(.v1, spec: #"{"onCluster":{"storage":{"accessModes":[]}}}"#), to: .v1alpha1)
        #expect(
            try Validation.create(DBMMOMySQL(wide), words: .v1alpha1).texts == [
                "P3 metadata.annotations[cache.my.domain/conversion-data]: Required value: spec.onCluster.storage.accessModes: "
                    + "name at least one, as ReadWriteOnce, or leave the field out"
            ])
    }
}

extension String {
    func replacing(_ part: String, with other: String) -> String {
        guard let range = firstRange(of: part) else { return self }
        return String(self[..<range.lowerBound]) + other + String(self[range.upperBound...])
    }

    private func firstRange(of part: String) -> Range<String.Index>? {
        indices.lazy.compactMap { start in
            self[start...].hasPrefix(part) ? start..<self.index(start, offsetBy: part.count) : nil
        }.first
    }
}

import DBMMOMySQLAPI
import JSON
import KubernetesAPI
import Testing

@Suite("The table of rules")
struct RuleTableTests {
    static let all =
        TransitionTableTests.cases + AzureSettingRuleTests.cases + AzureServerRuleTests.cases + CredentialRuleTests.cases
        + ClusterTableTests.cases

    /// M2 is about an annotation, which the rows do not have: `AnnotationRuleTests`.
    @Test("shows for each rule what passes and what does not", arguments: RuleID.allCases.filter { $0 != .m2 })
    func complete(rule: RuleID) {
        let rows = Self.all.filter { $0.rule == rule }
        #expect(rows.contains { $0.isSpoken })
        #expect(rows.contains { !$0.isSpoken })
    }

    @Test("has no two rows of one name")
    func distinct() {
        let names = Self.all.map(\.testDescription)
        #expect(Set(names).count == names.count)
    }
}

@Suite("An answer")
struct AnswerTests {
    @Test("warns of old faults first, then of what is open to the world, then of the rest")
    func order() throws {
        let open = #""firewallRules":[{"name":"all","startIP":"0.0.0.0","endIP":"255.255.255.255"}]"#
        let old = azure(more: #","replicas":3,"version":"8.0","credentials":{"password":"abcdEF12"}"#)
            .replacing(#""azure":{"#, with: #""azure":{\#(open),"#)
        let new = old.replacing(#""azure":{"#, with: #""azure":{"userAgent":"x","#)
        let verdict = try Validation.update(from: model(spec: old), to: model(spec: new), words: .v1)
        #expect(verdict.texts == [])
        #expect(
            verdict.warnings == [
                "spec.replicas: Invalid value: 3: must be 0 or 1; several pods on one data directory destroy it",
                "spec.azure.firewallRules[0] lets the whole Internet connect",
                "spec.credentials.password is plain text; use spec.credentials.passwordSecretRef",
                "spec.version 8.0 is no longer maintained by MySQL; plan the upgrade"
            ])
    }

    @Test("tells of an old fault without its value when that makes it fit a warning")
    func longValue() throws {
        let edited = { (spec: String) in spec.replacing("}}", with: #","userAgent":"x"}}"#) }
        let warnings = { (spec: String) in
            try Validation.update(from: model(spec: spec), to: model(spec: edited(spec)), words: .v1).warnings
        }
        #expect(
            try warnings(azure("resourceGroup", quoted(String(repeating: "r", count: 91)))) == [
                "spec.azure.resourceGroup: must be 1-90 of letters, digits, _, -, ., ( and ), and not end with a period"
            ])
        let clouds = #"supported values: "AzurePublicCloud", "AzureChinaCloud", "AzureUSGovernmentCloud"; did you mean "AzurePublicCloud"?"#
        #expect(
            try warnings(azure("cloud", #""AzurePublicClod""#)) == [#"spec.azure.cloud: Unsupported value: "AzurePublicClod": \#(clouds)"#])
    }

    @Test("does not take it for an edit that a typed client writes empty texts where nothing was")
    func emptied() throws {
        let bare = #"{"deployment":{"deploymentType":"Azure"}}"#
        let typed =
            #"{"size":1,"deployment":{"deploymentType":"Azure","serverName":"","storageCapacity":"","ingress":{"enabled":false},"#
            + #""serverCredentials":{"mysqlAdministratorLogin":"","mysqlAdministratorLoginPassword":""},"confirmMigrate":false,"#
            + #""azureConfig":{"clientID":"","clientSecret":"","tenantID":"","subscriptionID":"","baseGroupName":"","locationDefault":"","#
            + #""authorizationServerURL":"","cloudName":"","oauthGrantType":0,"environment":{"name":"","graphEndpoint":""},"#
            + #""fwRule":{"firewallRuleName":"","startIPAddr":"","endIPAddr":""}}}}"#
        let verdict = try Validation.update(from: model(.v1alpha1, spec: bare), to: model(.v1alpha1, spec: typed), words: .v1alpha1)
        #expect(verdict.violations.map(\.rule) == [])
        #expect(verdict.rules == [.a1])
        let onCluster = typed.replacing(#""Azure""#, with: #""OnCluster""#).replacing(
            #""storageCapacity":"""#, with: #""storageCapacity":"1Gi""#)
        let created = try Validation.create(model(.v1alpha1, spec: onCluster), words: .v1alpha1)
        #expect(created.lines == [])
    }

    @Test("has one fault for each field that lacks a right value", arguments: RuleTableTests.all.filter { $0.rule == .a2 })
    func once(row: RuleCase) throws {
        let paths = try Validation.create(model(spec: row.spec), words: .v1).violations.map { "\($0.error.field)" }
        #expect(Set(paths).count == paths.count)
    }
}

import JSON
import TestSupport
import Testing

extension ClusterTests {
    @Suite("an object that breaks many rules")
    struct ManyFaultsTests {
        /// An object and what is printed of each of its faults, in the order of the fields, up to the part that is free text.
        struct Case: Sendable, CustomTestStringConvertible {
            let testDescription: String
            let object: String
            let name: String
            let faults: [String]
        }

        /// 53 characters, one too many.
        private static let longName = "a-name-of-fifty-three-characters-is-one-more-than-fit"

        private static let azure = Case(
            testDescription: "on Azure",
            object: Objects.object(
                longName,
                spec: #"""
                    {"deploymentType":"azure","version":"8.5","replicas":3,
                     "credentials":{"login":"admin","password":"Pass-word-1","passwordSecretRef":{"name":"No Name"}},
                     "azure":{"serverName":"-ledger-","subscriptionID":"5b1c7e52","clientID":"<req>","resourceGroup":"rg.",
                              "location":"West Europe","grantType":"Password","cloud":"azurechinacloud",
                              "endpoints":{"graphEndpoint":"http://graph.example.com"},"authorizationServerURL":"login",
                              "sku":{"tier":"burstable"},"storageGB":1,
                              "firewallRules":[{"name":"a b","startIP":"203.0.113","endIP":"203.0.113.31"}]}}
                    """#),
            name: longName,
            faults: [
                "metadata.name: Too long: ",
                #"spec.deploymentType: Unsupported value: "azure": "#,
                #"spec.version: Unsupported value: "8.5": "#,
                "spec.replicas: Invalid value: 3: ",
                #"spec.credentials.login: Invalid value: "admin": "#,
                #"spec.credentials.passwordSecretRef.name: Invalid value: "No Name": "#,
                "spec.credentials.password: Forbidden: ",
                #"spec.azure.serverName: Invalid value: "-ledger-": "#,
                #"spec.azure.subscriptionID: Invalid value: "5b1c7e52": "#,
                "spec.azure.tenantID: Required value: ",
                #"spec.azure.clientID: Invalid value: "<req>": "#,
                #"spec.azure.resourceGroup: Invalid value: "rg.": "#,
                #"spec.azure.location: Invalid value: "West Europe": "#,
                #"spec.azure.grantType: Unsupported value: "Password": "#,
                #"spec.azure.cloud: Unsupported value: "azurechinacloud": "#,
                #"spec.azure.endpoints[graphEndpoint]: Invalid value: "http://graph.example.com": "#,
                #"spec.azure.authorizationServerURL: Invalid value: "login": "#,
                #"spec.azure.sku.tier: Unsupported value: "burstable": "#,
                "spec.azure.storageGB: Invalid value: 1: ",
                #"spec.azure.firewallRules[0].name: Invalid value: "a b": "#,
                #"spec.azure.firewallRules[0].startIP: Invalid value: "203.0.113": "#
            ])

        private static let onCluster = Case(
            testDescription: "on the cluster",
            object: Objects.object(
                "orders",
                spec: #"""
                    {"deploymentType":"oncluster","version":"8","replicas":-1,
                     "credentials":{"password":"x","passwordSecretRef":{"name":"passwords","key":"a key"}},
                     "onCluster":{"image":"My SQL","storage":{"capacity":"20MB","accessModes":["ReadWriteonce","ReadOnlyMany","ReadOnlyMany"]},
                                  "envFrom":[{"secretRef":{"name":"Secret"}},{},{"prefix":"1","configMapRef":{"name":"settings"}}],
                                  "resources":{"requests":{"memory":"2Gi","cpu":"lots"},"limits":{"memory":"1Gi"}},
                                  "ingress":{"enabled":true,"host":"a host"}}}
                    """#),
            name: "orders",
            faults: [
                #"spec.deploymentType: Unsupported value: "oncluster": "#,
                #"spec.version: Unsupported value: "8": "#,
                "spec.replicas: Invalid value: -1: ",
                #"spec.credentials.passwordSecretRef.key: Invalid value: "a key": "#,
                "spec.credentials.password: Forbidden: ",
                #"spec.onCluster.image: Invalid value: "My SQL": "#,
                #"spec.onCluster.storage.capacity: Invalid value: "20MB": "#,
                #"spec.onCluster.storage.accessModes[0]: Unsupported value: "ReadWriteonce": "#,
                #"spec.onCluster.storage.accessModes[2]: Duplicate value: "ReadOnlyMany""#,
                #"spec.onCluster.envFrom[0].secretRef.name: Invalid value: "Secret": "#,
                "spec.onCluster.envFrom[1]: Required value: ",
                #"spec.onCluster.envFrom[2].prefix: Invalid value: "1": "#,
                #"spec.onCluster.resources.requests[cpu]: Invalid value: "lots": "#,
                #"spec.onCluster.resources.requests[memory]: Invalid value: "2Gi": "#,
                #"spec.onCluster.ingress.host: Invalid value: "a host": "#
            ])

        private static let legacyAzure = Case(
            testDescription: "on Azure, in v1alpha1",
            object: Objects.object(
                longName, .v1alpha1,
                spec: #"""
                    {"size":3,"deployment":{"deploymentType":"azure","serverName":"Ledger",
                     "serverCredentials":{"mysqlAdministratorLogin":"root","mysqlAdministratorLoginPassword":"root"},
                     "azureConfig":{"clientID":"changeme","tenantID":"c3a90f14","baseGroupName":"rg/ledger","locationDefault":"West Europe",
                      "authorizationServerURL":"http://login.example.com","cloudName":"Azure","oauthGrantType":7,
                      "fwRule":{"firewallRuleName":"office","startIPAddr":"203.0.113.31","endIPAddr":"203.0.113.16"},
                      "environment":{"keyVaultEndpoint":"ftp://vault"}}}}
                    """#),
            name: longName,
            faults: [
                "metadata.name: Too long: ",
                "spec.size: Invalid value: 3: ",
                #"spec.deployment.deploymentType: Unsupported value: "azure": "#,
                #"spec.deployment.serverName: Invalid value: "Ledger": "#,
                #"spec.deployment.serverCredentials.mysqlAdministratorLogin: Invalid value: "root": "#,
                #"spec.deployment.serverCredentials.mysqlAdministratorLoginPassword: Invalid value: "(hidden)": "#,
                #"spec.deployment.serverCredentials.mysqlAdministratorLoginPassword: Invalid value: "(hidden)": "#,
                #"spec.deployment.serverCredentials.mysqlAdministratorLoginPassword: Invalid value: "(hidden)": "#,
                #"spec.deployment.azureConfig.clientID: Invalid value: "changeme": "#,
                #"spec.deployment.azureConfig.tenantID: Invalid value: "c3a90f14": "#,
                "spec.deployment.azureConfig.subscriptionID: Required value: ",
                #"spec.deployment.azureConfig.baseGroupName: Invalid value: "rg/ledger": "#,
                #"spec.deployment.azureConfig.locationDefault: Invalid value: "West Europe": "#,
                #"spec.deployment.azureConfig.authorizationServerURL: Invalid value: "http://login.example.com": "#,
                #"spec.deployment.azureConfig.cloudName: Unsupported value: "Azure": "#,
                "spec.deployment.azureConfig.oauthGrantType: Unsupported value: 7: ",
                "spec.deployment.azureConfig.fwRule.endIPAddr: Invalid value: \"203.0.113.16\": ",
                #"spec.deployment.azureConfig.environment.keyVaultEndpoint: Invalid value: "ftp://vault": "#
            ])

        @Test(
            "is refused with all of them at once, in the order of the fields, and nothing is stored",
            arguments: [azure, onCluster, legacyAzure])
        func allAtOnce(example: Case) async throws {
            let space = try await Cluster.current.namespace()
            let outcome = try await space.apply(example.object)
            #expect(outcome.exitCode == 1 && outcome.output.isEmpty)
            let lines = outcome.faultLines
            #expect(lines.first == #"The DBMMOMySQL "\#(example.name)" is invalid:"#)
            #expect(lines.count == example.faults.count + 1, "\(outcome)")
            for (line, fault) in zip(lines.dropFirst(), example.faults) { #expect(line.hasPrefix("* \(fault)"), "\(fault)") }
            #expect(try await !space.exists(example.name))
        }
    }
}

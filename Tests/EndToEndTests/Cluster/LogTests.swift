import Testing

extension ClusterTests {
    @Suite("the log")
    struct LogTests {
        @Test("the log of the most talkative level never holds a secret")
        func noSecrets() async throws {
            let space = try await Cluster.current.namespace()
            let secrets = ["client-secret-6f1e", "<client-secret-77aa>", "Pass-word-1"]
            for (index, secret) in secrets.prefix(2).enumerated() {
                _ = try await space.apply(Objects.legacyAzure("ledger-\(index)", clientSecret: secret))
            }
            let grown = try await space.mergePatch("ledger-0", #"{"spec":{"deployment":{"serverName":"-"}}}"#, as: .v1alpha1)
            #expect(grown.exitCode == 1 && !grown.errorOutput.contains(secrets[0]))
            _ = try await space.get("ledger-0", as: .v1alpha1)

            let log = await space.cluster.server.log
            #expect(log.contains("\(space.name)/ledger-0"), "the reviews are in the log")
            for secret in secrets { #expect(!log.contains(secret)) }
        }

        @Test("what a refusal says of a secret never shows it")
        func hiddenSecret() async throws {
            let space = try await Cluster.current.namespace()
            let outcome = try await space.apply(Objects.legacyAzure("ledger", clientSecret: "<client-secret-77aa>"))
            #expect(outcome.exitCode == 1)
            #expect(outcome.faultLines.count == 1 && outcome.errorOutput.contains("spec.deployment.azureConfig.clientSecret: "))
            #expect(!outcome.errorOutput.contains("77aa"))
        }
    }
}

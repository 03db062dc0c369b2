import Glibc
import Subprocess
import TestSupport
import Testing

extension ProcessTests {
    @Suite("options of self-signed certificates")
    struct SelfSignedOptionTests {
        @Test(
            "lifetimes that leave no time to replace the CA are wrong usage",
            arguments: [
                (["--self-signed-lifetime", "10s"], "--self-signed-lifetime must be at least six times --self-signed-settling"),
                (
                    ["--self-signed-lifetime", "90d", "--self-signed-ca-lifetime", "200d"],
                    "--self-signed-ca-lifetime must be at least three times --self-signed-lifetime"
                )
            ])
        func lifetimes(options: [String], message: String) async throws {
            let outcome = try await serve(["--self-signed"] + options, cluster: true)
            #expect(outcome.exitCode == EX_USAGE)
            #expect(outcome.errorLines == ["dbmmo: \(message)"])
        }

        @Test("a name that cannot be certified is a bad configuration")
        func name() async throws {
            let outcome = try await serve(["--self-signed", "--self-signed-dns-name", "not a name"], cluster: true)
            #expect(outcome.exitCode == EX_CONFIG)
            #expect(outcome.errorLines == [#"dbmmo: "not a name" is not a DNS name"#])
        }

        @Test("without a cluster there is nobody to share certificates with")
        func noCluster() async throws {
            let outcome = try await serve(["--self-signed"], cluster: false)
            #expect(outcome.exitCode == EX_CONFIG)
            #expect(outcome.errorLines == ["dbmmo: no cluster found: no kubeconfig, and no service account of a pod"])
        }

        @Test("a kubeconfig alone is no wish for them")
        func kubeconfigAlone() async throws {
            let outcome = try await serve([], cluster: true)
            #expect(outcome.exitCode == EX_CONFIG)
            #expect(outcome.errorLines.first?.contains("tls.crt does not exist") == true)
        }

        @Test("a port that is taken ends the program before anything is done in the cluster")
        func portInUse() async throws {
            try await WebhookServer.with { server in
                let outcome = try await serve(["--self-signed", "--listen", "127.0.0.1:\(server.port)"], cluster: true)
                #expect(outcome.exitCode == EXIT_FAILURE)
                #expect(outcome.errorLines == ["dbmmo: cannot listen on 127.0.0.1:\(server.port): Address already in use"])
            }
        }

        /// Runs it to its end, without a certificate.
        private func serve(_ options: [String], cluster: Bool) async throws -> Outcome {
            try await TemporaryDirectory.with { directory in
                let kubeconfig = try directory.write(
                    """
                    current-context: a
                    contexts: [{name: a, context: {cluster: a, user: a}}]
                    clusters: [{name: a, cluster: {server: 'https://127.0.0.1:1'}}]
                    users: [{name: a, user: {token: none}}]
                    """, to: "kubeconfig")
                return try await Tool.run(
                    Project.binary, ["serve", "--cert-dir", directory.file("none"), "--ops-listen", "127.0.0.1:0"] + options,
                    environment: ["HOME": directory.path, "KUBECONFIG": cluster ? kubeconfig : nil, "KUBERNETES_SERVICE_HOST": nil])
            }
        }
    }
}

import TestSupport
import Testing

extension FrontDoorTests {
    @Suite("clients that have to have a certificate")
    struct ClientCertificateTests {
        @Test("with --client-ca only clients with a certificate of that CA are served, and a new CA counts within five seconds")
        func clientCA() async throws {
            try await TemporaryDirectory.with { directory in
                let (first, second) = (directory.file("first"), directory.file("second"))
                for path in [first, second] { try await Self.makeClient(path) }
                let file = directory.file("client-ca.crt")
                try await Tool.demand("cp", ["\(first)/ca.crt", file])
                try await WebhookServer.with(options: ["--client-ca", file, "--shutdown-delay", "0s"]) { server in
                    for version in ["1.2", "1.3"] {
                        #expect(try await Self.isServed(server, first, version))
                        #expect(try await !Self.isServed(server, second, version), "a certificate of another CA")
                        #expect(try await !Self.isServed(server, nil, version), "no certificate")
                    }
                    let refused = try await Tool.run(
                        "openssl", ["s_client", "-connect", "127.0.0.1:\(server.port)", "-CAfile", server.caFile, "-tls1_2"], input: "")
                    #expect(refused.exitCode == 1 && refused.errorOutput.contains("alert handshake failure"), "\(refused)")
                    #expect(server.readiness == 200, "the server itself gets through to itself")

                    let start = ContinuousClock.now
                    try await Tool.demand("sh", ["-ec", #"cp "$1" "$2.new"; mv -T "$2.new" "$2""#, "sh", "\(second)/ca.crt", file])
                    try await poll("the new CA counts", for: .seconds(5)) { try await Self.isServed(server, second, "1.3") }
                    print("figures: a new client CA counts after \((ContinuousClock.now - start).milliseconds) ms")
                    #expect(try await !Self.isServed(server, first, "1.3"), "a certificate of the CA before")
                    #expect(try await !Self.isServed(server, nil, "1.3"), "no certificate")
                    #expect(server.readiness == 200)
                }
            }
        }

        /// A CA and a certificate of a client, in a new directory.
        private static func makeClient(_ path: String) async throws {
            let commands = #"""
                mkdir "$1" && cd "$1"
                new='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
                openssl req -x509 $new -keyout ca.key -out ca.crt -days 2 -subj "/CN=CA of clients ${1##*/}"
                openssl req $new -keyout tls.key -out tls.csr -subj /CN=kube-apiserver
                printf 'extendedKeyUsage = clientAuth\n' >extensions
                openssl x509 -req -in tls.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile extensions -out tls.crt
                """#
            try await Tool.demand("sh", ["-ec", commands, "sh", path])
        }

        private static func isServed(_ server: WebhookServer, _ client: String?, _ version: String) async throws -> Bool {
            let identity = client.map { ["--cert", "\($0)/tls.crt", "--key", "\($0)/tls.key"] } ?? []
            let outcome = try await server.curl(
                "/validate",
                identity + ["--tlsv\(version)", "--tls-max", version, "--header", "Content-Type: application/json", "--data-binary", "@-"],
                input: Reviews.creation)
            return outcome.exitCode == 0 && outcome.output.contains(#""allowed":true"#)
        }
    }
}

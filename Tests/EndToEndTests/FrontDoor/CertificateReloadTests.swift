import TestSupport
import Testing

extension FrontDoorTests {
    @Suite("certificates that change")
    struct CertificateReloadTests {
        /// How a certificate and its key come into the server's directory: `$1`, from `$2`; `$3` is different each time.
        private static let swaps = [
            "rewritten in place": #"cat "$2/tls.crt" >"$1/tls.crt"; cat "$2/tls.key" >"$1/tls.key""#,
            "renamed": #"for f in tls.crt tls.key; do cp "$2/$f" "$1/.new"; rm -f "$1/$f.old"; mv -T "$1/.new" "$1/$f"; done"#,
            // As the kubelet does it (AtomicWriter): files are links through `..data`, which is replaced at once.
            "..data": #"""
            mkdir "$1/..$3"; cp "$2/tls.crt" "$2/tls.key" "$1/..$3"; ln -s "..$3" "$1/..data_tmp"; mv -T "$1/..data_tmp" "$1/..data"
            for f in tls.crt tls.key; do [ -L "$1/$f" ] || { ln -s "..data/$f" "$1/.link"; mv -T "$1/.link" "$1/$f"; }; done
            """#
        ]
        private static let order = ["rewritten in place", "renamed", "..data", "..data", "rewritten in place"]

        @Test("ten changes under load cost no request, and new connections get the new certificate within five seconds")
        func reload() async throws {
            try await WebhookServer.with(options: ["--shutdown-delay", "0s", "--log-level", "info"]) { server in
                let certificates = try await Self.makeCertificates(10, in: server.directory)
                let enough = StopFlag()
                async let loads = Self.load(server, until: enough)
                var times = LatencyFigures()
                do {
                    for (number, certificate) in certificates.enumerated() {
                        if number == 3 { try await Self.unparsable(server, servedIs: certificates[2]) }
                        if number == 7 { try await Self.mismatched(server, servedIs: certificates[6]) }
                        let start = ContinuousClock.now
                        try await Self.put(certificate, Self.order[number % Self.order.count], server, number)
                        try await Self.wait(server, for: certificate, "change \(number)")
                        times.add(ContinuousClock.now - start)
                    }
                } catch {
                    enough.raise()
                    throw error
                }
                enough.raise()
                let summaries = try await loads
                let metrics = try await server.metrics()
                let reloads = ["success", "failure"].map { metrics["dbmmo_tls_certificate_reloads_total", ["result": $0]] ?? 0 }
                print("figures: reload under load: seen by new connections after \(times); reloads \(reloads)")
                print(
                    "figures: reload under load: \(summaries.reduce(0) { $0 + $1.succeeded }) requests of \(summaries.count) runs of h2load"
                )
                #expect(summaries.count >= 2 && summaries.allSatisfy(\.isClean))
                #expect(times.worst < .seconds(5))
                #expect(reloads[0] >= 10)
                #expect(reloads[1] >= 2)
                #expect(server.readiness == 200)
            }
        }

        // MARK: Broken pairs

        private static func unparsable(_ server: WebhookServer, servedIs certificate: String) async throws {
            try await Tool.demand(
                "sh", ["-c", #"head -c 200 "$1/tls.crt" >"$1/.half"; mv -T "$1/.half" "$1/tls.crt""#, "sh", server.certificates])
            try await refused(server, servedIs: certificate)
        }

        private static func mismatched(_ server: WebhookServer, servedIs certificate: String) async throws {
            try await Tool.demand(
                "sh",
                [
                    "-c", #"openssl ecparam -name prime256v1 -genkey -noout -out "$1/.other"; mv -T "$1/.other" "$1/tls.key""#, "sh",
                    server.certificates
                ])
            try await refused(server, servedIs: certificate)
        }

        /// The metric and the log tell of it, and nothing else changes.
        private static func refused(_ server: WebhookServer, servedIs certificate: String) async throws {
            let before = try await failures(server)
            try await poll("the broken pair is noticed", for: .seconds(5), every: .milliseconds(50)) { try await failures(server) > before }
            try await poll("the log tells why") { await server.log.contains("certificate not reloaded") }
            let served = try await fingerprint(server)
            #expect(try served == TLSClient.fingerprint(ofFile: "\(certificate)/tls.crt"))
            #expect(server.readiness == 200)
        }

        private static func failures(_ server: WebhookServer) async throws -> Double {
            try await server.metrics()["dbmmo_tls_certificate_reloads_total", ["result": "failure"]] ?? 0
        }

        // MARK: Steps

        private static func makeCertificates(_ count: Int, in directory: TemporaryDirectory) async throws -> [String] {
            var paths: [String] = []
            for number in 0..<count {
                let path = directory.file("new-\(number)")
                try await Tool.demand(Project.binary, ["certs", "--dir", path, "--ip-address", "127.0.0.1"])
                paths.append(path)
            }
            return paths
        }

        private static func put(_ certificate: String, _ how: String, _ server: WebhookServer, _ number: Int) async throws {
            try await Tool.demand("sh", ["-ec", swaps[how] ?? "false", "sh", server.certificates, certificate, "\(number)"])
        }

        private static func wait(_ server: WebhookServer, for certificate: String, _ what: String) async throws {
            let expected = try TLSClient.fingerprint(ofFile: "\(certificate)/tls.crt")
            try await poll("\(what) is served", for: .seconds(5), every: .milliseconds(20)) { try await fingerprint(server) == expected }
        }

        private static func fingerprint(_ server: WebhookServer) async throws -> [UInt8] {
            let port = server.port
            return try await onOwnThread { try TLSClient.connected(port: port).serverFingerprint() }
        }

        /// Runs h2load, with HTTP/2 and with HTTP/1.1 in turn, again and again.
        private static func load(_ server: WebhookServer, until enough: StopFlag) async throws -> [LoadSummary] {
            var summaries: [LoadSummary] = []
            repeat {
                for options in [["--max-concurrent-streams", "10"], ["--h1"]] {
                    summaries.append(try await LoadSummary.run(server, requests: 2000, clients: 10, options))
                }
            } while !enough.isRaised
            return summaries
        }
    }
}

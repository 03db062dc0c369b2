import TestSupport
import Testing

extension FrontDoorTests {
    @Suite("what TLS offers")
    struct TLSSurfaceTests {
        /// sslscan's words for what the specification allows: forward secrecy and AEAD.
        private static let suites: Set<String> = [
            "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256",
            "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"
        ]

        @Test("sslscan finds TLS 1.2 and 1.3 with ECDHE and AEAD, and nothing that is to be avoided")
        func scan() async throws {
            try await WebhookServer.with { server in
                let lines = try await Self.scan(server)
                #expect(Self.enabledProtocols(lines) == ["TLSv1.2", "TLSv1.3"], "\(lines)")
                #expect(Self.suites(lines) == Self.suites, "\(lines)")
                #expect(lines.contains("Session renegotiation not supported"), "\(lines)")
                let heartbleed = lines.filter { $0.contains("heartbleed") }
                #expect(!heartbleed.isEmpty && heartbleed.allSatisfy { $0.hasSuffix(" not vulnerable to heartbleed") }, "\(lines)")
                print("figures: sslscan: \(Self.enabledProtocols(lines)), \(Self.suites(lines).sorted())")
            }
        }

        @Test("with --tls-min-version 1.3 sslscan finds TLS 1.3 alone")
        func scanOfNewestOnly() async throws {
            try await WebhookServer.with(options: ["--tls-min-version", "1.3", "--shutdown-delay", "0s"]) { server in
                let lines = try await Self.scan(server)
                #expect(Self.enabledProtocols(lines) == ["TLSv1.3"], "\(lines)")
                #expect(Self.suites(lines) == Self.suites.filter { $0.hasPrefix("TLS_") }, "\(lines)")
            }
        }

        @Test("a session is resumed on another connection", arguments: ["-tls1_2", "-tls1_3"])
        func resumption(version: String) async throws {
            try await WebhookServer.with { server in
                let file = server.directory.file("session.pem")
                // The tickets of TLS 1.3 come after the handshake, so there has to be an exchange first.
                let request = "GET /validate HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                let common = ["s_client", "-connect", "127.0.0.1:\(server.port)", "-CAfile", server.caFile, "-ign_eof", version]
                let first = try await Tool.run("openssl", common + ["-sess_out", file], input: request)
                #expect(first.output.contains("\nNew, TLSv"), "\(first)")
                #expect(first.output.contains("\nCompression: NONE"), "\(first)")
                let second = try await Tool.run("openssl", common + ["-sess_in", file], input: request)
                #expect(second.output.contains("\nReused, TLSv"), "\(second)")
                #expect(second.output.contains("HTTP/1.1 405 "), "\(second)")
            }
        }

        private static func scan(_ server: WebhookServer) async throws -> [String] {
            let outcome = try await Tool.run("sslscan", ["--no-colour", "127.0.0.1:\(server.port)"])
            return outcome.lines.map { String($0.drop { $0 == " " }) }
        }

        private static func enabledProtocols(_ lines: [String]) -> [String] {
            lines.filter { $0.hasSuffix(" enabled") && ($0.hasPrefix("SSLv") || $0.hasPrefix("TLSv")) }
                .compactMap { $0.split(separator: " ").first.map(String.init) }
        }

        /// `Accepted  TLSv1.2  128 bits  ECDHE-ECDSA-AES128-GCM-SHA256   Curve 25519 DHE 253`, or `Preferred`.
        private static func suites(_ lines: [String]) -> Set<String> {
            Set(
                lines.map { $0.split(separator: " ") }
                    .filter { ["Accepted", "Preferred"].contains($0.first) && $0.count > 4 }
                    .map { String($0[4]) })
        }
    }
}

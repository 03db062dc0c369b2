import Glibc
import JSON
import Subprocess
import Testing

extension ProcessTests {
    @Suite("speaking to dbmmo")
    struct TransportTests {
        private static let json = ["--header", "Content-Type: application/json"]

        @Test(
            "curl is served with each supported version of TLS and HTTP, and HTTP/1.1 without ALPN",
            arguments: [
                (["--tlsv1.2", "--tls-max", "1.2"], "2"), (["--tlsv1.3"], "2"), (["--no-alpn"], "1.1"), (["--http1.1"], "1.1"),
                (["--http1.1", "--tls-max", "1.2"], "1.1")
            ])
        func curl(options: [String], version: String) async throws {
            try await WebhookServer.with { server in
                let format = ["--write-out", "\n%{http_code} %{http_version}", "--data-binary", "@-"]
                let outcome = try await server.curl("/validate", options + Self.json + format, input: Reviews.creation)
                #expect(outcome.exitCode == 0, "\(outcome)")
                #expect(outcome.lines.last == "200 \(version)")
                let answer = try EndToEndTests.json(outcome.lines.first ?? "")
                #expect(answer["response"]?["uid"]?.string == "c0ffee")
                #expect(answer["response"]?["allowed"]?.boolean == true)
            }
        }

        @Test("openssl verifies the certificate and agrees on http/1.1")
        func alpn() async throws {
            try await WebhookServer.with { server in
                let outcome = try await connect(to: server, ["-alpn", "h2-nobody-speaks,http/1.1", "-verify_return_error"])
                #expect(outcome.exitCode == 0, "\(outcome)")
                #expect(outcome.output.contains("ALPN protocol: http/1.1"))
                #expect(outcome.output.contains("Verify return code: 0 (ok)"))
            }
        }

        @Test("TLS 1.1 is refused")
        func oldTLS() async throws {
            try await WebhookServer.with { server in
                let outcome = try await connect(to: server, ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"])
                #expect(outcome.exitCode == 1)
                #expect(outcome.errorOutput.contains("alert protocol version"), "\(outcome)")
            }
        }

        @Test("with --tls-min-version 1.3 TLS 1.2 is refused")
        func minimumVersion() async throws {
            try await WebhookServer.with(options: ["--tls-min-version", "1.3", "--shutdown-delay", "0s"]) { server in
                let older = try await connect(to: server, ["-tls1_2"])
                #expect(older.errorOutput.contains("alert protocol version"), "\(older)")
                let newer = try await connect(to: server, ["-tls1_3"])
                #expect(newer.exitCode == 0, "\(newer)")
            }
        }

        @Test("plain HTTP on the TLS port gets an answer that says so")
        func plainHTTP() async throws {
            try await WebhookServer.with { server in
                let url = "http://127.0.0.1:\(server.port)/validate"
                let outcome = try await Tool.run("curl", ["--silent", "--max-time", "20", "--write-out", "%{http_code}", url])
                #expect(outcome.output == "This port speaks HTTPS, and the request was plain HTTP.\n400", "\(outcome)")
            }
        }

        @Test("clients that stop in the handshake, or leave without a word, do not disturb others")
        func brokenClients() async throws {
            try await WebhookServer.with { server in
                let clientHelloBegin: [UInt8] = [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03]
                let stalled = try (0..<20).map { _ in try RawConnection(port: server.port) }
                for connection in stalled { try connection.send(clientHelloBegin) }
                for _ in 0..<20 { try RawConnection(port: server.port).send(clientHelloBegin) }
                // Killed in the middle of a request, openssl cannot send close_notify.
                let killed = #"""
                    { printf 'POST /validate HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{'; sleep 1; } \
                        | timeout --signal KILL 0.5 openssl s_client -quiet -connect "127.0.0.1:$1" 2>&1
                    """#
                _ = try await Tool.run("sh", ["-c", killed, "sh", "\(server.port)"])
                let answer = try await server.post("/validate", Reviews.creation)
                #expect(answer.output.contains(#""allowed":true"#), "\(answer)")
                withExtendedLifetime(stalled) {}
                #expect(server.readiness == 200)
            }
        }

        /// Requests that cannot be answered as reviews: the options of curl, the body, the status code and what the Status says.
        static let unusable: [(path: String, options: [String], body: String?, code: Int, reason: String, message: String)] = [
            ("/nothing", json, "{}", 404, "NotFound", "there is nothing at this path"),
            ("/validate", [], nil, 405, "MethodNotAllowed", "/validate answers POST only"),
            ("/validate", json, #"{"a":"#, 400, "BadRequest", "the body is not JSON: the text ends at byte 5 in the middle of a value"),
            ("/validate", json, "", 400, "BadRequest", "the body is empty"),
            (
                "/validate", ["--header", "Content-Type: text/plain"], "{}", 415, "UnsupportedMediaType",
                "the Content-Type must be application/json"
            ),
            (
                "/validate", json, String(repeating: " ", count: 8 << 20 | 1), 413, "RequestEntityTooLarge",
                "the request body is limited to 8388608 bytes"
            )
        ]

        @Test("a request that is no review gets its status code and a Status that says why", arguments: unusable.indices, ["1.1", "2"])
        func unusableRequest(index: Int, version: String) async throws {
            let (path, options, body, code, reason, message) = Self.unusable[index]
            try await WebhookServer.with { server in
                let data = body == nil ? [] : ["--data-binary", "@-"]
                let outcome = try await server.curl(
                    path, options + data + ["--http\(version)", "--include", "--header", "Expect:"], input: body)
                let lines = outcome.lines
                #expect(lines.first?.hasPrefix("HTTP/\(version) \(code)") == true, "\(outcome)")
                // Names of fields are in lower case in HTTP/2.
                #expect(lines.contains { $0.lowercased() == "content-type: application/json" })
                #expect(lines.contains { $0.lowercased() == "allow: post" } == (code == 405))
                let status = try EndToEndTests.json(try #require(lines.last))
                #expect(status["kind"]?.string == "Status" && status["apiVersion"]?.string == "v1")
                #expect(status["status"]?.string == "Failure")
                #expect(status["code"]?.integer == Int64(code))
                #expect(status["reason"]?.string == reason)
                #expect(status["message"]?.string == message)
                #expect(server.readiness == 200)
            }
        }

        @Test("no secret of a request shows in the log, whether or not the request is a review")
        func noSecretsInTheLog() async throws {
            try await WebhookServer.with { server in
                let secret = "client-secret-6f1e"
                let refused = #"{"deploymentType":"Azure","azure":{"clientSecret":"\#(secret)","clientSecretRef":{"name":"s"}}}"#
                let bodies = [
                    Reviews.creation(spec: refused), #"{"clientSecret":"\#(secret)","#, secret
                ]
                for path in ["/validate", "/mutate", "/convert"] {
                    for body in bodies {
                        let answer = try await server.post(path, body)
                        #expect(answer.exitCode == 0)
                    }
                }
                let log = await server.log
                #expect(log.contains("refused") && log.contains("review not usable"))
                #expect(!log.contains(secret))
            }
        }

        private func connect(to server: WebhookServer, _ options: [String]) async throws -> Outcome {
            let common = ["s_client", "-connect", "127.0.0.1:\(server.port)", "-CAfile", server.caFile]
            return try await Tool.run("openssl", common + options, input: "")
        }
    }
}

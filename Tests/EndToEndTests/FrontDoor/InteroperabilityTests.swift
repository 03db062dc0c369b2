import JSON
import TestSupport
import Testing

extension FrontDoorTests {
    @Suite("clients of the world")
    struct InteroperabilityTests {
        private static let json = ["--header", "Content-Type: application/json"]
        private static let version = ["--write-out", "\n%{http_code} %{http_version}"]

        @Test("curl speaks HTTP/2, with each version of TLS", arguments: ["1.2", "1.3"])
        func curl(version: String) async throws {
            try await WebhookServer.with { server in
                let options = ["--http2", "--tlsv\(version)", "--tls-max", version, "--data-binary", "@-"] + Self.json + Self.version
                let outcome = try await server.curl("/validate", options, input: Reviews.creation)
                #expect(outcome.lines.last == "200 2", "\(outcome)")
                let answer = try EndToEndTests.json(outcome.lines.first ?? "")
                #expect(answer["response"]?["uid"]?.string == "c0ffee")
                #expect(answer["response"]?["allowed"]?.boolean == true)
            }
        }

        @Test("a review of 8 MiB is answered, and one byte more is not", arguments: ["--http2", "--http1.1"])
        func large(protocolOption: String) async throws {
            try await WebhookServer.with { server in
                let padding = String(repeating: " ", count: (8 << 20) - Reviews.creation.utf8.count)
                let options = [protocolOption, "--data-binary", "@-"] + Self.json + Self.version
                let fitting = try await server.curl("/validate", options, input: Reviews.creation + padding)
                #expect(fitting.lines.last?.hasPrefix("200 ") == true, "\(fitting)")
                #expect(fitting.output.contains(#""allowed":true"#))
                let larger = try await server.curl("/validate", options, input: Reviews.creation + padding + " ")
                #expect(larger.lines.last?.hasPrefix("413 ") == true, "\(larger)")
            }
        }

        @Test("a conversion of some megabytes comes back whole", arguments: ["--http2", "--http1.1"])
        func largeAnswer(protocolOption: String) async throws {
            try await WebhookServer.with { server in
                let review = Reviews.conversion(of: 1000)
                let outcome = try await server.curl("/convert", [protocolOption, "--data-binary", "@-"] + Self.json, input: review)
                let answer = try EndToEndTests.json(outcome.output)
                #expect(answer["response"]?["result"]?["status"]?.string == "Success")
                #expect(answer["response"]?["convertedObjects"]?.elements.count == 1000)
            }
        }

        @Test(
            "a client that expects 100 is told to go on, and one whose body is too large is refused first",
            arguments: ["--http2", "--http1.1"])
        func expectContinue(protocolOption: String) async throws {
            try await WebhookServer.with { server in
                let options = [
                    protocolOption, "--verbose", "--data-binary", "@-", "--expect100-timeout", "20", "--header", "Expect: 100-continue"
                ]
                let padding = String(repeating: " ", count: 2 << 20)
                let fitting = try await server.curl("/validate", options + Self.json + Self.version, input: Reviews.creation + padding)
                #expect(fitting.lines.last?.hasPrefix("200 ") == true, "\(fitting)")
                #expect(
                    fitting.errorLines.contains { $0.hasPrefix("< HTTP/") && $0.hasSuffix(" 100") || $0.hasSuffix("100 Continue") },
                    "\(fitting)")
                let larger = try await server.curl(
                    "/validate", options + Self.json + Self.version, input: String(repeating: " ", count: 8 << 20 | 1))
                #expect(larger.lines.last?.hasPrefix("413 ") == true, "\(larger)")
                #expect(!larger.errorLines.contains { $0.hasSuffix(" 100") || $0.hasSuffix("100 Continue") }, "\(larger)")
            }
        }

        @Test("the operations listener answers GET, and HEAD without a body")
        func operations() async throws {
            try await WebhookServer.with { server in
                for path in ["/healthz", "/readyz"] {
                    let url = "http://127.0.0.1:\(server.operationsPort)\(path)"
                    let whole = try await Tool.demand("curl", ["--silent", "--max-time", "20", "--include", url])
                    #expect(whole.hasPrefix("HTTP/1.1 200 OK\r\n"))
                    let head = try await Tool.demand("curl", ["--silent", "--max-time", "20", "--head", url])
                    #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n"))
                    #expect(head.hasSuffix("\r\n\r\n"))
                    #expect(whole.hasPrefix(head), "HEAD: \(head) GET: \(whole)")
                }
            }
        }

        @Test("nghttp gets one answer for each of a hundred streams")
        func nghttp() async throws {
            try await WebhookServer.with { server in
                let body = try server.directory.write(Reviews.creation, to: "review.json")
                let outcome = try await Tool.run(
                    "nghttp",
                    [
                        "--multiply", "100", "--no-verify-peer", "--data", body, "--header", "content-type: application/json",
                        server.url + "/validate"
                    ])
                #expect(outcome.exitCode == 0, "\(outcome)")
                #expect(outcome.output.ranges(of: #""allowed":true"#).count == 100, "\(outcome)")
            }
        }

        @Test("h2load with 100 connections sees no failed request", arguments: [["--max-concurrent-streams", "100"], ["--h1"]])
        func h2load(options: [String]) async throws {
            try await WebhookServer.with(options: ["--shutdown-delay", "0s", "--log-level", "warning"]) { server in
                let summary = try await LoadSummary.run(server, requests: 5000, clients: 100, options)
                print("figures: h2load \(options): \(summary)")
                #expect(summary.isClean)
                #expect(summary.succeeded == 5000)
            }
        }
    }
}

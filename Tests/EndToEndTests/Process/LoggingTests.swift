import Glibc
import JSON
import Subprocess
import TestSupport
import Testing

extension ProcessTests {
    @Suite("logging")
    struct LoggingTests {
        private static let refused = Reviews.creation(uid: "7f-1", spec: #"{"deploymentType":"OnCluster","replicas":3}"#)

        @Test("as JSON every line is an object, and a refusal says which object of whom was refused by which rules")
        func asJSON() async throws {
            try await WebhookServer.with(options: ["--log-format", "json", "--shutdown-delay", "0s"]) { server in
                _ = try await server.post("/validate", Self.refused)
                _ = try await server.post("/validate", "{")
                try await server.stop()
                let lines = try await server.log.split(separator: "\n").map { try json(String($0)) }
                #expect(lines.allSatisfy { $0.members.map(\.name).starts(with: ["ts", "level", "logger", "msg"]) })
                let refusals = lines.filter { $0["msg"]?.string == "refused" }
                try #require(refusals.count == 1)
                let names = ["level", "logger", "webhook", "uid", "object", "user", "operation", "rules"]
                #expect(
                    names.map { refusals[0][$0]?.string } == [
                        "info", "Webhooks", "validate", "7f-1", "shop/orders", "alice", "CREATE", "S1"
                    ])
                #expect(lines.last?["msg"]?.string == "stopped")
            }
        }

        @Test("as text a refusal says the same")
        func asText() async throws {
            try await WebhookServer.with(environment: ["DBMMO_LOG_FORMAT": "text"]) { server in
                _ = try await server.post("/validate", Self.refused)
                let line = try #require(await server.log.split(separator: "\n").first { $0.hasSuffix("] refused") })
                for part in [" info dbmmo", "uid=7f-1", "object=shop/orders", "user=alice", "operation=CREATE", "rules=S1", "[Webhooks]"] {
                    #expect(line.contains(part), "\(line)")
                }
            }
        }

        @Test("what ends the program is JSON too, where the log is")
        func failure() async throws {
            let outcome = try await Tool.run(Project.binary, ["serve", "--log-format", "json", "--cert-dir", "/nowhere"])
            #expect(outcome.exitCode == EX_CONFIG)
            let line = try json(try #require(outcome.errorLines.last))
            #expect(line["level"]?.string == "critical" && line["exit"]?.string == "78")
            #expect(line["msg"]?.string == "/nowhere/tls.crt does not exist")
        }

        @Test("its level comes from the option, else from DBMMO_LOG_LEVEL, else from LOG_LEVEL")
        func levels() async throws {
            /// Whether it says that it serves, which is of level info.
            func isTold(_ options: [String], _ environment: [Environment.Key: String?]) async throws -> Bool {
                try await TemporaryDirectory.with { directory in
                    try await Tool.demand(Project.binary, ["certs", "--dir", directory.path])
                    let port = try LoopbackAddress.freePort()
                    let process = try await ServerProcess.launch(
                        [
                            "serve", "--cert-dir", directory.path, "--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:\(port)",
                            "--shutdown-delay", "0s"
                        ] + options, environment: environment)
                    return try await withCleanup({ process.send(SIGKILL) }) {
                        try await poll("it is ready") {
                            try await Tool.run("curl", ["--silent", "--fail", "http://127.0.0.1:\(port)/readyz"]).exitCode == 0
                        }
                        process.send(SIGTERM)
                        try await process.ended()
                        return process.log.contains("serving")
                    }
                }
            }
            #expect(try await isTold([], ["LOG_LEVEL": "error"]) == false)
            #expect(try await isTold([], ["LOG_LEVEL": "error", "DBMMO_LOG_LEVEL": "info"]))
            #expect(try await isTold(["--log-level", "info"], ["DBMMO_LOG_LEVEL": "error"]))
        }
    }
}

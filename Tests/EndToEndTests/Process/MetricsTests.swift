import JSON
import Subprocess
import TestSupport
import Testing

extension ProcessTests {
    @Suite("watching dbmmo")
    struct MetricsTests {
        @Test("/metrics tells of requests, refusals, the certificate, connections and the process")
        func metrics() async throws {
            try await WebhookServer.with { server in
                _ = try await server.post("/validate", Reviews.creation)
                _ = try await server.post("/validate", Reviews.creation(spec: #"{"deploymentType":"OnCluster","replicas":3}"#))
                _ = try await server.post("/nothing", "{}")
                let url = "http://127.0.0.1:\(server.operationsPort)/metrics"
                let head = try await Tool.run("curl", ["--silent", "--max-time", "20", "--head", url])
                #expect(head.lines.contains("Content-Type: text/plain; version=0.0.4; charset=utf-8"), "\(head)")
                let page = try MetricsPage(parsing: try await Tool.demand("curl", ["--silent", "--max-time", "20", url]))
                for (outcome, code) in [("allowed", "200"), ("refused", "422")] {
                    let labels = ["webhook": "validate", "operation": "CREATE", "outcome": outcome, "code": code]
                    #expect(page["dbmmo_webhook_requests_total", labels] == 1)
                }
                #expect(page["dbmmo_webhook_refusals_total", ["rule": "S1"]] == 1)
                #expect(page["dbmmo_http_refused_total", ["reason": "unknown_path"]] == 1)
                let start = try #require(page["process_start_time_seconds"])
                #expect(try #require(page["dbmmo_tls_certificate_expiry_timestamp_seconds"]) > start)
                #expect(page["dbmmo_tls_certificate_reloads_total", ["result": "failure"]] == 0)
                #expect(page["dbmmo_http_connections"] != nil)
                #expect(page.metrics.allSatisfy { $0.help != nil })
            }
        }
    }
}

import HTTPServer
import Logging
import NIOCore
import NIOHTTP1
import PrometheusMetrics
import TestSupport
import Testing
import Webhooks

@Suite("What is counted of the webhooks")
struct WebhookMetricsTests {
    private let registry = PrometheusRegistry()

    /// The page after these requests.
    private func metrics(after requests: [(path: String, body: String)]) throws -> MetricsPage {
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let responder = WebhookResponder(logger: logger, metrics: WebhookMetrics(registry))
        for (path, body) in requests {
            _ = responder.respond(to: HTTPRequest(method: .POST, path: path, body: ByteBuffer(string: body)))
        }
        return try MetricsPage(parsing: String(buffer: registry.page()))
    }

    private func requests(_ page: MetricsPage, _ webhook: String, _ operation: String, _ outcome: String, _ code: String) -> Double? {
        page["dbmmo_webhook_requests_total", ["webhook": webhook, "operation": operation, "outcome": outcome, "code": code]]
    }

    private let good = objectText(#"{"deploymentType":"OnCluster","replicas":1}"#)
    private let legacy = objectText(#"{"size":1}"#, version: "v1alpha1")
    private let bad = objectText(#"{"deploymentType":"OnCluster","replicas":3,"onCluster":{"storage":{"capacity":"20GB"}}}"#)

    private func conversion(_ objects: [String], to version: String = "cache.my.domain/v1") -> (path: String, body: String) {
        (
            "/convert",
            """
            {"kind":"ConversionReview","apiVersion":"apiextensions.k8s.io/v1","request":{"uid":"c-1",
             "desiredAPIVersion":"\(version)","objects":[\(objects.joined(separator: ","))]}}
            """
        )
    }

    @Test("each request, by webhook, operation, outcome and the code that the user sees")
    func requests() throws {
        let protected = objectText(#"{"deletionProtection":true}"#)
        let page = try metrics(after: [
            ("/validate", admissionReview("CREATE", object: good)),
            ("/validate", admissionReview("CREATE", object: good)),
            ("/validate", admissionReview("CREATE", object: bad)),
            ("/validate", admissionReview("DELETE", oldObject: protected)),
            ("/validate", admissionReview("CONNECT")),
            ("/validate", admissionReview("UPDATE", object: good)),
            ("/mutate", admissionReview("CREATE", object: bad)),
            ("/mutate", "{"),
            conversion([legacy]), conversion([legacy], to: "cache.my.domain/v9"), ("/convert", "")
        ])
        #expect(requests(page, "validate", "CREATE", "allowed", "200") == 2)
        #expect(requests(page, "validate", "CREATE", "refused", "422") == 1)
        #expect(requests(page, "validate", "DELETE", "refused", "403") == 1)
        #expect(requests(page, "validate", "CONNECT", "allowed", "200") == 1)
        #expect(requests(page, "validate", "UPDATE", "failed", "400") == 1)
        #expect(requests(page, "mutate", "CREATE", "allowed", "200") == 1)
        #expect(requests(page, "mutate", "", "failed", "400") == 1)
        #expect(requests(page, "convert", "", "converted", "200") == 1)
        #expect(requests(page, "convert", "", "failed", "200") == 1)
        #expect(requests(page, "convert", "", "failed", "400") == 1)
        let counted = page.metrics.first { $0.name == "dbmmo_webhook_requests_total" }?.samples.reduce(0) { $0 + $1.value }
        #expect(counted == 11)
    }

    @Test("what is expected, from the start as 0")
    func start() throws {
        let page = try metrics(after: [])
        #expect(requests(page, "validate", "CREATE", "failed", "400") == 0)
        #expect(requests(page, "validate", "DELETE", "refused", "403") == 0)
        #expect(requests(page, "convert", "", "failed", "200") == 0)
        #expect(page["dbmmo_webhook_refusals_total", ["rule": "D1"]] == 0)
        #expect(page["dbmmo_conversion_objects_total", ["from": "v1alpha1", "to": "v1"]] == 0)
        #expect(page["dbmmo_webhook_request_duration_seconds_count", ["webhook": "convert"]] == 0)
    }

    @Test("the rules that refuse, each once a request, and not those that only warn")
    func rules() throws {
        let old = objectText(#"{"replicas":3}"#)
        // Refused for its capacity; the old number of replicas is a warning beside it.
        let worse = objectText(#"{"replicas":3,"onCluster":{"storage":{"capacity":"20GB"}}}"#)
        let page = try metrics(after: [
            ("/validate", admissionReview("UPDATE", object: worse, oldObject: old)),
            ("/validate", admissionReview("CREATE", object: bad)),
            ("/validate", admissionReview("CREATE", object: bad)),
            ("/validate", admissionReview("UPDATE", object: objectText(#"{"replicas":3,"version":"8.4"}"#), oldObject: old))
        ])
        let fired = page.metrics.first { $0.name == "dbmmo_webhook_refusals_total" }?.samples.filter { $0.value > 0 } ?? []
        #expect(Dictionary(uniqueKeysWithValues: fired.map { ($0.labels["rule"] ?? "", $0.value) }) == ["P1": 3, "S1": 2])
    }

    @Test("converted objects by their versions; none of a conversion that failed")
    func objects() throws {
        let foreign = #"{"apiVersion":"apps/v1","kind":"Deployment"}"#
        let page = try metrics(after: [
            conversion([legacy, good, legacy]), conversion([legacy, foreign]), conversion([good], to: "cache.my.domain/v1alpha1")
        ])
        #expect(page["dbmmo_conversion_objects_total", ["from": "v1alpha1", "to": "v1"]] == 2)
        #expect(page["dbmmo_conversion_objects_total", ["from": "v1", "to": "v1"]] == 1)
        #expect(page["dbmmo_conversion_objects_total", ["from": "v1", "to": "v1alpha1"]] == 1)
    }

    @Test("how long answers take, and how many are under way")
    func durations() throws {
        let page = try metrics(after: [("/validate", admissionReview("CREATE", object: good)), ("/validate", "{")])
        #expect(page["dbmmo_webhook_request_duration_seconds_count", ["webhook": "validate"]] == 2)
        let sum = try #require(page["dbmmo_webhook_request_duration_seconds_sum", ["webhook": "validate"]])
        #expect(sum > 0 && sum < 60)
        #expect(page["dbmmo_webhook_request_duration_seconds_bucket", ["webhook": "validate", "le": "0.0001"]] != nil)
        #expect(page["dbmmo_webhook_request_duration_seconds_bucket", ["webhook": "validate", "le": "10"]] == 2)
        #expect(page["dbmmo_webhook_requests_in_flight"] == 0)
    }

    @Test("is told by /metrics of the operations listener, with the media type of the text format")
    func endpoint() throws {
        registry.gauge("answer", help: "").set(42)
        let response = OperationsResponder(checks: [], metrics: registry).respond(to: HTTPRequest(method: .GET, path: "/metrics"))
        #expect(response.status == .ok)
        #expect(response.headers["Content-Type"] == ["text/plain; version=0.0.4; charset=utf-8"])
        #expect(try MetricsPage(parsing: String(buffer: response.body))["answer"] == 42)
        #expect(OperationsResponder.routes.contains(HTTPRoute(path: "/metrics", method: .GET)))
    }

    @Test("never holds what a request says")
    func bounded() throws {
        let secret = "Tr0ub4dor"
        let spec = #"{"deploymentType":"\#(secret)","credentials":{"password":"\#(secret)"}}"#
        _ = try metrics(after: [
            ("/validate", admissionReview("CREATE", object: objectText(spec))), ("/validate", admissionReview(secret)),
            ("/validate", admissionReview("CREATE", object: "{}", version: secret, kind: secret, group: secret)),
            conversion([legacy], to: secret), (secret, secret)
        ])
        #expect(!String(buffer: registry.page()).contains(secret))
    }
}

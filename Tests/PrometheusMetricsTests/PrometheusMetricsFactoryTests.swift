import CoreMetrics
import PrometheusMetrics
import TestSupport
import Testing

@Suite("What libraries tell through swift-metrics")
struct PrometheusMetricsFactoryTests {
    private let registry = PrometheusRegistry()
    private var factory: PrometheusMetricsFactory { PrometheusMetricsFactory(registry) }

    @Test("gets the names that Prometheus expects")
    func names() throws {
        Counter(label: "http.client.requests", dimensions: [("http.method", "GET")], factory: factory).increment(by: 2)
        Counter(label: "jobs_total", dimensions: [], factory: factory).increment()
        FloatingPointCounter(label: "cost", dimensions: [], factory: factory).increment(by: 0.5)
        Gauge(label: "queue-depth", dimensions: [], factory: factory).record(3)
        Meter(label: "load", dimensions: [], factory: factory).increment(by: 1.5)
        Recorder(label: "size", dimensions: [], aggregate: true, factory: factory).record(12)
        Timer(label: "call.duration", dimensions: [], factory: factory).recordMilliseconds(2)
        let page = try told(by: registry).page
        #expect(page["http_client_requests_total", ["http_method": "GET"]] == 2)
        #expect(page["jobs_total"] == 1)
        #expect(page["cost_total"] == 0.5)
        #expect(page["queue_depth"] == 3)
        #expect(page["load"] == 1.5)
        #expect(page["size_bucket", ["le": "100"]] == 1)
        #expect(page["size_bucket", ["le": "10"]] == 0)
        #expect(page["call_duration_seconds_sum"] == 0.002)
        #expect(page["call_duration_seconds_bucket", ["le": "0.0025"]] == 1)
    }

    @Test("counts together for the same label and dimensions, and starts again on reset")
    func shared() throws {
        let counters = (0..<2).map { _ in Counter(label: "c", dimensions: [("a", "b")], factory: factory) }
        for counter in counters { counter.increment() }
        #expect(try told(by: registry).page["c_total", ["a": "b"]] == 2)
        counters[0].increment(by: Int64(-5))
        counters[0].reset()
        counters[1].increment()
        #expect(try told(by: registry).page["c_total", ["a": "b"]] == 1)
    }

    @Test("is forgotten when the last one who made it destroys it")
    func destruction() throws {
        let counters = (0..<2).map { _ in Counter(label: "c", dimensions: [("a", "b")], factory: factory) }
        let timer = Timer(label: "t", dimensions: [], factory: factory)
        counters[0].destroy()
        timer.destroy()
        counters[1].increment()
        #expect(try told(by: registry).page["c_total", ["a": "b"]] == 1)
        #expect(try told(by: registry).page["t_seconds_count"] == nil)
        counters[1].destroy()
        #expect(try told(by: registry).page["c_total", ["a": "b"]] == nil)
    }

    @Test("cannot break the page, whatever its labels")
    func hostile() throws {
        let labels = ["", "\"", "a\nb 1", "# TYPE x counter", "é", "9"]
        for label in labels {
            Counter(label: label, dimensions: [(label, label), (label, "again")], factory: factory).increment()
            Timer(label: label, dimensions: [("le", label)], factory: factory).recordNanoseconds(1)
            Gauge(label: label + ".total", dimensions: [], factory: factory).record(1)
        }
        #expect(try told(by: registry).page.metrics.isEmpty == false)
    }
}

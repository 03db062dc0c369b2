import NIOCore
import PrometheusMetrics
import TestSupport
import Testing

/// The text of the page and the page as a strict reader finds it.
func told(by registry: PrometheusRegistry) throws -> (text: String, page: MetricsPage) {
    let text = String(buffer: registry.page())
    return (text, try MetricsPage(parsing: text))
}

@Suite("The page")
struct PrometheusRegistryTests {
    private let registry = PrometheusRegistry()

    @Test("of nothing is empty")
    func empty() {
        #expect(registry.page().readableBytes == 0)
    }

    @Test("is ordered by name and labels, with the lines of a metric together")
    func order() throws {
        _ = registry.gauge("b", help: "Second.")
        for code in ["500", "200"] { registry.counter("a_total", help: "First.", labels: ["code": code, "by": "me"]).increment() }
        #expect(
            try told(by: registry).text == """
                # HELP a_total First.
                # TYPE a_total counter
                a_total{by="me",code="200"} 1
                a_total{by="me",code="500"} 1
                # HELP b Second.
                # TYPE b gauge
                b 0

                """)
    }

    @Test("tells of a metric that has no series yet")
    func declared() throws {
        _ = registry.counters("refused_total", help: "Why.") { (reason: String) in ["reason": reason] }
        #expect(try told(by: registry).text == "# HELP refused_total Why.\n# TYPE refused_total counter\n")
    }

    @Test("escapes help and values, so that a reader finds them as they were")
    func escaping() throws {
        let nasty = "\\ \" \n \r\n \\n } , = é 🐬 \u{0}"
        registry.gauge("g", help: nasty, labels: ["l": nasty]).set(1)
        let page = try told(by: registry).page
        #expect(page.metrics.first?.help == nasty)
        #expect(page["g", ["l": nasty]] == 1)
    }

    @Test(
        "has only names that are allowed",
        arguments: [
            ("http.client-requests", "http_client_requests"), ("1st", "_1st"), ("", "_"), ("é", "_"), ("a:b", "a:b"), ("x y\nz", "x_y_z")
        ])
    func names(name: String, sanitized: String) throws {
        registry.gauge(name, help: "").set(1)
        #expect(try told(by: registry).page[sanitized] == 1)
    }

    @Test("has only labels that are allowed, each once")
    func labels() throws {
        let labels = PrometheusLabels([
            (name: "a.b", value: "first"), (name: "a_b", value: "second"), (name: "__name__", value: "x"), (name: "le", value: "y"),
            (name: "a:c", value: "z")
        ])
        registry.histogram("h", help: "", labels: labels, buckets: [1]).observe(1)
        #expect(try told(by: registry).page["h_count", ["a_b": "first", "_name__": "x", "le_": "y", "a_c": "z"]] == 1)
    }

    @Test(
        "writes numbers so that they read as the same ones",
        arguments: [0, -1, 0.1, 1e-9, 1.5e300, 1_795_000_000, 9_007_199_254_740_992, -Double.infinity, .infinity])
    func numbers(value: Double) throws {
        registry.gauge("g", help: "").set(value)
        #expect(try told(by: registry).page["g"] == value)
    }

    @Test("tells what is no number as such")
    func notANumber() throws {
        registry.gauge("g", help: "").set(.nan)
        #expect(try told(by: registry).text.hasSuffix("g NaN\n"))
    }

    @Test("reads what something else keeps when it is asked for, and leaves out what there is not")
    func readings() throws {
        let level = registry.gauge("level", help: "")
        registry.gauge("twice", help: "") { 42 }
        registry.counter("absent_total", help: "") { nil }
        // A reading may make metrics.
        registry.gauge("maker", help: "") { [registry] in
            registry.gauge("level", help: "").add(1)
            return 0
        }
        level.set(1)
        _ = registry.page()
        let page = try told(by: registry).page
        #expect(page["twice"] == 42)
        #expect(page["level"] == 2)
        #expect(page["absent_total"] == nil)
    }

    @Test("never tells two types under one name: what comes second counts for itself")
    func conflicts() throws {
        registry.counter("a", help: "").increment()
        registry.gauge("a", help: "").set(7)
        registry.gauge("a", help: "") { 8 }
        registry.histogram("h", help: "").observe(1)
        registry.counter("h_count", help: "").increment()
        _ = registry.counters("h_sum", help: "", known: ["x"]) { ["l": $0] }
        registry.counter("i_sum", help: "").increment()
        registry.histogram("i", help: "").observe(1)
        let page = try told(by: registry).page
        #expect(page.metrics.map(\.name) == ["a", "h", "i_sum"])
        #expect(page["a"] == 1)
    }

    @Test("gives the same metric for the same name and labels, in any order")
    func identity() {
        let one = registry.counter("c", help: "", labels: ["a": "1", "b": "2"])
        #expect(one === registry.counter("c", help: "", labels: ["b": "2", "a": "1"]))
        #expect(one !== registry.counter("c", help: "", labels: ["b": "2"]))
    }

    @Test("bounds the series of a metric: a label without end counts as other")
    func bounded() throws {
        let counters = registry.counters("c_total", help: "") { (number: Int) in ["number": String(number)] }
        for number in 0..<3_000 { counters[number].increment() }
        for number in 0..<3_000 { counters[number].increment() }
        let page = try told(by: registry).page
        #expect(page.metrics.first?.samples.count == 1_001)
        #expect(page["c_total", ["number": "999"]] == 2)
        #expect(page["c_total", ["number": "other"]] == 4_000)
    }
}

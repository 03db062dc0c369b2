import PrometheusMetrics
import TestSupport
import Testing

@Suite("Metrics")
struct MetricTests {
    private let registry = PrometheusRegistry()

    @Test("a counter adds whole amounts exactly, and fractions; it never goes down")
    func counter() throws {
        let counter = registry.counter("c", help: "")
        counter.increment(by: UInt64(1) << 53)
        counter.increment()
        #expect(try told(by: registry).text.hasSuffix("c 9007199254740993\n"))
        let small = registry.counter("small", help: "")
        small.increment(by: 0.5)
        small.increment(by: 2 as UInt64)
        for amount in [-1, .nan, .infinity, -0.0] { small.increment(by: amount) }
        #expect(try told(by: registry).page["small"] == 2.5)
    }

    @Test("a gauge goes up and down; no amount spoils it")
    func gauge() throws {
        let gauge = registry.gauge("g", help: "")
        gauge.set(5)
        for amount in [2, -3.5, .nan, .infinity] { gauge.add(amount) }
        #expect(try told(by: registry).page["g"] == 3.5)
    }

    @Test("a histogram counts a value in every bucket that it fits in, bounds included")
    func histogram() throws {
        let histogram = registry.histogram("h", help: "Sizes.", labels: ["of": "x"], buckets: [5, 0.1, .infinity, 1, 1, .nan])
        for value in [0.1, 0.2, 1, 6, .nan] { histogram.observe(value) }
        #expect(
            try told(by: registry).text == """
                # HELP h Sizes.
                # TYPE h histogram
                h_bucket{of="x",le="0.1"} 1
                h_bucket{of="x",le="1"} 3
                h_bucket{of="x",le="5"} 3
                h_bucket{of="x",le="+Inf"} 4
                h_sum{of="x"} 7.3
                h_count{of="x"} 4

                """)
    }

    @Test("counters by key are told from the start when the key is known beforehand, else from the first use")
    func counters() throws {
        let counters = registry.counters("c", help: "", known: ["a", "b"]) { ["key": $0] }
        counters["b"].increment()
        counters["z"].increment()
        counters["z"].increment()
        let samples = try told(by: registry).page.metrics.first?.samples ?? []
        #expect(samples.map { "\($0.labels["key"] ?? "") \($0.value)" } == ["a 0.0", "b 1.0", "z 2.0"])
    }

    @Test("lose nothing when many threads count, and every page in between is whole")
    func concurrency() async throws {
        let (tasks, rounds) = (8, 5_000)
        let counters = registry.counters("c", help: "") { (key: Int) in ["key": String(key)] }
        let (gauge, histogram) = (registry.gauge("g", help: ""), registry.histogram("h", help: "", buckets: [1, 2]))
        let fractions = registry.counter("f", help: "")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<tasks {
                group.addTask {
                    for round in 0..<rounds {
                        counters[round % 3].increment()
                        gauge.add(task.isMultiple(of: 2) ? 1 : -1)
                        histogram.observe(Double(round % 3))
                        fractions.increment(by: 0.25)
                    }
                }
            }
            group.addTask { [registry] in
                for _ in 0..<50 { _ = try told(by: registry) }
            }
            try await group.waitForAll()
        }
        let page = try told(by: registry).page
        #expect(page.metrics.first?.samples.reduce(0) { $0 + $1.value } == Double(tasks * rounds))
        #expect(page["g"] == 0)
        #expect(page["h_count"] == Double(tasks * rounds))
        #expect(page["f"] == Double(tasks * rounds) / 4)
    }
}

import Glibc
import TestSupport
import Testing

@testable import PrometheusMetrics

@Suite("The process")
struct ProcessMetricsTests {
    @Test("is told under the conventional names, with figures that can be true")
    func figures() throws {
        let registry = PrometheusRegistry()
        ProcessMetrics.register(in: registry)
        let page = try told(by: registry).page
        #expect(
            page.metrics.map(\.name) == [
                "process_cpu_seconds_total", "process_max_fds", "process_open_fds", "process_resident_memory_bytes",
                "process_start_time_seconds", "process_threads", "process_virtual_memory_bytes"
            ])
        #expect(page.metrics.first?.type == "counter")
        let start = try #require(page["process_start_time_seconds"])
        let now = Double(time(nil))
        #expect(start > now - 86_400 && start <= now + 1)
        let cpu = try #require(page["process_cpu_seconds_total"])
        #expect(cpu > 0 && cpu < 86_400)
        let (resident, virtual) = (page["process_resident_memory_bytes"] ?? 0, page["process_virtual_memory_bytes"] ?? 0)
        #expect(resident > 1e6 && resident < virtual)
        #expect(page["process_threads"] ?? 0 >= 1)
        let (open, maximum) = (page["process_open_fds"] ?? 0, page["process_max_fds"] ?? 0)
        #expect(open >= 1 && open <= maximum)
    }

    @Test("may have any name")
    func parsing() {
        let numbers = "S 1 7 7 0 -1 4194560 1 2 3 4 150 50 0 0 20 0 6 0 12345 10485760 256 18446744073709551615 1 1"
        let expected = ProcessStatus(cpuTicks: 200, threads: 6, startTicks: 12345, virtualBytes: 10_485_760, residentPages: 256)
        for name in ["dbmmo", "a b", ") S 1 (", "\n"] {
            #expect(ProcessStatus(parsing: "7 (\(name)) \(numbers)\n") == expected)
        }
        for broken in ["", "7 (x", "7 (x) S 1", "7 (x)"] { #expect(ProcessStatus(parsing: broken) == nil) }
    }
}
